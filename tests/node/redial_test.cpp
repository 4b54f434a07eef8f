// SPDX-License-Identifier: Apache-2.0
#include "node/redial.h"

#include <gtest/gtest.h>

namespace keelson::node {
namespace {

using namespace std::chrono_literals;

TEST(Redial, waitsLongerEachTimeUntilASessionHasLasted)
{
    Redial redial;
    SteadyTime now{};
    const auto waitAfter = [&](std::optional<std::chrono::seconds> session) {
        if (session) {
            redial.connected(now);
            now += *session;
        }
        redial.ended(now, 60s);
        return redial.next(10s);
    };
    EXPECT_EQ(waitAfter(std::nullopt), 200ms);
    EXPECT_EQ(waitAfter(std::nullopt), 400ms);
    EXPECT_EQ(waitAfter(0s), 800ms) << "welcomed, and replaced at once by another agent of the name";
    EXPECT_EQ(waitAfter(15s), 1600ms);
    for (int i = 0; i < 5; ++i)
        waitAfter(0s);
    EXPECT_EQ(waitAfter(0s), 10s);
    EXPECT_EQ(waitAfter(60s), 200ms) << "it has lasted";
    EXPECT_EQ(waitAfter(std::nullopt), 400ms) << "only the session counts, not the time since";
}

} // namespace
} // namespace keelson::node
