// SPDX-License-Identifier: Apache-2.0
#include "bench/https_load.h"

#include "bench/http_reply.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace keelson::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t readBytes = 65536;

Clock::duration secondsOf(double seconds)
{
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

struct Connection {
    TlsConnection line;
    ReplyReader reply;
    std::uint64_t number = 0; ///< Of the request under way.
    Clock::time_point sentAt;
};

class Run {
public:
    Run(const Target& target, const LoadOptions& options, const MakeRequest& makeRequest)
        : m_options(options),
          m_makeRequest(makeRequest),
          m_context(tlsContextFor(target)),
          m_epoll(epoll_create1(EPOLL_CLOEXEC))
    {
        for (int i = 0; i < options.connections; ++i)
            m_connections.push_back({.line = TlsConnection(target, *m_context)});
        for (std::size_t i = 0; i < m_connections.size(); ++i) {
            m_connections[i].line.unblock();
            epoll_event event{.events = EPOLLIN, .data = {.u32 = static_cast<std::uint32_t>(i)}};
            epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_connections[i].line.socket(), &event);
            m_free.push_back(i);
        }
    }
    ~Run() { ::close(m_epoll); }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    Report go()
    {
        const auto start = Clock::now();
        const auto end = start + secondsOf(m_options.seconds);
        m_due = start;
        epoll_event events[256];
        for (;;) {
            const auto now = Clock::now();
            if (now >= end || m_finished == m_connections.size())
                break;
            sendDue(now);
            const int wait = m_free.empty() ? 100 : 1; // ms
            const int count = epoll_wait(m_epoll, events, 256, wait);
            for (int i = 0; i < count; ++i)
                receive(events[i].data.u32);
        }
        m_report.seconds = std::chrono::duration<double>(Clock::now() - start).count();
        std::ranges::sort(m_report.milliseconds);
        return std::move(m_report);
    }

private:
    void sendDue(Clock::time_point now)
    {
        while (!m_free.empty() && (m_options.perSecond == 0 || m_due <= now)) {
            if (m_options.perSecond > 0)
                m_due += secondsOf(1 / m_options.perSecond);
            auto& connection = m_connections[m_free.back()];
            m_free.pop_back();
            connection.number = m_sent++;
            const auto request = m_makeRequest(connection.number);
            if (request.empty()) {
                ++m_finished;
                continue;
            }
            connection.sentAt = Clock::now();
            connection.line.send(request);
        }
    }

    void receive(std::size_t index)
    {
        auto& connection = m_connections[index];
        char buffer[readBytes];
        for (;;) {
            const int count = SSL_read(connection.line.tls(), buffer, sizeof buffer);
            if (count > 0) {
                connection.reply.add({buffer, static_cast<std::size_t>(count)});
                continue;
            }
            if (SSL_get_error(connection.line.tls(), count) == SSL_ERROR_WANT_READ)
                break;
            throw std::runtime_error("the server closed a connection: " + connection.reply.beginning().substr(0, 200));
        }
        if (!connection.reply.whole())
            return;
        ++m_report.requests;
        m_report.milliseconds.push_back(
            std::chrono::duration<double, std::milli>(Clock::now() - connection.sentAt).count());
        if (!connection.reply.succeeded()) {
            if (m_report.failures++ == 0)
                m_report.firstFailure = connection.reply.beginning();
        } else if (m_options.answered) {
            m_options.answered(connection.number);
        }
        connection.reply.reset();
        m_free.push_back(index);
        if (m_options.perSecond == 0)
            sendDue({});
    }

    const LoadOptions& m_options;
    const MakeRequest& m_makeRequest;
    TlsContext m_context;
    int m_epoll;
    std::vector<Connection> m_connections;
    std::vector<std::size_t> m_free; ///< Connections without a request under way.
    Clock::time_point m_due;         ///< When the next request may go.
    std::uint64_t m_sent = 0;
    std::size_t m_finished = 0; ///< Connections that have nothing further to ask.
    Report m_report;
};

} // namespace

double percentile(const std::vector<double>& sorted, double part)
{
    if (sorted.empty())
        return 0;
    const auto index = static_cast<std::size_t>(std::ceil(part * static_cast<double>(sorted.size())));
    return sorted[std::clamp<std::size_t>(index, 1, sorted.size()) - 1];
}

Report httpsLoad(const Target& target, const LoadOptions& options, const MakeRequest& makeRequest)
{
    return Run(target, options, makeRequest).go();
}

Report httpsLoad(const Target& target, int connections, double seconds, const MakeRequest& makeRequest)
{
    return httpsLoad(target, LoadOptions{.connections = connections, .seconds = seconds}, makeRequest);
}

std::string httpsRequest(const Target& target, const std::string& request)
{
    const auto context = tlsContextFor(target);
    const TlsConnection line(target, *context);
    line.send(request);
    std::string reply;
    ReplyReader reader;
    char buffer[readBytes];
    while (!reader.whole()) {
        const int count = SSL_read(line.tls(), buffer, sizeof buffer);
        if (count <= 0)
            break;
        const std::string_view bytes(buffer, static_cast<std::size_t>(count));
        reader.add(bytes);
        reply += bytes;
    }
    return reply;
}

void httpsStream(const Target& target, const std::string& request,
                 const std::function<bool(std::string_view bytes)>& more)
{
    const auto context = tlsContextFor(target);
    const TlsConnection line(target, *context);
    line.send(request);
    const timeval wait{.tv_sec = 0, .tv_usec = 100'000};
    ::setsockopt(line.socket(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    ChunkedBody body;
    char buffer[readBytes];
    for (;;) {
        const int count = SSL_read(line.tls(), buffer, sizeof buffer);
        if (count <= 0 && SSL_get_error(line.tls(), count) != SSL_ERROR_WANT_READ)
            break;
        if (!more(body.add({buffer, static_cast<std::size_t>(std::max(count, 0))})))
            break;
    }
}

} // namespace keelson::bench
