// SPDX-License-Identifier: Apache-2.0
#include "apiserver/stream_queue.h"

#include <utility>

namespace keelson::apiserver {

std::function<void()> StreamQueue::wakeOnce()
{
    return std::exchange(m_woken, true) ? std::function<void()>() : m_wake;
}

bool StreamQueue::write(std::vector<Chunk> pieces)
{
    std::size_t size = 0;
    for (const auto& piece : pieces)
        size += piece.bytes.size();
    std::function<void()> wake;
    {
        const std::scoped_lock lock(m_mutex);
        if (m_ended || m_abandoned || m_bytes + size > m_bytesMax)
            return false;
        m_bytes += size;
        for (auto& piece : pieces)
            m_chunks.push_back(std::move(piece));
        wake = wakeOnce();
    }
    if (wake)
        wake();
    return true;
}

void StreamQueue::finish(bool broken)
{
    std::function<void()> wake;
    {
        const std::scoped_lock lock(m_mutex);
        if (std::exchange(m_ended, true) || m_abandoned)
            return;
        m_broken = broken;
        wake = wakeOnce();
    }
    if (wake)
        wake();
}

std::size_t StreamQueue::size()
{
    const std::scoped_lock lock(m_mutex);
    return m_bytes;
}

void StreamQueue::take(std::string& out, std::size_t bytes)
{
    const std::scoped_lock lock(m_mutex);
    while (!m_chunks.empty()) {
        const auto rest = m_chunks.front().bytes.substr(m_offset);
        const auto part = rest.substr(0, bytes);
        out += part;
        bytes -= part.size();
        m_bytes -= part.size();
        if (part.size() < rest.size()) {
            m_offset += part.size();
            break;
        }
        m_chunks.pop_front();
        m_offset = 0;
    }
    if (m_chunks.empty())
        m_woken = false; // Whoever writes next wakes again.
}

bool StreamQueue::atEnd()
{
    const std::scoped_lock lock(m_mutex);
    return m_ended && m_chunks.empty();
}

bool StreamQueue::isBroken()
{
    const std::scoped_lock lock(m_mutex);
    return m_broken;
}

void StreamQueue::abandon()
{
    std::function<void()> wake; // Freed after the lock: it may be the last owner of the connection.
    std::deque<Chunk> chunks;
    const std::scoped_lock lock(m_mutex);
    m_abandoned = true;
    m_bytes = 0;
    chunks.swap(m_chunks);
    wake.swap(m_wake);
}

} // namespace keelson::apiserver
