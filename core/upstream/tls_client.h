// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "upstream/connect.h"

#include <string>

namespace keelson::upstream {

struct TlsOptions {
    std::string serverName;  ///< A name or address that the server's certificate has to be for; empty: any.
    std::string authorities; ///< PEM; empty: those of this machine.
    bool insecure = false;   ///< Any certificate will do.
    std::string certificate; ///< PEM, the client's own, with `key`; empty: none.
    std::string key;
};

/// TLS 1.2 or later, as a client, over the connections of `lower`. The sink hears of a refused certificate by
/// `ServiceUnavailable` with OpenSSL's reason. `Invalid`: the options' PEM texts cannot be used.
Result<Connect> throughTls(Connect lower, const TlsOptions& options);

} // namespace keelson::upstream
