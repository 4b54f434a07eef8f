// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keelson::network {

/// An IPv4 address in host byte order. Nothing for what is not exactly four decimal numbers.
std::optional<std::uint32_t> parseIpv4(std::string_view text);
std::string formatIpv4(std::uint32_t address);

/// A range of addresses: "10.244.1.0/24".
struct Ipv4Range {
    std::uint32_t first = 0; ///< With the host's bits cleared.
    int prefix = 0;          ///< 0 to 32.

    bool contains(std::uint32_t address) const;
    /// The first address after the network's own: where a bridge has its gateway.
    std::string gateway() const { return formatIpv4(first + 1); }
};

std::optional<Ipv4Range> parseCidr(std::string_view text);

/// Whether both are well-formed and the address lies in the range.
bool cidrContains(std::string_view cidr, std::string_view address);

} // namespace keelson::network
