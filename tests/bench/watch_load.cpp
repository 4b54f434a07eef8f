// SPDX-License-Identifier: Apache-2.0
#include "bench/watch_load.h"

#include <charconv>
#include <stdexcept>
#include <string_view>

#include <sys/epoll.h>
#include <unistd.h>

namespace keelson::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// The object's number; 0 when it has none.
std::uint64_t numberIn(std::string_view event)
{
    constexpr std::string_view member = "\"n\":\"";
    std::uint64_t number = 0;
    if (const auto at = event.find(member); at != std::string_view::npos)
        std::from_chars(event.data() + at + member.size(), event.data() + event.size(), number);
    return number;
}

void awaitHead(const TlsConnection& connection)
{
    std::string head;
    char byte = 0;
    while (!head.ends_with("\r\n\r\n")) {
        if (SSL_read(connection.tls(), &byte, 1) != 1)
            throw std::runtime_error("a watch was not begun: " + head);
        head += byte;
    }
    if (!head.starts_with("HTTP/1.1 200"))
        throw std::runtime_error("a watch was refused: " + head);
}

} // namespace

WatchLoad::WatchLoad(const Target& target, std::size_t watches,
                     const std::function<std::string(std::size_t)>& makeRequest)
    : m_context(tlsContextFor(target))
{
    m_lines.reserve(watches);
    for (std::size_t i = 0; i < watches; ++i) {
        auto& line = m_lines.emplace_back(Line{.connection = TlsConnection(target, *m_context)});
        line.connection.send(makeRequest(i));
        awaitHead(line.connection);
        line.body.add("\r\n\r\n"); // where it takes the head to end
        line.connection.unblock();
    }
    m_thread = std::thread([this] { read(); });
}

WatchLoad::~WatchLoad()
{
    m_ending = true;
    if (m_thread.joinable())
        m_thread.join();
}

void WatchLoad::read()
{
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        epoll_event event{.events = EPOLLIN, .data = {.u32 = static_cast<std::uint32_t>(i)}};
        epoll_ctl(epoll, EPOLL_CTL_ADD, m_lines[i].connection.socket(), &event);
    }
    epoll_event events[256];
    while (!m_ending && !m_broken) {
        const int count = epoll_wait(epoll, events, 256, 100);
        for (int i = 0; i < count; ++i) {
            if (!receive(m_lines[events[i].data.u32]))
                m_broken = true;
        }
    }
    ::close(epoll);
}

/// False when the server has ended the watch.
bool WatchLoad::receive(Line& line)
{
    char buffer[65536];
    // Not until there is nothing more: a line that never falls silent would keep the others waiting.
    for (int i = 0; i < 16; ++i) {
        const int count = SSL_read(line.connection.tls(), buffer, sizeof buffer);
        if (count <= 0) {
            if (SSL_get_error(line.connection.tls(), count) == SSL_ERROR_WANT_READ)
                return true;
            m_why = "the server ended a watch: " + line.last;
            return false;
        }
        note(line.body.add({buffer, static_cast<std::size_t>(count)}), line);
    }
    return true;
}

void WatchLoad::note(const std::string& body, Line& line)
{
    const auto now = Clock::now();
    std::string_view left = body;
    if (!line.rest.empty()) {
        line.rest += body;
        left = line.rest;
    }
    std::uint64_t count = 0;
    for (auto end = left.find('\n'); end != std::string_view::npos; end = left.find('\n')) {
        const auto event = left.substr(0, end);
        m_arrivals.push_back({numberIn(event), now});
        if (event.starts_with("{\"type\":\"ERROR\""))
            line.last = event;
        left.remove_prefix(end + 1);
        ++count;
    }
    line.rest = std::string(left);
    m_events += count;
}

bool WatchLoad::await(std::uint64_t events, std::chrono::seconds limit) const
{
    const auto end = Clock::now() + limit;
    while (m_events < events && !m_broken) {
        if (Clock::now() > end)
            return false;
        ::usleep(1000);
    }
    return m_events >= events;
}

std::vector<WatchLoad::Arrival> WatchLoad::finish()
{
    m_ending = true;
    m_thread.join();
    if (m_broken)
        throw std::runtime_error(m_why);
    return std::move(m_arrivals);
}

} // namespace keelson::bench
