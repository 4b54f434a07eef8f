// SPDX-License-Identifier: Apache-2.0
#include "pods/pod_specs.h"

#include "api/base64.h"
#include "pods/pod_security.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::pods {
namespace {

using containers::ContainerSpec;
using containers::SandboxSpec;

constexpr std::int64_t cpuSharesMin = 2;
constexpr std::int64_t cpuSharesPerCore = 1024;

void addClusterDns(SandboxSpec& spec, const api::Pod& pod, const NodeSettings& settings)
{
    const auto& policy = pod.spec.dnsPolicy;
    const bool cluster =
        (policy == "ClusterFirstWithHostNet" || (policy != "Default" && policy != "None" && !pod.spec.hostNetwork)) &&
        !settings.dnsAddress.empty();
    if (cluster) {
        const auto& domain = settings.clusterDomain;
        spec.dnsServers = {settings.dnsAddress};
        spec.dnsSearches = {fmt::format("{}.svc.{}", pod.metadata.namespace_, domain), fmt::format("svc.{}", domain),
                            domain};
        spec.dnsSearches.insert(spec.dnsSearches.end(), settings.hostSearches.begin(), settings.hostSearches.end());
        spec.dnsOptions = {"ndots:5"};
    } else if (policy != "None") {
        spec.dnsServers = settings.hostNameServers;
        spec.dnsSearches = settings.hostSearches;
    }
    if (!pod.spec.dnsConfig)
        return;
    const auto& extra = *pod.spec.dnsConfig;
    spec.dnsServers.insert(spec.dnsServers.end(), extra.nameservers.begin(), extra.nameservers.end());
    spec.dnsSearches.insert(spec.dnsSearches.end(), extra.searches.begin(), extra.searches.end());
    for (const auto& option : extra.options) {
        std::erase_if(spec.dnsOptions, [&](const auto& each) { return each.substr(0, each.find(':')) == option.name; });
        spec.dnsOptions.push_back(option.value ? option.name + ":" + *option.value : option.name);
    }
}

std::string hostNameOf(const api::Pod& pod)
{
    constexpr std::size_t lengthMax = 63;
    auto name = (pod.spec.hostname.empty() ? pod.metadata.name : pod.spec.hostname).substr(0, lengthMax);
    while (!name.empty() && (name.back() == '-' || name.back() == '.'))
        name.pop_back();
    return name;
}

std::int64_t amount(const std::map<std::string, api::Quantity, std::less<>>& amounts, std::string_view name, bool milli)
{
    const auto found = amounts.find(name);
    if (found == amounts.end())
        return 0;
    return milli ? found->second.milli() : found->second.units();
}

void addResources(ContainerSpec& spec, const api::Container& container)
{
    const auto& resources = container.resources;
    spec.cpuLimitMilli = amount(resources.limits, "cpu", true);
    spec.memoryLimitBytes = amount(resources.limits, "memory", false);
    const auto requested =
        resources.requests.contains("cpu") ? amount(resources.requests, "cpu", true) : spec.cpuLimitMilli;
    spec.cpuShares = std::max(cpuSharesMin, requested * cpuSharesPerCore / 1000);
}

void addSecurity(ContainerSpec& spec, const api::Pod& pod, const api::Container& container)
{
    if (pod.spec.securityContext) {
        const auto& common = *pod.spec.securityContext;
        spec.runAsUser = common.runAsUser;
        spec.runAsGroup = common.runAsGroup;
        spec.supplementalGroups = common.supplementalGroups;
        if (common.fsGroup)
            spec.supplementalGroups.push_back(*common.fsGroup);
    }
    spec.processes = pod.spec.hostPID                                 ? containers::ProcessNamespace::Host
                     : pod.spec.shareProcessNamespace.value_or(false) ? containers::ProcessNamespace::Sandbox
                                                                      : containers::ProcessNamespace::Own;
    spec.hostIpc = pod.spec.hostIPC;
    if (!container.securityContext)
        return;
    const auto& own = *container.securityContext;
    if (own.runAsUser)
        spec.runAsUser = own.runAsUser;
    if (own.runAsGroup)
        spec.runAsGroup = own.runAsGroup;
    spec.privileged = own.privileged.value_or(false);
    spec.readOnlyRootFilesystem = own.readOnlyRootFilesystem.value_or(false);
    spec.noNewPrivileges = !own.allowPrivilegeEscalation.value_or(true);
    if (own.capabilities) {
        spec.addCapabilities = own.capabilities->add;
        spec.dropCapabilities = own.capabilities->drop;
    }
}

containers::Propagation propagationOf(const api::VolumeMount& mount)
{
    const auto& mode = mount.mountPropagation;
    return mode == "HostToContainer" ? containers::Propagation::HostToContainer
           : mode == "Bidirectional" ? containers::Propagation::Bidirectional
                                     : containers::Propagation::None;
}

Result<Done> addMounts(ContainerSpec& spec, const api::Container& container, const VolumePaths& volumes)
{
    for (const auto& mount : container.volumeMounts) {
        const auto volume = volumes.find(mount.name);
        if (volume == volumes.end())
            return fail(Reason::NotFound, fmt::format("volume \"{}\" is not mounted", mount.name));
        const auto subPath = mount.subPathExpr.empty() ? mount.subPath : expand(mount.subPathExpr, spec.environment);
        const std::filesystem::path relative(subPath);
        if (relative.is_absolute() || std::ranges::find(relative, std::filesystem::path("..")) != relative.end())
            return fail(Reason::Invalid,
                        fmt::format("subPath \"{}\" of volume \"{}\" leaves the volume", subPath, mount.name));
        const auto source =
            subPath.empty() ? std::filesystem::path(volume->second) : std::filesystem::path(volume->second) / relative;
        spec.mounts.push_back({.source = source.string(),
                               .target = mount.mountPath,
                               .readOnly = mount.readOnly,
                               .propagation = propagationOf(mount)});
    }
    return Done{};
}

/// The registry that an image's name begins with.
std::string registryOf(const std::string& image)
{
    const auto slash = image.find('/');
    const auto first = image.substr(0, slash);
    const bool named =
        slash != std::string::npos && (first.find_first_of(".:") != std::string::npos || first == "localhost");
    return named ? first : "docker.io";
}

std::string hostOf(std::string_view server)
{
    if (const auto scheme = server.find("://"); scheme != std::string_view::npos)
        server.remove_prefix(scheme + 3);
    const std::string host(server.substr(0, server.find('/')));
    return host == "index.docker.io" ? "docker.io" : host;
}

std::optional<containers::RegistryCredentials> credentialsIn(std::string_view config, const std::string& registry)
{
    const auto document = api::parseJson(config);
    const auto* auths = document ? api::find(*document, {"auths"}) : nullptr;
    if (auths == nullptr || !auths->is_object())
        return std::nullopt;
    for (const auto& each : auths->as_object()) {
        if (hostOf(std::string_view(each.key())) != registry)
            continue;
        containers::RegistryCredentials credentials{.userName = std::string(api::stringAt(each.value(), {"username"})),
                                                    .password = std::string(api::stringAt(each.value(), {"password"})),
                                                    .server = registry};
        if (credentials.userName.empty()) {
            const auto pair = api::decodeBase64(api::stringAt(each.value(), {"auth"}));
            if (!pair)
                continue;
            const auto colon = std::min(pair->find(':'), pair->size());
            credentials.userName = pair->substr(0, colon);
            credentials.password = colon < pair->size() ? pair->substr(colon + 1) : "";
        }
        return credentials;
    }
    return std::nullopt;
}

} // namespace

containers::PodIdentity identityOf(const api::Pod& pod)
{
    return {.nameSpace = pod.metadata.namespace_, .name = pod.metadata.name, .uid = pod.metadata.uid};
}

SandboxSpec sandboxSpec(const api::Pod& pod, const NodeSettings& settings, int attempt)
{
    SandboxSpec spec;
    spec.pod = identityOf(pod);
    spec.attempt = attempt;
    spec.hostName = hostNameOf(pod);
    spec.hostNetwork = pod.spec.hostNetwork;
    spec.hostPid = pod.spec.hostPID;
    spec.hostIpc = pod.spec.hostIPC;
    spec.network = settings.containerNetwork;
    addClusterDns(spec, pod, settings);
    for (const auto& alias : pod.spec.hostAliases) {
        for (const auto& name : alias.hostnames)
            spec.hostAliases.emplace_back(alias.ip, name);
    }
    for (const auto& container : pod.spec.containers) {
        for (const auto& port : container.ports) {
            spec.ports.push_back({.containerPort = static_cast<std::uint16_t>(port.containerPort),
                                  .hostPort = static_cast<std::uint16_t>(pod.spec.hostNetwork ? 0 : port.hostPort),
                                  .hostIp = port.hostIP,
                                  .protocol = port.protocol.empty() ? "TCP" : port.protocol});
        }
    }
    if (pod.spec.securityContext) {
        for (const auto& sysctl : pod.spec.securityContext->sysctls)
            spec.sysctls[sysctl.name] = sysctl.value;
    }
    return spec;
}

Result<ContainerSpec> containerSpec(const api::Pod& pod, const api::Container& container, const PodObjects& objects,
                                    const PodFacts& facts, const VolumePaths& volumes, const ContainerPlace& place)
{
    ContainerSpec spec;
    spec.pod = identityOf(pod);
    spec.name = container.name;
    spec.attempt = place.attempt;
    spec.image = container.image;
    TRY_ASSIGN(spec.environment, containerEnvironment(pod, container, objects, facts));
    for (const auto& word : container.command)
        spec.command.push_back(expand(word, spec.environment));
    for (const auto& word : container.args)
        spec.arguments.push_back(expand(word, spec.environment));
    spec.workingDirectory = container.workingDir;
    spec.terminal = container.tty;
    spec.openStdin = container.stdin;
    spec.stdinOnce = container.stdinOnce;
    addResources(spec, container);
    addSecurity(spec, pod, container);
    spec.processesOf = place.processesOf;
    TRY_OK(checkUser(pod, container, spec));
    TRY_OK(addMounts(spec, container, volumes));
    spec.annotations[std::string(imageAnnotation)] = container.image;
    spec.annotations[std::string(backoffAnnotation)] = std::to_string(place.nextBackoff.count());
    spec.annotations[std::string(graceAnnotation)] =
        std::to_string(pod.spec.terminationGracePeriodSeconds.value_or(30));
    if (!place.terminationMessageFile.empty()) {
        const auto& target = container.terminationMessagePath;
        spec.mounts.push_back(
            {.source = place.terminationMessageFile, .target = target.empty() ? "/dev/termination-log" : target});
        spec.annotations[std::string(messageAnnotation)] = place.terminationMessageFile;
    }
    return spec;
}

std::optional<containers::RegistryCredentials> credentialsFor(const api::Pod& pod, const std::string& image,
                                                              const PodObjects& objects)
{
    const auto registry = registryOf(image);
    for (const auto& reference : pod.spec.imagePullSecrets) {
        const auto secret = objects.secrets.find(reference.name);
        if (secret == objects.secrets.end())
            continue;
        const auto config = secret->second->data.find(".dockerconfigjson");
        if (config == secret->second->data.end())
            continue;
        if (auto found = credentialsIn(config->second, registry))
            return found;
    }
    return std::nullopt;
}

Result<int> resolvePort(const api::IntOrString& port, const api::Container& container)
{
    if (!port.isString)
        return port.number;
    const auto found = std::ranges::find(container.ports, port.text, &api::ContainerPort::name);
    if (found != container.ports.end())
        return found->containerPort;
    return fail(Reason::NotFound, fmt::format("container {} has no port named \"{}\"", container.name, port.text));
}

} // namespace keelson::pods
