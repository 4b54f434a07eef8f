// SPDX-License-Identifier: Apache-2.0
#include "models/reachability.h"

#include <gtest/gtest.h>

namespace keelson::ui {
namespace {

using State = Reachability::State;

TEST(Reachability, isWhatTheLastQuestionsSay)
{
    Reachability cluster;
    cluster.asked(0);
    EXPECT_EQ(cluster.state(100), State::Connected);
    cluster.answered(100);
    EXPECT_EQ(cluster.state(1'000'000), State::Connected) << "that nobody asked says nothing";
    EXPECT_FALSE(cluster.isAsking());

    cluster.asked(2'000);
    EXPECT_EQ(cluster.state(2'000 + Reachability::slowAfterMs), State::Connected);
    EXPECT_EQ(cluster.state(2'001 + Reachability::slowAfterMs), State::Slow);
    EXPECT_EQ(cluster.silentMs(4'100), 4'000);
    cluster.failed(6'000, makeError(Reason::Timeout, "it did not answer in time"));
    EXPECT_EQ(cluster.state(6'000), State::Unavailable);
    EXPECT_EQ(cluster.problem()->message, "it did not answer in time");

    cluster.asked(7'000);
    EXPECT_EQ(cluster.state(7'100), State::Unavailable) << "a new question is no answer";
    cluster.answered(7'200);
    EXPECT_EQ(cluster.state(7'200), State::Connected);
    EXPECT_EQ(cluster.silentMs(7'200), 0);
    EXPECT_FALSE(cluster.problem());
}

TEST(Reachability, tellsRefusalsFromSilence)
{
    const struct {
        Reason reason;
        State state;
    } cases[] = {
        {Reason::Forbidden, State::Connected},       {Reason::NotFound, State::Connected},
        {Reason::TooManyRequests, State::Connected}, {Reason::ServiceUnavailable, State::Unavailable},
        {Reason::InternalError, State::Unavailable}, {Reason::Timeout, State::Unavailable},
        {Reason::Unauthorized, State::Unavailable},
    };
    for (const auto& [reason, state] : cases) {
        Reachability cluster;
        cluster.asked(0);
        cluster.failed(10, makeError(reason, "no"));
        EXPECT_EQ(cluster.state(10), state) << reasonName(reason);
    }
}

} // namespace
} // namespace keelson::ui
