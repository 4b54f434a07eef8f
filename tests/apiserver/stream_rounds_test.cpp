// SPDX-License-Identifier: Apache-2.0
#include "apiserver/stream_rounds.h"

#include <gtest/gtest.h>

namespace keelson::apiserver {
namespace {

class Counted : public StreamSender {
public:
    void pump() override { ++sent; }
    int sent = 0;
};

class StreamRoundsTest : public testing::Test {
protected:
    /// Everybody has something to send.
    void addAll()
    {
        for (const auto& sender : m_senders)
            m_rounds.add(sender);
    }
    void makeSenders(std::size_t count)
    {
        for (std::size_t i = 0; i < count; ++i)
            m_senders.push_back(std::make_shared<Counted>());
    }
    int sent() const
    {
        int all = 0;
        for (const auto& sender : m_senders)
            all += sender->sent;
        return all;
    }
    void poll()
    {
        m_context.restart();
        m_context.poll();
    }

    boost::asio::io_context m_context{1};
    StreamRounds m_rounds{m_context};
    std::vector<std::shared_ptr<Counted>> m_senders;
};

TEST_F(StreamRoundsTest, fewStreamsNeverWait)
{
    makeSenders(StreamRounds::fewStreams);
    for (int round = 1; round <= 3; ++round) {
        addAll();
        EXPECT_LT(sent(), round * 4) << "inside the call";
        poll();
        EXPECT_EQ(sent(), round * 4);
    }
}

TEST_F(StreamRoundsTest, manyRestBehindARound)
{
    makeSenders(1000);
    addAll();
    poll();
    EXPECT_EQ(sent(), 1000);
    const SystemClock clock;
    const auto served = clock.steady();
    addAll();
    m_context.restart();
    while (sent() < 2000)
        m_context.run_one();
    EXPECT_EQ(sent(), 2000);
    EXPECT_GE(clock.steady() - served, StreamRounds::restMax - std::chrono::milliseconds{1});
}

TEST_F(StreamRoundsTest, manyThatWereQuietDoNotWait)
{
    makeSenders(1000);
    addAll();
    poll();
    m_context.restart();
    m_context.run(); // the rest, in which nobody came
    addAll();
    poll();
    EXPECT_EQ(sent(), 2000);
}

TEST_F(StreamRoundsTest, letsGoOfAllAtTheEnd)
{
    makeSenders(2);
    addAll();
    m_rounds.end();
    addAll();
    poll();
    EXPECT_EQ(sent(), 0);
    EXPECT_EQ(m_senders.front().use_count(), 1);
}

} // namespace
} // namespace keelson::apiserver
