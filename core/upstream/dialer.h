// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "upstream/connect.h"

#include <cstdint>
#include <memory>
#include <string>

namespace keelson::upstream {

inline constexpr Duration dialTime = std::chrono::seconds{10}; ///< For a connection to stand.

/// TCP connections from this machine. They share one thread, on which their sinks are called. Any thread may call.
class Dialer {
public:
    Dialer();
    ~Dialer(); ///< Ends all connections without a word to their sinks.
    Dialer(const Dialer&) = delete;
    Dialer& operator=(const Dialer&) = delete;

    /// `host`: an address or a name. The sink is told `ServiceUnavailable`, in words like "dial tcp 10.0.0.1:80:
    /// Connection refused".
    Connect to(std::string host, std::uint16_t port) const;

private:
    struct Core;
    std::shared_ptr<Core> m_core;
};

} // namespace keelson::upstream
