// SPDX-License-Identifier: Apache-2.0
#include "apiserver/https_client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace keelson::apiserver {

struct HttpsClient::Data {
    int socket = -1;
    SSL_CTX* context = nullptr;
    SSL* ssl = nullptr;
    bool connected = false;
    std::string buffer;
};

HttpsClient::HttpsClient(const std::string& address, const std::string& authority, const auth::KeyPair* identity)
    : m_data(std::make_unique<Data>())
{
    ::signal(SIGPIPE, SIG_IGN); // A server that refuses a large body stops reading it.
    const auto colon = address.rfind(':');
    sockaddr_in target{};
    target.sin_family = AF_INET;
    target.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &target.sin_addr);
    m_data->socket = ::socket(AF_INET, SOCK_STREAM, 0);
    constexpr timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(m_data->socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    constexpr int noDelay = 1; // What is sent in two pieces must not wait in between.
    ::setsockopt(m_data->socket, IPPROTO_TCP, TCP_NODELAY, &noDelay, sizeof(noDelay));
    if (::connect(m_data->socket, reinterpret_cast<const sockaddr*>(&target), sizeof(target)) != 0)
        return;
    m_data->context = SSL_CTX_new(TLS_client_method());
    BIO* memory = BIO_new_mem_buf(authority.data(), static_cast<int>(authority.size()));
    X509* trusted = PEM_read_bio_X509(memory, nullptr, nullptr, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(m_data->context), trusted);
    X509_free(trusted);
    BIO_free(memory);
    SSL_CTX_set_verify(m_data->context, SSL_VERIFY_PEER, nullptr);
    if (identity) {
        memory = BIO_new_mem_buf(identity->certificate.data(), static_cast<int>(identity->certificate.size()));
        X509* own = PEM_read_bio_X509(memory, nullptr, nullptr, nullptr);
        SSL_CTX_use_certificate(m_data->context, own);
        X509_free(own);
        BIO_free(memory);
        memory = BIO_new_mem_buf(identity->key.data(), static_cast<int>(identity->key.size()));
        EVP_PKEY* key = PEM_read_bio_PrivateKey(memory, nullptr, nullptr, nullptr);
        SSL_CTX_use_PrivateKey(m_data->context, key);
        EVP_PKEY_free(key);
        BIO_free(memory);
    }
    m_data->ssl = SSL_new(m_data->context);
    SSL_set_fd(m_data->ssl, m_data->socket);
    m_data->connected = SSL_connect(m_data->ssl) == 1;
}

HttpsClient::~HttpsClient()
{
    if (m_data->ssl)
        SSL_free(m_data->ssl);
    if (m_data->context)
        SSL_CTX_free(m_data->context);
    ::close(m_data->socket);
}

bool HttpsClient::connected() const
{
    return m_data->connected;
}

void HttpsClient::send(const std::string& bytes)
{
    if (m_data->connected && !bytes.empty())
        SSL_write(m_data->ssl, bytes.data(), static_cast<int>(bytes.size()));
}

void HttpsClient::endInput()
{
    if (m_data->connected)
        SSL_shutdown(m_data->ssl);
}

bool HttpsClient::fill()
{
    std::array<char, 16384> part{};
    const int got = m_data->connected ? SSL_read(m_data->ssl, part.data(), part.size()) : 0;
    if (got <= 0) {
        m_data->connected = false;
        return false;
    }
    m_data->buffer.append(part.data(), static_cast<std::size_t>(got));
    return true;
}

std::string HttpsClient::readLine()
{
    for (;;) {
        const auto end = m_data->buffer.find("\r\n");
        if (end != std::string::npos) {
            auto line = m_data->buffer.substr(0, end);
            m_data->buffer.erase(0, end + 2);
            return line;
        }
        if (!fill())
            return {};
    }
}

std::string HttpsClient::readBytes(std::size_t count)
{
    while (m_data->buffer.size() < count && fill()) {
    }
    auto bytes = m_data->buffer.substr(0, count);
    m_data->buffer.erase(0, bytes.size());
    return bytes;
}

std::string HttpsClient::readChunk()
{
    const auto line = readLine();
    const auto size = line.empty() ? 0 : std::stoul(line, nullptr, 16);
    auto bytes = readBytes(size);
    readLine();
    return bytes;
}

HttpsClient::Reply HttpsClient::readHead()
{
    Reply reply;
    const auto first = readLine();
    if (first.size() < 12)
        return reply;
    reply.status = std::stoi(first.substr(9, 3));
    for (auto line = readLine(); !line.empty(); line = readLine()) {
        const auto colon = line.find(": ");
        reply.headers.add(line.substr(0, colon), line.substr(colon + 2));
    }
    return reply;
}

HttpsClient::Reply HttpsClient::readReply()
{
    auto reply = readHead();
    if (reply.headers.get("Transfer-Encoding") == "chunked") {
        for (auto chunk = readChunk(); !chunk.empty(); chunk = readChunk())
            reply.body += chunk;
    } else if (reply.headers.has("Content-Length")) {
        reply.body = readBytes(std::stoul(std::string(reply.headers.get("Content-Length"))));
    }
    if (reply.headers.get("Connection") == "close")
        m_data->connected = false;
    return reply;
}

std::string HttpsClient::requestText(const std::string& method, const std::string& target, const std::string& body,
                                     const std::vector<std::string>& headers)
{
    auto text = fmt::format("{} {} HTTP/1.1\r\nHost: test\r\n", method, target);
    for (const auto& header : headers)
        text += header + "\r\n";
    if (!body.empty())
        text += fmt::format("Content-Length: {}\r\n", body.size());
    return text + "\r\n" + body;
}

HttpsClient::Reply HttpsClient::ask(const std::string& method, const std::string& target, const std::string& body,
                                    const std::vector<std::string>& headers)
{
    send(requestText(method, target, body, headers));
    return readReply();
}

} // namespace keelson::apiserver
