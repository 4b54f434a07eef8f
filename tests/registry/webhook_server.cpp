// SPDX-License-Identifier: Apache-2.0
#include "registry/webhook_server.h"

#include "auth/openssl_pointers.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

namespace keelson::registry {
namespace {

/// A whole request: the head, and as much body as it says.
std::string readRequest(SSL& tls)
{
    std::string text;
    std::array<char, 4096> buffer{};
    constexpr std::string_view length = "Content-Length: ";
    for (int count = 0; (count = SSL_read(&tls, buffer.data(), buffer.size())) > 0;) {
        text.append(buffer.data(), static_cast<std::size_t>(count));
        const auto end = text.find("\r\n\r\n");
        const auto at = text.find(length);
        if (end != std::string::npos && at != std::string::npos &&
            text.size() >= end + 4 + std::strtoull(text.c_str() + at + length.size(), nullptr, 10))
            break;
    }
    return text;
}

} // namespace

WebhookServer::WebhookServer(const Clock& clock, Handler handler) : m_handler(std::move(handler))
{
    std::string pattern = (std::filesystem::temp_directory_path() / "keelson-webhook-XXXXXX").string();
    m_folder = ::mkdtemp(pattern.data());
    m_authority =
        std::make_unique<auth::CertificateAuthority>(*auth::CertificateAuthority::openOrCreate(m_folder, clock));
    ::signal(SIGPIPE, SIG_IGN); // a client that did not wait for its answer
    m_certificate = *m_authority->issueServer({"127.0.0.1", "hook.default.svc"});
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

WebhookServer::~WebhookServer()
{
    ::shutdown(m_listener, SHUT_RDWR);
    m_thread.join();
    ::close(m_listener);
    std::filesystem::remove_all(m_folder);
}

std::vector<std::string> WebhookServer::asked() const
{
    const std::scoped_lock lock(m_mutex);
    return m_asked;
}

void WebhookServer::serve()
{
    std::vector<std::jthread> answering;
    for (int connection = 0; (connection = ::accept(m_listener, nullptr, nullptr)) >= 0;)
        answering.emplace_back([this, connection] {
            answer(connection);
            ::close(connection);
        });
}

void WebhookServer::answer(int connection)
{
    const Owned<SSL_CTX, SSL_CTX_free> context(SSL_CTX_new(TLS_server_method()));
    const auto certificate = auth::certificateFromPem(m_certificate.certificate);
    const auto key = auth::keyFromPem(m_certificate.key);
    SSL_CTX_use_certificate(context.get(), certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), key.get());
    const Owned<SSL, SSL_free> tls(SSL_new(context.get()));
    SSL_set_fd(tls.get(), connection);
    if (SSL_accept(tls.get()) != 1) {
        ERR_clear_error();
        return;
    }
    const auto text = readRequest(*tls);
    // "POST /PATH?..."
    const auto path = text.substr(6, text.find_first_of("? ", 6) - 6);
    const auto review = api::parseJson(text.substr(text.find("\r\n\r\n") + 4)).value_or(api::Value{});
    const auto* const request = api::find(review, {"request"});
    if (!request)
        return;
    {
        const std::scoped_lock lock(m_mutex);
        m_asked.push_back(fmt::format("{} {}{}", path, api::stringAt(*request, {"operation"}),
                                      api::stringAt(*request, {"desiredAPIVersion"})));
    }
    auto response = m_handler(path, *request);
    std::string reply = "HTTP/1.0 500 Internal Server Error\r\n\r\n";
    if (response.is_object()) {
        response.as_object().emplace("uid", *api::find(*request, {"uid"}));
        const auto body = api::writeJson(api::Value{{"kind", api::stringAt(review, {"kind"})},
                                                    {"apiVersion", api::stringAt(review, {"apiVersion"})},
                                                    {"response", std::move(response)}});
        reply = fmt::format("HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
    }
    SSL_write(tls.get(), reply.data(), static_cast<int>(reply.size()));
    SSL_shutdown(tls.get());
    ERR_clear_error();
}

} // namespace keelson::registry
