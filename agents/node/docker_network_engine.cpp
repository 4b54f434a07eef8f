// SPDX-License-Identifier: Apache-2.0
#include "node/docker_network_engine.h"

#include "docker/reports.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

namespace keelson::node {
namespace {

namespace json = boost::json;
using docker::textAt;

bool matches(const json::value& there, const network::ContainerNetwork& wanted)
{
    if (textAt(there, {"Options", "com.docker.network.bridge.name"}) != wanted.bridge)
        return false;
    const auto* ipam = there.as_object().if_contains("IPAM");
    const auto* config = ipam != nullptr && ipam->is_object() ? ipam->as_object().if_contains("Config") : nullptr;
    return config != nullptr && config->is_array() && config->as_array().size() == 1 &&
           textAt(config->as_array()[0], {"Subnet"}) == wanted.subnet &&
           textAt(config->as_array()[0], {"Gateway"}) == wanted.gateway;
}

/// What to do about a range that is taken: names the network that has it, when it has exactly that.
std::string holderOf(const docker::Engine& engine, const std::string& subnet)
{
    const auto networks = engine.get("/networks");
    if (!networks || !networks->is_array())
        return {};
    for (const auto& network : networks->as_array()) {
        const auto* ipam = network.as_object().if_contains("IPAM");
        const auto* config = ipam != nullptr && ipam->is_object() ? ipam->as_object().if_contains("Config") : nullptr;
        if (config == nullptr || !config->is_array() || config->as_array().empty() ||
            textAt(config->as_array()[0], {"Subnet"}) != subnet)
            continue;
        const auto name = textAt(network, {"Name"});
        return fmt::format("; network {0} has it: docker network rm {0}, when nobody needs it any more", name);
    }
    return {};
}

} // namespace

Result<Done> DockerNetworkEngine::ensureNetwork(const network::ContainerNetwork& wanted)
{
    const auto there = m_engine.get("/networks/" + docker::percentEncoded(wanted.name));
    if (there && there->is_object()) {
        if (matches(*there, wanted))
            return Done{};
        return fail(Reason::Conflict, fmt::format("the container engine has a network {} with another bridge or range: "
                                                  "remove it (docker network rm {})",
                                                  wanted.name, wanted.name));
    }
    if (!there && there.error().reason != Reason::NotFound)
        return fail(there.error());
    json::object labels;
    for (const auto& [name, value] : wanted.labels)
        labels[name] = value;
    const json::object request{
        {"Name", wanted.name},
        {"Driver", "bridge"},
        {"CheckDuplicate", true},
        {"Labels", std::move(labels)},
        {"IPAM",
         json::object{{"Driver", "default"},
                      {"Config", json::array{json::object{{"Subnet", wanted.subnet}, {"Gateway", wanted.gateway}}}}}},
        {"Options", json::object{{"com.docker.network.bridge.name", wanted.bridge},
                                 {"com.docker.network.bridge.enable_ip_masquerade", "true"}}}};
    const auto made = m_engine.post("/networks/create", request);
    if (made)
        return Done{};
    const auto& message = made.error().message;
    if (message.find("overlap") != std::string::npos || made.error().reason == Reason::Conflict)
        return fail(Reason::Conflict,
                    fmt::format("the container network {} with the range {} cannot be made: {}{}", wanted.name,
                                wanted.subnet, message, holderOf(m_engine, wanted.subnet)));
    return fail(made.error());
}

Result<Done> DockerNetworkEngine::removeNetwork(const std::string& name)
{
    const auto removed = m_engine.remove("/networks/" + docker::percentEncoded(name));
    if (removed || removed.error().reason == Reason::NotFound)
        return Done{};
    if (removed.error().reason == Reason::Forbidden)
        return fail(Reason::Conflict, removed.error().message);
    return fail(removed.error());
}

} // namespace keelson::node
