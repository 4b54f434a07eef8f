// SPDX-License-Identifier: Apache-2.0
#include "auth/https_client.h"

#include "auth/openssl_pointers.h"
#include "base/host_port.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <optional>

namespace keelson::auth {
namespace {

using ContextPointer = Owned<SSL_CTX, SSL_CTX_free>;
using ConnectionPointer = Owned<SSL, SSL_free>;

struct Url {
    std::string host;
    std::string port = "443";
    std::string authority; ///< "HOST" or "HOST:PORT", as the URL has it.
    std::string path = "/";
};

std::optional<Url> parseUrl(std::string_view text)
{
    constexpr std::string_view scheme = "https://";
    if (!text.starts_with(scheme))
        return std::nullopt;
    text.remove_prefix(scheme.size());
    Url url;
    const auto slash = text.find('/');
    url.authority = text.substr(0, slash);
    if (slash != std::string_view::npos)
        url.path = text.substr(slash);
    url.host = url.authority;
    if (const auto parts = HostPort::parse(url.authority)) {
        url.host = parts->host;
        url.port = std::to_string(parts->port);
    }
    const auto plain = [](std::string_view part) { return part.find_first_of(" \r\n\t@#") == std::string_view::npos; };
    if (url.host.empty() || !plain(url.authority) || !plain(url.path))
        return std::nullopt;
    return url;
}

class Socket {
public:
    Socket() = default;
    ~Socket() { close(); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    /// Empty, or why there is no connection.
    std::string connect(const Url& url, std::chrono::seconds timeout)
    {
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* found = nullptr;
        if (const int code = ::getaddrinfo(url.host.c_str(), url.port.c_str(), &hints, &found); code != 0)
            return ::gai_strerror(code);
        const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
        std::string why = "the name has no address";
        const timeval limit{.tv_sec = timeout.count(), .tv_usec = 0};
        for (const auto* each = found; each != nullptr; each = each->ai_next) {
            close();
            m_file = ::socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol);
            if (m_file < 0)
                continue;
            ::setsockopt(m_file, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
            ::setsockopt(m_file, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
            if (::connect(m_file, each->ai_addr, each->ai_addrlen) == 0)
                return {};
            why = errno == EINPROGRESS ? "no answer in time" : std::strerror(errno);
        }
        return why;
    }

    int file() const { return m_file; }

private:
    void close()
    {
        if (m_file >= 0)
            ::close(m_file);
        m_file = -1;
    }
    int m_file = -1;
};

/// Null when a certificate authority cannot be used.
ContextPointer makeContext(const std::string& authorities)
{
    ContextPointer context(SSL_CTX_new(TLS_client_method()));
    if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1)
        return nullptr;
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    if (authorities.empty())
        return SSL_CTX_set_default_verify_paths(context.get()) == 1 ? std::move(context) : nullptr;
    const BioPointer memory(BIO_new_mem_buf(authorities.data(), static_cast<int>(authorities.size())));
    bool any = false;
    while (const CertificatePointer certificate{PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr)})
        any = X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), certificate.get()) == 1 || any;
    ERR_clear_error();
    return any ? std::move(context) : nullptr;
}

bool nameServer(SSL& connection, const std::string& host)
{
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    if (inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(&connection), host.c_str()) == 1;
    return SSL_set1_host(&connection, host.c_str()) == 1 && SSL_set_tlsext_host_name(&connection, host.c_str()) == 1;
}

/// All that comes until the server ends; nothing when it is too much, or too late.
std::optional<std::string> readAll(SSL& connection, const std::function<bool()>& late)
{
    constexpr std::size_t headBytesMax = 16 * 1024;
    std::string text;
    std::array<char, 4096> buffer{};
    for (int count = 0; (count = SSL_read(&connection, buffer.data(), buffer.size())) > 0;) {
        text.append(buffer.data(), static_cast<std::size_t>(count));
        if (text.size() > documentBytesMax + headBytesMax || late())
            return std::nullopt;
    }
    ERR_clear_error();
    return text;
}

/// A length that the head names, to tell a whole body from one that was cut off.
std::optional<std::size_t> contentLength(std::string head)
{
    for (auto& letter : head)
        letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
    constexpr std::string_view name = "\r\ncontent-length:";
    const auto at = head.find(name);
    return at == std::string::npos ? std::nullopt
                                   : std::optional(std::strtoull(head.c_str() + at + name.size(), nullptr, 10));
}

bool writeAll(SSL& connection, std::string_view text)
{
    std::size_t written = 0;
    return SSL_write_ex(&connection, text.data(), text.size(), &written) == 1 && written == text.size();
}

/// One request and its answer.
struct Exchange {
    const Url& server; ///< Whose name is checked.
    const Url& dial;   ///< Where it is.
    std::string request;
    const std::string& authorities;
    std::chrono::seconds timeout; ///< For each step.
    std::function<bool()> late;   ///< No time is left for all of it.
};

std::unexpected<Error> failed(std::string why)
{
    ERR_clear_error();
    return fail(Reason::ServiceUnavailable, std::move(why));
}

/// The body of an answer with the status 200.
Result<std::string> bodyOf(const std::string& answer)
{
    constexpr std::size_t statusAt = 9; // behind "HTTP/1.x "
    const auto end = answer.find("\r\n\r\n");
    if (!answer.starts_with("HTTP/1.") || end == std::string::npos)
        return failed("the answer is no HTTP, or was cut off");
    if (const auto status = answer.substr(statusAt, 3); status != "200")
        return failed(fmt::format("the server answers with status {}", status));
    auto body = answer.substr(end + 4);
    if (const auto length = contentLength(answer.substr(0, end)); length && *length != body.size())
        return failed("the answer was cut off");
    return body;
}

Result<std::string> run(const Exchange& exchange)
{
    const auto context = makeContext(exchange.authorities);
    if (!context)
        return failed("there is no certificate authority to check the server with");
    Socket socket;
    if (const auto why = socket.connect(exchange.dial, exchange.timeout); !why.empty())
        return failed(why);
    const ConnectionPointer connection(SSL_new(context.get()));
    if (!connection || !nameServer(*connection, exchange.server.host) ||
        SSL_set_fd(connection.get(), socket.file()) != 1)
        return failed("TLS cannot be set up");
    if (SSL_connect(connection.get()) != 1) {
        const auto code = SSL_get_verify_result(connection.get());
        return failed(code == X509_V_OK ? "the server does not speak TLS, or not in time"
                                        : X509_verify_cert_error_string(code));
    }
    if (!writeAll(*connection, exchange.request))
        return failed("the connection broke");
    const auto answer = readAll(*connection, exchange.late);
    if (exchange.late())
        return failed("no answer in time");
    if (!answer)
        return failed(fmt::format("it has more than {} bytes", documentBytesMax));
    return bodyOf(*answer);
}

} // namespace

// In the older version of the protocol a server ends the body with the connection: there are no chunks to read.
Result<std::string> httpsGet(const std::string& url, const HttpsGetOptions& options)
{
    const auto parts = parseUrl(url);
    if (!parts)
        return fail(Reason::Invalid, fmt::format("\"{}\" is no https URL", url));
    auto body = run({.server = *parts,
                     .dial = *parts,
                     .request = fmt::format("GET {} HTTP/1.0\r\nHost: {}\r\nAccept: application/json\r\n\r\n",
                                            parts->path, parts->authority),
                     .authorities = options.authorities,
                     .timeout = options.timeout,
                     .late = [] { return false; }});
    if (!body)
        body.error().message = fmt::format("{} cannot be read: {}", url, body.error().message);
    return body;
}

Result<std::string> httpsPost(const HttpsPost& post, const Clock& clock)
{
    const auto server = parseUrl(post.url);
    const auto dial = post.dial.empty() ? server : parseUrl("https://" + post.dial);
    if (!server || !dial)
        return fail(Reason::Invalid, fmt::format("\"{}\" is no https URL", post.url));
    const auto deadline = clock.steady() + post.timeout;
    return run({.server = *server,
                .dial = *dial,
                .request = fmt::format("POST {} HTTP/1.0\r\nHost: {}\r\nAccept: application/json\r\nContent-Type: "
                                       "application/json\r\nContent-Length: {}\r\n\r\n{}",
                                       server->path, server->authority, post.body.size(), post.body),
                .authorities = post.authorities,
                .timeout = post.timeout,
                .late = [&] { return clock.steady() > deadline; }});
}

} // namespace keelson::auth
