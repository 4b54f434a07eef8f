// SPDX-License-Identifier: Apache-2.0
#include "node/docker_networks.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <string_view>

namespace keelson::node {
namespace {

constexpr std::string_view bridgeNameOption = "com.docker.network.bridge.name";

std::string_view text(const boost::json::value* value)
{
    const auto* string = value ? value->if_string() : nullptr;
    return string ? std::string_view(*string) : std::string_view{};
}

const boost::json::value* member(const boost::json::value* value, std::string_view name)
{
    const auto* object = value ? value->if_object() : nullptr;
    return object ? object->if_contains(name) : nullptr;
}

} // namespace

boost::json::value networkRequest(const network::ContainerNetwork& wanted)
{
    boost::json::object labels;
    for (const auto& [key, value] : wanted.labels)
        labels[key] = value;
    const boost::json::object range{{"Subnet", wanted.subnet}, {"Gateway", wanted.gateway}};
    boost::json::object ipam{{"Driver", "default"}};
    ipam["Config"] = boost::json::array({boost::json::value(range)});
    boost::json::object request{{"Name", wanted.name}, {"CheckDuplicate", true}, {"Driver", "bridge"}};
    request["IPAM"] = std::move(ipam);
    request["Options"] = boost::json::object{{bridgeNameOption, wanted.bridge}};
    request["Labels"] = std::move(labels);
    return request;
}

bool isNetwork(const boost::json::value& report, const network::ContainerNetwork& wanted)
{
    const auto* configs = member(member(&report, "IPAM"), "Config");
    const auto* ranges = configs ? configs->if_array() : nullptr;
    return ranges && ranges->size() == 1 && text(member(&ranges->front(), "Subnet")) == wanted.subnet &&
           text(member(&ranges->front(), "Gateway")) == wanted.gateway && text(member(&report, "Driver")) == "bridge" &&
           text(member(member(&report, "Options"), bridgeNameOption)) == wanted.bridge;
}

Result<Done> DockerNetworks::ensureNetwork(const network::ContainerNetwork& wanted)
{
    const auto found = m_engine.get("/networks/" + wanted.name);
    if (found && isNetwork(*found, wanted))
        return Done{};
    if (found)
        return fail(Reason::Conflict,
                    fmt::format("the container engine has another network called {}: remove it, or give "
                                "the node another name",
                                wanted.name));
    if (found.error().reason != Reason::NotFound)
        return fail(found.error());
    const auto made = m_engine.post("/networks/create", networkRequest(wanted));
    if (!made && made.error().message.contains("overlaps"))
        return fail(Reason::Conflict, fmt::format("the range {} of node network {} is taken: {}", wanted.subnet,
                                                  wanted.name, made.error().message));
    TRY_OK(made);
    return Done{};
}

Result<Done> DockerNetworks::removeNetwork(const std::string& name)
{
    const auto removed = m_engine.remove("/networks/" + name);
    if (removed || removed.error().reason == Reason::NotFound)
        return Done{};
    if (removed.error().message.contains("active endpoints"))
        return fail(Reason::Conflict, removed.error().message);
    return removed;
}

} // namespace keelson::node
