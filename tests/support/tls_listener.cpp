// SPDX-License-Identifier: Apache-2.0
#include "support/tls_listener.h"

#include "auth/openssl_pointers.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

namespace keelson::support {
namespace {

using ContextPointer = Owned<SSL_CTX, SSL_CTX_free>;
using ConnectionPointer = Owned<SSL, SSL_free>;

/// A whole request: the head, and as much body as it says.
TlsListener::Request readRequest(const std::function<int(char*, int)>& read)
{
    std::string text;
    std::array<char, 4096> buffer{};
    constexpr std::string_view length = "Content-Length: ";
    std::size_t bodyAt = std::string::npos;
    while (true) {
        if (bodyAt == std::string::npos && text.find("\r\n\r\n") != std::string::npos)
            bodyAt = text.find("\r\n\r\n") + 4;
        const auto at = text.find(length);
        const auto body = at < bodyAt ? std::strtoull(text.c_str() + at + length.size(), nullptr, 10) : 0;
        if (bodyAt != std::string::npos && text.size() >= bodyAt + body)
            return {.head = text.substr(0, bodyAt), .body = text.substr(bodyAt), .client = {}};
        const int count = read(buffer.data(), buffer.size());
        if (count <= 0)
            return {};
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

ContextPointer makeContext(const auth::KeyPair& identity, const std::string& clientAuthority)
{
    ContextPointer context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context.get(), auth::certificateFromPem(identity.certificate).get());
    SSL_CTX_use_PrivateKey(context.get(), auth::keyFromPem(identity.key).get());
    if (!clientAuthority.empty()) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), auth::certificateFromPem(clientAuthority).get());
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    return context;
}

} // namespace

std::string TlsListener::Request::target() const
{
    const auto begin = head.find(' ') + 1;
    return head.substr(begin, head.find(' ', begin) - begin);
}

TlsListener::TlsListener(const Clock& clock, Options options, Handler handler)
    : m_options(std::move(options)), m_handler(std::move(handler))
{
    std::string pattern = (std::filesystem::temp_directory_path() / "keelson-listener-XXXXXX").string();
    m_folder = ::mkdtemp(pattern.data());
    m_authority =
        std::make_unique<auth::CertificateAuthority>(*auth::CertificateAuthority::openOrCreate(m_folder, clock));
    ::signal(SIGPIPE, SIG_IGN); // a client that did not wait for its answer
    m_certificate = *m_authority->issueServer(m_options.names);
    m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(m_options.anyAddress ? INADDR_ANY : INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(m_listener, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(m_listener, 64);
    ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&address), &size);
    m_port = ntohs(address.sin_port);
    m_thread = std::thread([this] { serve(); });
}

TlsListener::~TlsListener()
{
    ::shutdown(m_listener, SHUT_RDWR);
    m_thread.join();
    for (auto& connection : m_connections)
        connection.join();
    ::close(m_listener);
    std::filesystem::remove_all(m_folder);
}

std::string TlsListener::json(int status, const std::string& body)
{
    return fmt::format("HTTP/1.1 {} Status\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}", status,
                       body.size(), body);
}

void TlsListener::serve()
{
    for (int connection = 0; (connection = ::accept(m_listener, nullptr, nullptr)) >= 0;) {
        m_connections.emplace_back([this, connection] {
            answer(connection);
            ::close(connection);
        });
    }
}

void TlsListener::answer(int connection) const
{
    const timeval limit{.tv_sec = 3, .tv_usec = 0};
    ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (m_options.plain) {
        const auto request = readRequest([&](char* bytes, int size) {
            return static_cast<int>(::recv(connection, bytes, static_cast<std::size_t>(size), 0));
        });
        const auto reply = request.head.empty() ? std::string() : m_handler(request);
        for (std::size_t sent = 0; sent < reply.size();) {
            const auto count = ::send(connection, reply.data() + sent, reply.size() - sent, MSG_NOSIGNAL);
            if (count <= 0)
                return;
            sent += static_cast<std::size_t>(count);
        }
        return;
    }
    const auto context = makeContext(m_certificate, m_options.clientAuthority);
    const ConnectionPointer tls(SSL_new(context.get()));
    SSL_set_fd(tls.get(), connection);
    if (SSL_accept(tls.get()) == 1) {
        auto request = readRequest([&](char* bytes, int size) { return SSL_read(tls.get(), bytes, size); });
        if (const auth::CertificatePointer client{SSL_get1_peer_certificate(tls.get())})
            request.client = auth::commonName(X509_get_subject_name(client.get()));
        if (const auto reply = request.head.empty() ? std::string() : m_handler(request); !reply.empty())
            SSL_write(tls.get(), reply.data(), static_cast<int>(reply.size()));
        SSL_shutdown(tls.get());
    }
    ERR_clear_error();
}

} // namespace keelson::support
