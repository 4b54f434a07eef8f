// SPDX-License-Identifier: Apache-2.0
#include "controlplane/option_rules.h"

#include "controlplane/control_plane.h"
#include "registry/service_addresses.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace keelson::controlplane {
namespace {

/// Each node takes a range of this length for its pods.
constexpr int nodePrefixLength = 24;

/// The host and port of "HOST:PORT"; nothing when it has another form.
struct Endpoint {
    std::string_view host;
    unsigned port = 0;
};

std::optional<Endpoint> endpointOf(std::string_view text)
{
    constexpr unsigned portMax = 65535;
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0)
        return std::nullopt;
    Endpoint endpoint{.host = text.substr(0, colon)};
    const auto digits = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), endpoint.port);
    if (error != std::errc{} || end != digits.data() + digits.size() || endpoint.port > portMax)
        return std::nullopt;
    return endpoint;
}

bool overlap(const registry::AddressRange& left, const registry::AddressRange& right)
{
    const auto length = std::min(left.prefixLength, right.prefixLength);
    const auto mask = ~std::uint32_t{0} << (32 - length);
    return (left.network & mask) == (right.network & mask);
}

Result<Done> checkRanges(const Options& options)
{
    TRY_ASSIGN(const auto services, registry::AddressRange::parse(options.serviceCidr));
    const auto pods = registry::AddressRange::parse(options.podCidr);
    if (!pods || pods->prefixLength > nodePrefixLength)
        return fail(Reason::Invalid,
                    fmt::format("\"{}\" is not an IPv4 range for pods, such as 10.244.0.0/16 (/1 to /{}: each "
                                "node takes a /{} of it)",
                                options.podCidr, nodePrefixLength, nodePrefixLength));
    if (overlap(services, *pods))
        return fail(Reason::Invalid, fmt::format("the ranges of services ({}) and pods ({}) overlap: choose others",
                                                 options.serviceCidr, options.podCidr));
    return Done{};
}

} // namespace

Result<Done> checkOptions(const Options& options)
{
    if (options.dataDir.empty())
        return fail(Reason::Invalid, "the data directory has no name");
    for (const auto& address : options.listen) {
        if (!endpointOf(address))
            return fail(Reason::Invalid,
                        fmt::format("\"{}\" is no address to listen on: HOST:PORT is wanted", address));
    }
    if (!endpointOf(options.agentListen))
        return fail(Reason::Invalid, fmt::format("\"{}\" is no address to listen on for agents: HOST:PORT is wanted",
                                                 options.agentListen));
    if (!options.advertise.empty()) {
        const auto endpoint = endpointOf(options.advertise);
        if (!endpoint || endpoint->port == 0)
            return fail(Reason::Invalid,
                        fmt::format("\"{}\" is no address to advertise: HOST:PORT is wanted, as others dial it",
                                    options.advertise));
    }
    return checkRanges(options);
}

} // namespace keelson::controlplane
