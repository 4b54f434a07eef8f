// SPDX-License-Identifier: Apache-2.0
#include "network/ipv4.h"

#include <fmt/format.h>

#include <charconv>

namespace keelson::network {
namespace {

/// Reads a decimal number up to `most`, without sign or leading zeros, off the front of `text`.
bool readNumber(std::string_view& text, unsigned most, unsigned& value)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto length = static_cast<std::size_t>(end - text.data());
    if (error != std::errc{} || value > most || (length > 1 && text[0] == '0'))
        return false;
    text.remove_prefix(length);
    return true;
}

std::uint32_t maskOf(int prefix)
{
    return prefix == 0 ? 0U : ~0U << (32 - prefix);
}

} // namespace

std::optional<std::uint32_t> parseIpv4(std::string_view text)
{
    std::uint32_t address = 0;
    for (int i = 0; i < 4; ++i) {
        unsigned part = 0;
        if (i > 0) {
            if (!text.starts_with('.'))
                return std::nullopt;
            text.remove_prefix(1);
        }
        if (!readNumber(text, 255, part))
            return std::nullopt;
        address = address << 8 | part;
    }
    return text.empty() ? std::optional(address) : std::nullopt;
}

std::string formatIpv4(std::uint32_t address)
{
    return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
}

bool Ipv4Range::contains(std::uint32_t address) const
{
    return (address & maskOf(prefix)) == first;
}

std::optional<Ipv4Range> parseCidr(std::string_view text)
{
    const auto slash = text.find('/');
    if (slash == std::string_view::npos)
        return std::nullopt;
    const auto address = parseIpv4(text.substr(0, slash));
    auto rest = text.substr(slash + 1);
    unsigned prefix = 0;
    if (!address || !readNumber(rest, 32, prefix) || !rest.empty())
        return std::nullopt;
    return Ipv4Range{*address & maskOf(static_cast<int>(prefix)), static_cast<int>(prefix)};
}

bool cidrContains(std::string_view cidr, std::string_view address)
{
    const auto range = parseCidr(cidr);
    const auto ip = parseIpv4(address);
    return range && ip && range->contains(*ip);
}

} // namespace keelson::network
