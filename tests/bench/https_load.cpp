// SPDX-License-Identifier: Apache-2.0
#include "bench/https_load.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <memory>
#include <stdexcept>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace keelson::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Deleter {
    void operator()(SSL_CTX* it) const { SSL_CTX_free(it); }
    void operator()(SSL* it) const { SSL_free(it); }
    void operator()(BIO* it) const { BIO_free(it); }
    void operator()(X509* it) const { X509_free(it); }
    void operator()(EVP_PKEY* it) const { EVP_PKEY_free(it); }
};
template <typename T>
using Owned = std::unique_ptr<T, Deleter>;

Owned<BIO> bioOf(const std::string& text)
{
    return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Owned<SSL_CTX> contextFor(const Target& target)
{
    Owned<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
    const Owned<X509> authority(PEM_read_bio_X509(bioOf(target.authority).get(), nullptr, nullptr, nullptr));
    const Owned<X509> certificate(PEM_read_bio_X509(bioOf(target.certificate).get(), nullptr, nullptr, nullptr));
    const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bioOf(target.key).get(), nullptr, nullptr, nullptr));
    if (!authority || !certificate || !key)
        throw std::runtime_error("the kubeconfig's certificates cannot be read");
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), authority.get());
    SSL_CTX_use_certificate(context.get(), certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), key.get());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    return context;
}

int connectTo(const Target& target)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(target.host.c_str(), target.port.c_str(), &hints, &found) != 0)
        throw std::runtime_error("unknown host " + target.host);
    const int socket = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int connected = ::connect(socket, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    if (connected != 0)
        throw std::runtime_error("cannot connect to " + target.host + ":" + target.port);
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
}

/// How long a whole reply at the start of `bytes` is; 0: it is not there yet.
std::size_t replyLength(const std::string& bytes)
{
    const auto head = bytes.find("\r\n\r\n");
    if (head == std::string::npos)
        return 0;
    std::string fields = bytes.substr(0, head);
    std::ranges::transform(fields, fields.begin(), [](unsigned char c) { return std::tolower(c); });
    constexpr std::string_view lengthField = "content-length: ";
    if (const auto at = fields.find(lengthField); at != std::string::npos) {
        std::size_t length = 0;
        const auto* const first = fields.data() + at + lengthField.size();
        std::from_chars(first, fields.data() + fields.size(), length);
        const auto whole = head + 4 + length;
        return bytes.size() >= whole ? whole : 0;
    }
    const auto end = bytes.find("0\r\n\r\n", head);
    return end == std::string::npos ? 0 : end + 5;
}

/// A TLS connection after its handshake.
Owned<SSL> handshake(SSL_CTX& context, int socket)
{
    Owned<SSL> tls(SSL_new(&context));
    SSL_set_fd(tls.get(), socket);
    if (SSL_connect(tls.get()) != 1)
        throw std::runtime_error("TLS handshake failed");
    return tls;
}

/// Takes head and framing off a chunked reply.
class ChunkedBody {
public:
    /// The bytes of the body in what has come; they are valid until the next call.
    const std::string& add(std::string_view bytes)
    {
        m_rest += bytes;
        m_body.clear();
        if (!m_headRead) {
            const auto end = m_rest.find("\r\n\r\n");
            if (end == std::string::npos)
                return m_body;
            m_headRead = true;
            m_rest.erase(0, end + 4);
        }
        std::size_t at = 0;
        while (at < m_rest.size()) {
            if (m_lineEnd > 0) {
                const auto part = std::min(m_lineEnd, m_rest.size() - at);
                m_lineEnd -= part;
                at += part;
            } else if (m_left == 0) {
                const auto line = m_rest.find("\r\n", at);
                if (line == std::string::npos)
                    break;
                std::from_chars(m_rest.data() + at, m_rest.data() + line, m_left, 16);
                at = line + 2;
            } else {
                const auto part = std::min(m_left, m_rest.size() - at);
                m_body.append(m_rest, at, part);
                m_left -= part;
                at += part;
                m_lineEnd = m_left == 0 ? 2 : 0;
            }
        }
        m_rest.erase(0, at);
        return m_body;
    }

private:
    std::string m_rest;
    std::string m_body;
    std::size_t m_left = 0;    ///< Of the present chunk.
    std::size_t m_lineEnd = 0; ///< Of the line's end behind it.
    bool m_headRead = false;
};

struct Connection {
    int socket = -1;
    Owned<SSL> tls;
    std::string received;
    Clock::time_point sentAt;
};

class Run {
public:
    Run(const Target& target, int connections, const MakeRequest& makeRequest)
        : m_context(contextFor(target)), m_epoll(epoll_create1(EPOLL_CLOEXEC)), m_makeRequest(makeRequest)
    {
        for (int i = 0; i < connections; ++i) {
            Connection connection;
            connection.socket = connectTo(target);
            connection.tls = handshake(*m_context, connection.socket);
            ::fcntl(connection.socket, F_SETFL, ::fcntl(connection.socket, F_GETFL) | O_NONBLOCK);
            m_connections.push_back(std::move(connection));
        }
        for (int i = 0; i < connections; ++i) {
            epoll_event event{.events = EPOLLIN, .data = {.u32 = static_cast<std::uint32_t>(i)}};
            epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_connections[static_cast<std::size_t>(i)].socket, &event);
        }
    }

    ~Run()
    {
        for (const auto& connection : m_connections)
            ::close(connection.socket);
        ::close(m_epoll);
    }

    Report go(double seconds)
    {
        const auto start = Clock::now();
        const auto end = start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
        for (auto& connection : m_connections)
            send(connection);
        epoll_event events[256];
        while (Clock::now() < end && m_finished < m_connections.size()) {
            const int count = epoll_wait(m_epoll, events, 256, 100);
            for (int i = 0; i < count; ++i)
                receive(m_connections[events[i].data.u32]);
        }
        m_report.seconds = std::chrono::duration<double>(Clock::now() - start).count();
        std::ranges::sort(m_report.milliseconds);
        return std::move(m_report);
    }

private:
    void send(Connection& connection)
    {
        const auto request = m_makeRequest(m_sent++);
        if (request.empty()) {
            ++m_finished;
            return;
        }
        connection.sentAt = Clock::now();
        // A request is far smaller than the socket's buffer: a short write would be a failure of the bench itself.
        if (SSL_write(connection.tls.get(), request.data(), static_cast<int>(request.size())) <= 0)
            throw std::runtime_error("the server closed a connection");
    }

    void receive(Connection& connection)
    {
        char buffer[65536];
        for (;;) {
            const int count = SSL_read(connection.tls.get(), buffer, sizeof buffer);
            if (count > 0) {
                connection.received.append(buffer, static_cast<std::size_t>(count));
                continue;
            }
            if (SSL_get_error(connection.tls.get(), count) == SSL_ERROR_WANT_READ)
                break;
            throw std::runtime_error("the server closed a connection: " + connection.received.substr(0, 200));
        }
        const auto length = replyLength(connection.received);
        if (length == 0)
            return;
        ++m_report.requests;
        m_report.milliseconds.push_back(
            std::chrono::duration<double, std::milli>(Clock::now() - connection.sentAt).count());
        constexpr std::size_t codeAt = 9; // behind "HTTP/1.1 "
        if (connection.received.size() <= codeAt || connection.received[codeAt] != '2') {
            if (m_report.failures++ == 0)
                m_report.firstFailure = connection.received.substr(0, length);
        }
        connection.received.erase(0, length);
        send(connection);
    }

    Owned<SSL_CTX> m_context;
    int m_epoll;
    const MakeRequest& m_makeRequest;
    std::vector<Connection> m_connections;
    std::uint64_t m_sent = 0;
    std::size_t m_finished = 0; ///< Connections that have nothing further to ask.
    Report m_report;
};

} // namespace

double Report::percentile(double part) const
{
    if (milliseconds.empty())
        return 0;
    const auto index = static_cast<std::size_t>(std::ceil(part * static_cast<double>(milliseconds.size())));
    return milliseconds[std::clamp<std::size_t>(index, 1, milliseconds.size()) - 1];
}

Report httpsLoad(const Target& target, int connections, double seconds, const MakeRequest& makeRequest)
{
    return Run(target, connections, makeRequest).go(seconds);
}

std::string httpsRequest(const Target& target, const std::string& request)
{
    const auto context = contextFor(target);
    const int socket = connectTo(target);
    std::string reply;
    {
        const auto tls = handshake(*context, socket);
        SSL_write(tls.get(), request.data(), static_cast<int>(request.size()));
        char buffer[65536];
        while (replyLength(reply) == 0) {
            const int count = SSL_read(tls.get(), buffer, sizeof buffer);
            if (count <= 0)
                break;
            reply.append(buffer, static_cast<std::size_t>(count));
        }
    }
    ::close(socket);
    return reply;
}

void httpsStream(const Target& target, const std::string& request,
                 const std::function<bool(std::string_view bytes)>& more)
{
    const auto context = contextFor(target);
    const int socket = connectTo(target);
    {
        const auto tls = handshake(*context, socket);
        SSL_write(tls.get(), request.data(), static_cast<int>(request.size()));
        const timeval wait{.tv_sec = 0, .tv_usec = 100'000};
        ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
        ChunkedBody body;
        char buffer[65536];
        for (;;) {
            const int count = SSL_read(tls.get(), buffer, sizeof buffer);
            if (count <= 0 && SSL_get_error(tls.get(), count) != SSL_ERROR_WANT_READ)
                break;
            if (!more(body.add({buffer, static_cast<std::size_t>(std::max(count, 0))})))
                break;
        }
    }
    ::close(socket);
}

} // namespace keelson::bench
