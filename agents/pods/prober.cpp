// SPDX-License-Identifier: Apache-2.0
#include "pods/prober.h"

#include "pods/pod_specs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

namespace keelson::pods {
namespace {

constexpr std::size_t outputBytesMax = 10UL * 1024;

/// Closes its descriptor.
class Descriptor {
public:
    explicit Descriptor(int value) : m_value(value) {}
    ~Descriptor()
    {
        if (m_value >= 0)
            ::close(m_value);
    }
    Descriptor(Descriptor&& other) noexcept : m_value(std::exchange(other.m_value, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    int get() const { return m_value; }

private:
    int m_value;
};

Result<Descriptor> connectTo(const std::string& host, int port, Milliseconds timeout)
{
    const auto refused = [&](std::string_view why) {
        return fail(Reason::ServiceUnavailable, fmt::format("dial tcp {}:{}: {}", host, port, why));
    };
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); code != 0)
        return refused(::gai_strerror(code));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
    Descriptor socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.get() < 0)
        return refused(std::strerror(errno));
    if (::connect(socket.get(), found->ai_addr, found->ai_addrlen) != 0 && errno != EINPROGRESS)
        return refused("connect: " + std::string(std::strerror(errno)));
    pollfd waiting{.fd = socket.get(), .events = POLLOUT, .revents = 0};
    if (::poll(&waiting, 1, static_cast<int>(timeout.count())) <= 0)
        return refused("i/o timeout");
    int cause = 0;
    socklen_t size = sizeof cause;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &cause, &size);
    if (cause != 0)
        return refused("connect: " + std::string(std::strerror(cause)));
    ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) & ~O_NONBLOCK);
    timeval limit{};
    limit.tv_sec = timeout.count() / 1000;
    limit.tv_usec = timeout.count() % 1000 * 1000;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return socket;
}

/// Sends the request and gives the first bytes of the reply; over TLS the certificate is not looked at, as a probe asks
/// by address.
Result<std::string> exchangeHttp(const Descriptor& socket, const std::string& request, bool secure)
{
    const auto silent = [] {
        return fail(Reason::Timeout, "no reply in time (Client.Timeout exceeded while awaiting headers)");
    };
    std::array<char, 4096> bytes{};
    std::string reply;
    if (!secure) {
        if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
            return silent();
        while (reply.find("\r\n") == std::string::npos && reply.size() < bytes.size()) {
            const auto count = ::recv(socket.get(), bytes.data(), bytes.size(), 0);
            if (count <= 0)
                return reply.empty() && count < 0 ? Result<std::string>(silent()) : reply;
            reply.append(bytes.data(), static_cast<std::size_t>(count));
        }
        return reply;
    }
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context.get()), SSL_free);
    SSL_set_fd(tls.get(), socket.get());
    if (SSL_connect(tls.get()) != 1)
        return fail(Reason::ServiceUnavailable, "the TLS handshake failed");
    SSL_write(tls.get(), request.data(), static_cast<int>(request.size()));
    const int count = SSL_read(tls.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (count <= 0)
        return silent();
    return std::string(bytes.data(), static_cast<std::size_t>(count));
}

/// The runtime has no answer: it is away, or the container has gone. Whether the container is well is not known.
ProbeResult unanswered(const Error& error)
{
    const bool silent = error.reason == Reason::ServiceUnavailable || error.reason == Reason::NotFound ||
                        error.reason == Reason::Conflict;
    return {.message = error.message, .asked = !silent};
}

/// Waits for the end of a stream.
struct Listener {
    std::mutex mutex;
    std::condition_variable ended;
    std::string output;
    std::optional<Result<int>> outcome;
};

} // namespace

ProbeResult NetworkProber::exec(const ProbeTarget& target, const std::vector<std::string>& command)
{
    const auto listener = std::make_shared<Listener>();
    containers::StreamHandler handler;
    handler.data = [listener](auto, std::string_view bytes) {
        const std::scoped_lock lock(listener->mutex);
        listener->output += bytes.substr(0, outputBytesMax - std::min(outputBytesMax, listener->output.size()));
    };
    handler.ended = [listener](Result<int> code) {
        const std::scoped_lock lock(listener->mutex);
        listener->outcome = std::move(code);
        listener->ended.notify_all();
    };
    const auto stream = m_runtime.exec(target.containerId, {.command = command}, std::move(handler));
    if (!stream)
        return unanswered(stream.error());
    std::unique_lock lock(listener->mutex);
    if (!listener->ended.wait_for(lock, target.timeout, [&] { return listener->outcome.has_value(); }))
        return {.message = fmt::format("command \"{}\" timed out", fmt::join(command, " "))};
    const auto& outcome = *listener->outcome;
    if (!outcome)
        return unanswered(outcome.error());
    return {.ok = *outcome == 0, .message = listener->output};
}

ProbeResult NetworkProber::httpGet(const ProbeTarget& target, const api::HTTPGetAction& action, int port)
{
    const auto host = action.host.empty() ? target.ip : action.host;
    const auto path = action.path.empty() ? "/" : action.path.front() == '/' ? action.path : "/" + action.path;
    const bool secure = action.scheme == "HTTPS";
    const auto url = fmt::format("Get \"{}://{}:{}{}\"", secure ? "https" : "http", host, port, path);
    const auto socket = connectTo(host, port, target.timeout);
    if (!socket)
        return {.message = fmt::format("{}: {}", url, socket.error().message)};
    auto hostHeader = fmt::format("{}:{}", host, port);
    std::string headers;
    for (const auto& header : action.httpHeaders) {
        if (header.name == "Host" || header.name == "host")
            hostHeader = header.value;
        else
            headers += fmt::format("{}: {}\r\n", header.name, header.value);
    }
    const auto request = fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: kube-probe/1.32\r\nAccept: */*\r\n"
                                     "Connection: close\r\n{}\r\n",
                                     path, hostHeader, headers);
    const auto reply = exchangeHttp(*socket, request, secure);
    if (!reply)
        return {.message = fmt::format("{}: {}", url, reply.error().message)};
    if (!reply->starts_with("HTTP/1.") || reply->size() < 12)
        return {.message = fmt::format("{}: malformed HTTP response", url)};
    const int status = std::atoi(reply->substr(9, 3).c_str());
    if (status >= 200 && status < 400)
        return {.ok = true};
    return {.message = fmt::format("HTTP probe failed with statuscode: {}", status)};
}

ProbeResult NetworkProber::tcpConnect(const ProbeTarget& target, const std::string& host, int port)
{
    const auto socket = connectTo(host.empty() ? target.ip : host, port, target.timeout);
    return socket ? ProbeResult{.ok = true} : ProbeResult{.message = socket.error().message};
}

void NetworkProber::pause(Milliseconds time)
{
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, time, [] { return false; });
}

namespace {

template <typename Handler>
ProbeResult askHandler(Prober& prober, const ProbeTarget& target, const api::Container& container,
                       const Handler& handler)
{
    if (handler.exec)
        return prober.exec(target, handler.exec->command);
    if (handler.httpGet) {
        const auto port = resolvePort(handler.httpGet->port, container);
        return port ? prober.httpGet(target, *handler.httpGet, *port) : ProbeResult{.message = port.error().message};
    }
    if (handler.tcpSocket) {
        const auto port = resolvePort(handler.tcpSocket->port, container);
        return port ? prober.tcpConnect(target, handler.tcpSocket->host, *port)
                    : ProbeResult{.message = port.error().message};
    }
    return {.message = "this agent does exec, httpGet and tcpSocket only"};
}

} // namespace

ProbeResult ask(Prober& prober, const ProbeTarget& target, const api::Container& container, const api::Probe& probe)
{
    return askHandler(prober, target, container, probe);
}

ProbeResult ask(Prober& prober, const ProbeTarget& target, const api::Container& container,
                const api::LifecycleHandler& hook)
{
    if (hook.sleep) {
        // Not past the time that the hook has, as with kubelet.
        prober.pause(std::min<Milliseconds>(std::chrono::seconds{hook.sleep->seconds}, target.timeout));
        return {.ok = true};
    }
    return askHandler(prober, target, container, hook);
}

} // namespace keelson::pods
