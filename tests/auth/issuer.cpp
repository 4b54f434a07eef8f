// SPDX-License-Identifier: Apache-2.0
#include "auth/issuer.h"

#include "auth/openssl_pointers.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace keelson::auth {

Issuer::Issuer(const Clock& clock)
{
    std::string pattern = (std::filesystem::temp_directory_path() / "keelson-issuer-XXXXXX").string();
    m_folder = ::mkdtemp(pattern.data());
    m_authority = std::make_unique<CertificateAuthority>(*CertificateAuthority::openOrCreate(m_folder, clock));
    m_certificate = *m_authority->issueServer({"127.0.0.1"});
    m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(m_listener, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(m_listener, 16);
    ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&address), &size);
    m_port = ntohs(address.sin_port);
    m_thread = std::thread([this] { serve(); });
}

Issuer::~Issuer()
{
    ::shutdown(m_listener, SHUT_RDWR);
    m_thread.join();
    ::close(m_listener);
    std::filesystem::remove_all(m_folder);
}

std::string Issuer::url() const
{
    return fmt::format("https://127.0.0.1:{}", m_port);
}

void Issuer::showKeys(const std::string& jwks)
{
    show("/.well-known/openid-configuration", fmt::format(R"({{"issuer":"{}","jwks_uri":"{}/keys"}})", url(), url()));
    show("/keys", jwks);
}

void Issuer::show(const std::string& path, const std::string& body)
{
    const std::scoped_lock lock(m_mutex);
    m_documents[path] = body;
}

void Issuer::serve()
{
    for (int connection = 0; (connection = ::accept(m_listener, nullptr, nullptr)) >= 0;) {
        answer(connection);
        ::close(connection);
    }
}

void Issuer::answer(int connection)
{
    const Owned<SSL_CTX, SSL_CTX_free> context(SSL_CTX_new(TLS_server_method()));
    const auto certificate = certificateFromPem(m_certificate.certificate);
    const auto key = keyFromPem(m_certificate.key);
    SSL_CTX_use_certificate(context.get(), certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), key.get());
    const Owned<SSL, SSL_free> tls(SSL_new(context.get()));
    SSL_set_fd(tls.get(), connection);
    std::array<char, 4096> buffer{};
    const int count = SSL_accept(tls.get()) == 1 ? SSL_read(tls.get(), buffer.data(), buffer.size()) : 0;
    ERR_clear_error();
    if (count <= 0)
        return;
    ++m_requests;
    const std::string request(buffer.data(), static_cast<std::size_t>(count));
    const auto path = request.substr(4, request.find(' ', 4) - 4);
    std::string reply = "HTTP/1.1 404 Not Found\r\n\r\n";
    {
        const std::scoped_lock lock(m_mutex);
        if (const auto found = m_documents.find(path); found != m_documents.end())
            reply = fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", found->second.size(), found->second);
    }
    SSL_write(tls.get(), reply.data(), static_cast<int>(reply.size()));
    SSL_shutdown(tls.get());
    ERR_clear_error();
}

} // namespace keelson::auth
