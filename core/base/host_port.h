// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keelson {

/// An address as people write it: "127.0.0.1:6443", "[::1]:6443", "node-a:0".
struct HostPort {
    std::string host; ///< Without the brackets of an IPv6 address; empty in ":6443".
    std::uint16_t port = 0;

    /// Empty when `text` has no ":" with a number from 0 to 65535 behind it. Whether the host exists is not looked at.
    static std::optional<HostPort> parse(std::string_view text);
};

} // namespace keelson
