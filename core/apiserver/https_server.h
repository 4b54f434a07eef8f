// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/exchange.h"
#include "auth/authenticator.h"
#include "auth/certificate_authority.h"
#include "base/clock.h"
#include "base/result.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace keelson::apiserver {

/// An HTTP/1.1 server over TLS 1.2 and newer, with optional client certificates, keep-alive and upgrades.
///
/// Each connection belongs to one of a few threads; `handler` runs there and must not block. Requests of one connection
/// are answered in their order, one after another. Limits: limits.h.
class HttpsServer {
public:
    struct Options {
        std::vector<std::string> listen; ///< "127.0.0.1:6443", "[::1]:0"; port 0 picks a free one.
        auth::KeyPair certificate;
        const auth::CertificateAuthenticator* clients = nullptr; ///< Checks client certificates. Outlives the server.
        const Clock* clock = nullptr;                            ///< Outlives the server.
        int threads = 1;
        Handler handler;
        /// Whether the handler gets a request before its body, which then comes in pieces of any number
        /// (`Exchange::watch`). Seen are the headers. Null: never.
        std::function<bool(const Request&)> takesPieces;
        /// Who sends a request, by its headers: nobody has all memory for bodies. Asked for long ones alone. Null: all
        /// are one.
        std::function<std::string(const Request&)> senderOf;
    };

    /// Listens at once. `InternalError` names the address and the cause, such as a port that is taken.
    static Result<std::unique_ptr<HttpsServer>> create(Options options);

    virtual ~HttpsServer() = default; ///< Stops.
    /// The real addresses, in the order of `listen`: "127.0.0.1:34567".
    virtual const std::vector<std::string>& addresses() const = 0;
    virtual std::size_t connections() const = 0;
    /// Takes no more connections; ends streams and idle connections at once, the others after `stopGrace`. Idempotent.
    virtual void stop() = 0;
};

} // namespace keelson::apiserver
