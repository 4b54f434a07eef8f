// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <mutex>
#include <vector>

namespace keelson::apiserver {

/// A stream that has something to send.
class StreamSender {
public:
    virtual ~StreamSender() = default;
    /// Sends what waits. On the lane's thread.
    virtual void pump() = 0;
};

/// The streams of a lane that have something to send, served in rounds.
///
/// One wake of the lane's thread serves all that have gathered. Behind a round of many streams the next one waits for a
/// moment, longer the more they were: when events come faster than that, several of them go to each client in one
/// record by one call of the kernel. Few streams never wait, nor do many when they have been quiet.
class StreamRounds {
public:
    static constexpr std::size_t fewStreams = 4;
    static constexpr Duration restOfStream = std::chrono::microseconds{40};
    static constexpr Duration restMax = std::chrono::milliseconds{4};

    explicit StreamRounds(boost::asio::io_context& context) : m_context(context), m_timer(context) {}

    /// Any thread.
    void add(std::shared_ptr<StreamSender> sender);
    /// The lane's thread has ended: nobody is served any more.
    void end();

private:
    void serve();
    void planNext(std::size_t served);

    boost::asio::io_context& m_context;
    boost::asio::steady_timer m_timer;
    std::mutex m_mutex;
    std::vector<std::shared_ptr<StreamSender>> m_waiting;
    bool m_planned = false; ///< A round will come.
    bool m_ended = false;
};

} // namespace keelson::apiserver
