// SPDX-License-Identifier: Apache-2.0
#include "base/host_port.h"

#include <charconv>

namespace keelson {

std::optional<HostPort> HostPort::parse(std::string_view text)
{
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    auto host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    HostPort made{.host = std::string(host)};
    const auto digits = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), made.port);
    if (error != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    return made;
}

} // namespace keelson
