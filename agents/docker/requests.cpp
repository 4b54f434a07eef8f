// SPDX-License-Identifier: Apache-2.0
#include "docker/requests.h"

#include "docker/http.h"
#include "docker/sandbox_image.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace keelson::docker {
namespace {

namespace json = boost::json;
using containers::ContainerSpec;
using containers::SandboxSpec;

constexpr std::int64_t cpuPeriodMicroseconds = 100'000;
constexpr std::int64_t cpuQuotaMicrosecondsMin = 1'000;

template <typename Strings>
json::array texts(const Strings& strings)
{
    json::array array;
    for (const auto& each : strings)
        array.emplace_back(each);
    return array;
}

json::object labelsOf(const Owner& owner, const containers::PodIdentity& pod, int attempt, std::string_view kind,
                      const std::map<std::string, std::string>& annotations)
{
    json::object labels;
    for (const auto& [name, value] : annotations)
        labels[std::string(annotationPrefix) + name] = value;
    labels[clusterLabel] = owner.cluster;
    labels[nodeLabel] = owner.node;
    labels[kindLabel] = kind;
    labels[attemptLabel] = std::to_string(attempt);
    labels[podNamespaceLabel] = pod.nameSpace;
    labels[podNameLabel] = pod.name;
    labels[podUidLabel] = pod.uid;
    return labels;
}

json::object logConfig()
{
    return {{"Type", "json-file"}, {"Config", json::object{{"max-size", "10m"}, {"max-file", "5"}}}};
}

void addPorts(json::object& request, json::object& host, const SandboxSpec& spec)
{
    json::object exposed;
    json::object bindings;
    for (const auto& port : spec.ports) {
        if (port.hostPort == 0)
            continue;
        std::string protocol = port.protocol;
        std::ranges::transform(protocol, protocol.begin(), [](unsigned char c) { return std::tolower(c); });
        const auto key = fmt::format("{}/{}", port.containerPort, protocol);
        exposed[key] = json::object();
        auto& list = bindings[key];
        if (!list.is_array())
            list = json::array();
        list.as_array().push_back(json::object{{"HostIp", port.hostIp}, {"HostPort", std::to_string(port.hostPort)}});
    }
    if (exposed.empty())
        return;
    request["ExposedPorts"] = std::move(exposed);
    host["PortBindings"] = std::move(bindings);
}

/// Without a word the engine keeps mounts private, or lets them follow where its own folder is among them.
json::object bindOptions(containers::Propagation propagation)
{
    switch (propagation) {
    case containers::Propagation::HostToContainer:
        return {{"Propagation", "rslave"}};
    case containers::Propagation::Bidirectional:
        return {{"Propagation", "rshared"}};
    case containers::Propagation::None:
        break;
    }
    return {};
}

json::array mountsOf(const ContainerSpec& spec)
{
    json::array mounts;
    for (const auto& mount : spec.mounts) {
        mounts.push_back(json::object{{"Type", "bind"},
                                      {"Source", mount.source},
                                      {"Target", mount.target},
                                      {"ReadOnly", mount.readOnly},
                                      {"BindOptions", bindOptions(mount.propagation)}});
    }
    return mounts;
}

void addLimits(json::object& host, const ContainerSpec& spec)
{
    if (spec.cpuShares > 0)
        host["CpuShares"] = spec.cpuShares;
    if (spec.cpuLimitMilli > 0) {
        host["CpuPeriod"] = cpuPeriodMicroseconds;
        host["CpuQuota"] = std::max(cpuQuotaMicrosecondsMin, spec.cpuLimitMilli * cpuPeriodMicroseconds / 1000);
    }
    if (spec.memoryLimitBytes > 0) {
        host["Memory"] = spec.memoryLimitBytes;
        host["MemorySwap"] = spec.memoryLimitBytes; // the sum of both: no swap
    }
}

void addSecurity(json::object& request, json::object& host, const ContainerSpec& spec)
{
    if (spec.runAsUser) {
        request["User"] =
            spec.runAsGroup ? fmt::format("{}:{}", *spec.runAsUser, *spec.runAsGroup) : std::to_string(*spec.runAsUser);
    } else if (spec.runAsGroup) {
        request["User"] = fmt::format("{}:{}", spec.imageUser.empty() ? "0" : spec.imageUser, *spec.runAsGroup);
    }
    if (!spec.supplementalGroups.empty()) {
        json::array groups;
        for (const auto group : spec.supplementalGroups)
            groups.emplace_back(std::to_string(group));
        host["GroupAdd"] = std::move(groups);
    }
    host["Privileged"] = spec.privileged;
    host["ReadonlyRootfs"] = spec.readOnlyRootFilesystem;
    if (!spec.addCapabilities.empty())
        host["CapAdd"] = texts(spec.addCapabilities);
    if (!spec.dropCapabilities.empty())
        host["CapDrop"] = texts(spec.dropCapabilities);
    json::array options;
    if (spec.noNewPrivileges)
        options.emplace_back("no-new-privileges");
    if (!spec.seccomp.empty())
        options.emplace_back("seccomp=" + spec.seccomp);
    if (!spec.appArmor.empty())
        options.emplace_back("apparmor=" + spec.appArmor);
    if (!options.empty())
        host["SecurityOpt"] = std::move(options);
}

} // namespace

json::value sandboxRequest(const Owner& owner, const SandboxSpec& spec)
{
    json::object host;
    host["NetworkMode"] = spec.hostNetwork ? std::string("host") : spec.network.empty() ? "default" : spec.network;
    host["IpcMode"] = spec.hostIpc ? "host" : "shareable";
    if (spec.hostPid)
        host["PidMode"] = "host";
    host["LogConfig"] = json::object{{"Type", "none"}};
    if (!spec.hostNetwork) {
        host["Dns"] = texts(spec.dnsServers);
        host["DnsSearch"] = texts(spec.dnsSearches);
        host["DnsOptions"] = texts(spec.dnsOptions);
        host["ExtraHosts"] = json::array();
        for (const auto& [address, name] : spec.hostAliases)
            host["ExtraHosts"].as_array().emplace_back(fmt::format("{}:{}", name, address));
    }
    json::object sysctls;
    for (const auto& [name, value] : spec.sysctls)
        sysctls[name] = value;
    host["Sysctls"] = std::move(sysctls);

    json::object request;
    request["Image"] = fmt::format("{}:{}", sandboxRepository, sandboxTag);
    request["Entrypoint"] = json::array{sandboxEntryPoint};
    request["Labels"] = labelsOf(owner, spec.pod, spec.attempt, "sandbox", spec.annotations);
    if (!spec.hostNetwork) {
        if (!spec.hostName.empty())
            request["Hostname"] = spec.hostName;
        addPorts(request, host, spec);
    }
    request["HostConfig"] = std::move(host);
    return request;
}

json::value containerRequest(const Owner& owner, const std::string& sandboxId, const ContainerSpec& spec)
{
    const auto sandbox = "container:" + sandboxId;
    json::object host;
    host["NetworkMode"] = sandbox;
    host["IpcMode"] = spec.hostIpc ? std::string("host") : sandbox;
    if (!spec.processesOf.empty())
        host["PidMode"] = "container:" + spec.processesOf;
    else if (spec.processes != containers::ProcessNamespace::Own)
        host["PidMode"] = spec.processes == containers::ProcessNamespace::Host ? std::string("host") : sandbox;
    host["Mounts"] = mountsOf(spec);
    host["LogConfig"] = logConfig();
    addLimits(host, spec);

    json::object request;
    request["Image"] = spec.image;
    if (!spec.command.empty())
        request["Entrypoint"] = texts(spec.command);
    if (!spec.arguments.empty())
        request["Cmd"] = texts(spec.arguments);
    if (!spec.workingDirectory.empty())
        request["WorkingDir"] = spec.workingDirectory;
    json::array environment;
    for (const auto& [name, value] : spec.environment)
        environment.emplace_back(fmt::format("{}={}", name, value));
    request["Env"] = std::move(environment);
    request["Tty"] = spec.terminal;
    request["OpenStdin"] = spec.openStdin;
    request["StdinOnce"] = spec.stdinOnce;
    request["Healthcheck"] = json::object{{"Test", json::array{"NONE"}}}; // the pod's probes count, not the image's
    auto labels = labelsOf(owner, spec.pod, spec.attempt, "container", spec.annotations);
    labels[containerNameLabel] = spec.name;
    labels[sandboxLabel] = sandboxId;
    request["Labels"] = std::move(labels);
    addSecurity(request, host, spec);
    request["HostConfig"] = std::move(host);
    return request;
}

json::array ownerFilter(const Owner& owner)
{
    return {fmt::format("{}={}", clusterLabel, owner.cluster), fmt::format("{}={}", nodeLabel, owner.node)};
}

std::string sandboxName(const SandboxSpec& spec)
{
    return fmt::format("keelson_POD_{}_{}_{}_{}", spec.pod.name, spec.pod.nameSpace, spec.pod.uid, spec.attempt);
}

std::string containerName(const ContainerSpec& spec)
{
    return fmt::format("keelson_{}_{}_{}_{}_{}", spec.name, spec.pod.name, spec.pod.nameSpace, spec.pod.uid,
                       spec.attempt);
}

std::string resolverText(const SandboxSpec& spec)
{
    std::string text;
    for (const auto& server : spec.dnsServers)
        text += fmt::format("nameserver {}\n", server);
    if (!spec.dnsSearches.empty())
        text += fmt::format("search {}\n", fmt::join(spec.dnsSearches, " "));
    if (!spec.dnsOptions.empty())
        text += fmt::format("options {}\n", fmt::join(spec.dnsOptions, " "));
    return text;
}

std::string pullQuery(std::string_view image)
{
    std::string_view repository = image;
    std::string_view tag = "latest";
    if (const auto digest = image.find('@'); digest != std::string_view::npos) {
        repository = image.substr(0, digest);
        tag = image.substr(digest + 1);
    } else if (const auto colon = image.rfind(':');
               colon != std::string_view::npos && image.find('/', colon) == std::string_view::npos) {
        repository = image.substr(0, colon);
        tag = image.substr(colon + 1);
    }
    return fmt::format("fromImage={}&tag={}", percentEncoded(repository), percentEncoded(tag));
}

std::string registryAuth(const containers::RegistryCredentials& credentials)
{
    const auto text = json::serialize(json::object{
        {"username", credentials.userName}, {"password", credentials.password}, {"serveraddress", credentials.server}});
    static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string encoded;
    for (std::size_t i = 0; i < text.size(); i += 3) {
        unsigned group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8U | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k)
            encoded += i + k <= text.size() ? alphabet[group >> (18U - 6U * k) & 63U] : '=';
    }
    return encoded;
}

std::string logsQuery(const containers::LogOptions& options, WallTime now)
{
    std::string query =
        fmt::format("stdout=1&stderr=1&follow={}&timestamps={}", options.follow ? 1 : 0, options.timestamps ? 1 : 0);
    if (options.tailLines)
        query += fmt::format("&tail={}", *options.tailLines);
    auto since = options.sinceTime;
    if (!since && options.sinceSeconds) { // not to before the epoch: clients send any number
        const auto sinceEpoch = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
        since = now - std::min(std::chrono::seconds{*options.sinceSeconds}, sinceEpoch);
    }
    if (since) {
        const auto nanoseconds = since->time_since_epoch().count();
        query += fmt::format("&since={}.{:09}", nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000);
    }
    return query;
}

} // namespace keelson::docker
