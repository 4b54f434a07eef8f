// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/owned.h"

#include <string>

#include <openssl/ssl.h>

namespace keelson::bench {

/// Where the load goes and as whom: files as PEM text.
struct Target {
    std::string host;
    std::string port;
    std::string authority;
    std::string certificate;
    std::string key;
};

using TlsContext = Owned<SSL_CTX, SSL_CTX_free>;
using TlsSession = Owned<SSL, SSL_free>;

/// What all connections to a target share. Throws std::runtime_error when the certificates cannot be read.
TlsContext tlsContextFor(const Target& target);

/// A TCP connection without Nagle's delay, after its TLS handshake; blocking. Throws std::runtime_error. Not copied;
/// may be moved.
class TlsConnection {
public:
    TlsConnection(const Target& target, SSL_CTX& context);
    TlsConnection(TlsConnection&& other) noexcept;
    TlsConnection& operator=(TlsConnection&&) = delete;
    ~TlsConnection();

    int socket() const { return m_socket; }
    SSL* tls() const { return m_tls.get(); }
    /// From now on reads answer at once.
    void unblock() const;
    /// A request is far smaller than the socket's buffer: a short write would be a failure of the bench itself.
    void send(const std::string& request) const;

private:
    int m_socket = -1;
    TlsSession m_tls;
};

} // namespace keelson::bench
