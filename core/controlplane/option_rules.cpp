// SPDX-License-Identifier: Apache-2.0
#include "controlplane/option_rules.h"

#include "base/host_port.h"
#include "controlplane/control_plane.h"
#include "registry/service_addresses.h"

#include <fmt/format.h>

#include <optional>

namespace keelson::controlplane {
namespace {

/// Each node takes a range of this length for its pods.
constexpr int nodePrefixLength = 24;

/// "HOST:PORT" with a host.
std::optional<HostPort> endpointOf(std::string_view text)
{
    auto endpoint = HostPort::parse(text);
    return endpoint && !endpoint->host.empty() ? endpoint : std::nullopt;
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
    if (!options.oidc.issuer.empty())
        TRY_OK(auth::checkIdTokenOptions(options.oidc));
    return checkRanges(options);
}

} // namespace keelson::controlplane
