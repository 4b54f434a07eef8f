// SPDX-License-Identifier: Apache-2.0
#include "apiserver/windowed_stream.h"

#include <algorithm>

namespace keelson::apiserver {

void WindowedStream::write(std::string bytes)
{
    {
        const std::scoped_lock lock(m_mutex);
        if (m_waiting.empty())
            m_waiting = std::move(bytes);
        else
            m_waiting += bytes;
    }
    pass();
}

void WindowedStream::closeInput()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_ends = true;
    }
    pass();
}

void WindowedStream::taken(std::size_t bytes)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_underWay -= std::min(bytes, m_underWay);
    }
    pass();
}

/// One thread passes on; what comes meanwhile, also from within the calls, it takes along.
void WindowedStream::pass()
{
    for (;;) {
        std::string piece;
        {
            const std::scoped_lock lock(m_mutex);
            const auto room = client::podStreamWindowBytes - std::min(m_underWay, client::podStreamWindowBytes);
            const bool end = m_ends && !m_ended && m_waiting.empty();
            if (m_passing || (!end && (m_waiting.empty() || room == 0)))
                return;
            m_passing = true;
            m_ended = end;
            piece = m_waiting.substr(m_passed, room);
            m_passed += piece.size();
            m_underWay += piece.size();
            if (m_passed == m_waiting.size()) {
                m_waiting = {};
                m_passed = 0;
            }
        }
        if (piece.empty())
            m_stream->closeInput();
        else
            m_stream->write(std::move(piece));
        const std::scoped_lock lock(m_mutex);
        m_passing = false;
    }
}

} // namespace keelson::apiserver
