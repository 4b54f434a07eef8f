// SPDX-License-Identifier: Apache-2.0
#include "bench/tls_client.h"

#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <unistd.h>

namespace keelson::bench {
namespace {

using Bio = Owned<BIO, BIO_free>;

Bio bioOf(const std::string& text)
{
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
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
    if (connected != 0) {
        ::close(socket);
        throw std::runtime_error("cannot connect to " + target.host + ":" + target.port);
    }
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
}

} // namespace

TlsContext tlsContextFor(const Target& target)
{
    TlsContext context(SSL_CTX_new(TLS_client_method()));
    const Owned<X509, X509_free> authority(PEM_read_bio_X509(bioOf(target.authority).get(), nullptr, nullptr, nullptr));
    const Owned<X509, X509_free> certificate(
        PEM_read_bio_X509(bioOf(target.certificate).get(), nullptr, nullptr, nullptr));
    const Owned<EVP_PKEY, EVP_PKEY_free> key(
        PEM_read_bio_PrivateKey(bioOf(target.key).get(), nullptr, nullptr, nullptr));
    if (!authority || !certificate || !key)
        throw std::runtime_error("the kubeconfig's certificates cannot be read");
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), authority.get());
    SSL_CTX_use_certificate(context.get(), certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), key.get());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS); // thousands of quiet connections need none
    return context;
}

TlsConnection::TlsConnection(const Target& target, SSL_CTX& context)
    : m_socket(connectTo(target)), m_tls(SSL_new(&context))
{
    SSL_set_fd(m_tls.get(), m_socket);
    if (SSL_connect(m_tls.get()) == 1)
        return;
    ::close(m_socket);
    throw std::runtime_error("TLS handshake failed");
}

TlsConnection::TlsConnection(TlsConnection&& other) noexcept
    : m_socket(std::exchange(other.m_socket, -1)), m_tls(std::move(other.m_tls))
{
}

TlsConnection::~TlsConnection()
{
    m_tls.reset();
    if (m_socket >= 0)
        ::close(m_socket);
}

void TlsConnection::unblock() const
{
    ::fcntl(m_socket, F_SETFL, ::fcntl(m_socket, F_GETFL) | O_NONBLOCK);
}

void TlsConnection::send(const std::string& request) const
{
    if (SSL_write(m_tls.get(), request.data(), static_cast<int>(request.size())) <= 0)
        throw std::runtime_error("the server closed a connection");
}

} // namespace keelson::bench
