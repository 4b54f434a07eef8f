// SPDX-License-Identifier: Apache-2.0
#include "docker/reports.h"

#include "docker/requests.h"

#include <boost/json/object.hpp>

#include <algorithm>
#include <charconv>

namespace keelson::docker {
namespace {

namespace json = boost::json;
using containers::ContainerInfo;
using containers::ContainerState;

const json::value* at(const json::value& value, std::initializer_list<std::string_view> path)
{
    const json::value* here = &value;
    for (const auto name : path) {
        if (!here->is_object())
            return nullptr;
        here = here->as_object().if_contains(name);
        if (here == nullptr)
            return nullptr;
    }
    return here;
}

/// The engine writes year 1 for "never".
std::optional<WallTime> timeAt(const json::value& value, std::initializer_list<std::string_view> path)
{
    const auto text = textAt(value, path);
    if (text.empty() || text.starts_with("0001-"))
        return std::nullopt;
    const auto time = parseTime(text);
    return time ? std::optional(*time) : std::nullopt;
}

ContainerState stateOf(std::string_view status)
{
    if (status == "created")
        return ContainerState::Created;
    if (status == "running" || status == "paused" || status == "restarting")
        return ContainerState::Running;
    if (status == "exited" || status == "dead" || status == "removing")
        return ContainerState::Exited;
    return ContainerState::Unknown;
}

int attemptOf(std::string_view text)
{
    int attempt = 0;
    std::from_chars(text.data(), text.data() + text.size(), attempt);
    return attempt;
}

std::string addressOf(const json::value& inspected)
{
    const auto* networks = at(inspected, {"NetworkSettings", "Networks"});
    if (networks != nullptr && networks->is_object()) {
        for (const auto& network : networks->as_object()) {
            if (const auto address = textAt(network.value(), {"IPAddress"}); !address.empty())
                return std::string(address);
        }
    }
    return std::string(textAt(inspected, {"NetworkSettings", "IPAddress"}));
}

void readLabels(ContainerInfo& info, const json::value& inspected)
{
    const auto* labels = at(inspected, {"Config", "Labels"});
    if (labels == nullptr || !labels->is_object())
        return;
    const auto label = [&](std::string_view name) { return std::string(textAt(*labels, {name})); };
    info.pod = {.nameSpace = label(podNamespaceLabel), .name = label(podNameLabel), .uid = label(podUidLabel)};
    info.name = label(containerNameLabel);
    info.sandboxId = label(sandboxLabel);
    info.sandbox = label(kindLabel) == "sandbox";
    info.attempt = attemptOf(label(attemptLabel));
    for (const auto& each : labels->as_object()) {
        const std::string_view name = each.key();
        if (name.starts_with(annotationPrefix) && each.value().is_string())
            info.annotations[std::string(name.substr(annotationPrefix.size()))] = each.value().as_string().c_str();
    }
}

} // namespace

std::string_view textAt(const json::value& value, std::initializer_list<std::string_view> path)
{
    const auto* found = at(value, path);
    return found != nullptr && found->is_string() ? std::string_view(found->as_string()) : std::string_view();
}

std::int64_t numberAt(const json::value& value, std::initializer_list<std::string_view> path)
{
    const auto* found = at(value, path);
    if (found == nullptr || !found->is_number())
        return 0;
    json::error_code error;
    const auto number = found->to_number<std::int64_t>(error);
    return error ? 0 : number;
}

bool truthAt(const json::value& value, std::initializer_list<std::string_view> path)
{
    const auto* found = at(value, path);
    return found != nullptr && found->is_bool() && found->as_bool();
}

ContainerInfo containerFromInspect(const json::value& inspected)
{
    ContainerInfo info;
    info.id = textAt(inspected, {"Id"});
    readLabels(info, inspected);
    info.state = stateOf(textAt(inspected, {"State", "Status"}));
    info.image = textAt(inspected, {"Config", "Image"});
    info.imageId = textAt(inspected, {"Image"});
    info.exitCode = static_cast<int>(numberAt(inspected, {"State", "ExitCode"}));
    info.oomKilled = truthAt(inspected, {"State", "OOMKilled"});
    info.error = textAt(inspected, {"State", "Error"});
    info.createdAt = timeAt(inspected, {"Created"});
    info.startedAt = timeAt(inspected, {"State", "StartedAt"});
    if (info.state == ContainerState::Exited)
        info.finishedAt = timeAt(inspected, {"State", "FinishedAt"});
    if (info.state == ContainerState::Created && info.exitCode != 0 && !info.error.empty()) {
        info.state = ContainerState::Exited; // made, but its start failed
        info.finishedAt = info.createdAt;
    }
    if (info.sandbox)
        info.ip = addressOf(inspected);
    return info;
}

containers::RuntimeInfo runtimeFromInfo(const json::value& info)
{
    containers::RuntimeInfo runtime;
    runtime.name = "docker";
    runtime.version = textAt(info, {"ServerVersion"});
    runtime.operatingSystem = textAt(info, {"OperatingSystem"});
    runtime.kernelVersion = textAt(info, {"KernelVersion"});
    const auto machine = textAt(info, {"Architecture"});
    runtime.architecture = machine == "x86_64" ? "amd64" : machine == "aarch64" ? "arm64" : std::string(machine);
    runtime.cpus = static_cast<int>(numberAt(info, {"NCPU"}));
    runtime.memoryBytes = numberAt(info, {"MemTotal"});
    return runtime;
}

std::vector<containers::ImageInfo> imagesFromList(const json::value& list)
{
    std::vector<containers::ImageInfo> images;
    if (!list.is_array())
        return images;
    for (const auto& each : list.as_array()) {
        containers::ImageInfo image{.names = {}, .sizeBytes = numberAt(each, {"Size"})};
        for (const auto* member : {"RepoDigests", "RepoTags"}) {
            const auto* names = at(each, {member});
            if (names == nullptr || !names->is_array())
                continue;
            for (const auto& name : names->as_array())
                if (name.is_string() && !name.as_string().starts_with("<none>"))
                    image.names.emplace_back(name.as_string());
        }
        if (!image.names.empty())
            images.push_back(std::move(image));
    }
    return images;
}

containers::ContainerStats statsFromReply(const json::value& reply)
{
    containers::ContainerStats stats;
    stats.cpuNanoseconds = static_cast<std::uint64_t>(numberAt(reply, {"cpu_stats", "cpu_usage", "total_usage"}));
    const auto usage = numberAt(reply, {"memory_stats", "usage"});
    auto inactive = numberAt(reply, {"memory_stats", "stats", "total_inactive_file"});
    if (inactive == 0)
        inactive = numberAt(reply, {"memory_stats", "stats", "inactive_file"});
    stats.memoryWorkingSetBytes = static_cast<std::uint64_t>(std::max<std::int64_t>(0, usage - inactive));
    return stats;
}

} // namespace keelson::docker
