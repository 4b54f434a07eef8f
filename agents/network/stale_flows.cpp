// SPDX-License-Identifier: Apache-2.0
#include "network/stale_flows.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

namespace keelson::network {
namespace {

using Key = std::tuple<std::string, std::string, std::string, StaleFlow>;

std::set<Key> flowsOf(const std::vector<ServicePort>& ports)
{
    std::set<Key> flows;
    for (const auto& port : ports) {
        if (port.protocol != Protocol::Udp)
            continue;
        for (const auto& backend : port.backends) {
            flows.insert({port.nameSpace, port.service, port.port, {port.number, backend.ip}});
            if (port.nodePort != 0)
                flows.insert({port.nameSpace, port.service, port.port, {port.nodePort, backend.ip}});
        }
    }
    return flows;
}

} // namespace

std::vector<StaleFlow> staleFlows(const std::vector<ServicePort>& before, const std::vector<ServicePort>& after)
{
    const auto old = flowsOf(before);
    const auto now = flowsOf(after);
    std::vector<Key> gone;
    std::ranges::set_difference(old, now, std::back_inserter(gone));
    std::set<StaleFlow> flows;
    for (const auto& key : gone)
        flows.insert(std::get<StaleFlow>(key));
    return {flows.begin(), flows.end()};
}

std::vector<std::string> forgetCommand(const StaleFlow& flow)
{
    return {"conntrack",   "-D",          "-p", "udp", "--orig-port-dst", fmt::format("{}", flow.port),
            "--reply-src", flow.backendIp};
}

} // namespace keelson::network
