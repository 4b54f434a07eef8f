// SPDX-License-Identifier: Apache-2.0
#include "apiserver/stream_rounds.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace keelson::apiserver {

void StreamRounds::add(std::shared_ptr<StreamSender> sender)
{
    {
        const std::scoped_lock lock(m_mutex);
        if (m_ended)
            return;
        m_waiting.push_back(std::move(sender));
        if (std::exchange(m_planned, true))
            return;
    }
    boost::asio::post(m_context, [this] { serve(); });
}

void StreamRounds::end()
{
    std::vector<std::shared_ptr<StreamSender>> dropped; // Freed outside the lock.
    const std::scoped_lock lock(m_mutex);
    m_ended = true;
    dropped.swap(m_waiting);
}

void StreamRounds::serve()
{
    std::vector<std::shared_ptr<StreamSender>> round;
    {
        const std::scoped_lock lock(m_mutex);
        round.swap(m_waiting);
        m_planned = !round.empty();
    }
    if (round.empty())
        return;
    for (const auto& sender : round)
        sender->pump();
    planNext(round.size());
}

void StreamRounds::planNext(std::size_t served)
{
    if (served > fewStreams) {
        m_timer.expires_after(std::min(restMax, restOfStream * static_cast<Duration::rep>(served)));
        m_timer.async_wait([this](const boost::system::error_code& failure) {
            if (!failure)
                serve();
        });
        return;
    }
    {
        const std::scoped_lock lock(m_mutex);
        m_planned = !m_waiting.empty();
        if (!m_planned)
            return;
    }
    boost::asio::post(m_context, [this] { serve(); }); // Behind what else the lane has to do.
}

} // namespace keelson::apiserver
