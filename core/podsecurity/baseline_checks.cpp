// SPDX-License-Identifier: Apache-2.0
#include "podsecurity/pod_parts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace keelson::podsecurity {
namespace {

constexpr int seccompFieldsSince = 19;

bool contains(std::span<const std::string_view> names, std::string_view name)
{
    return std::ranges::find(names, name) != names.end();
}

/// Who of pod and containers has settings that `isBad` is true of.
template <typename IsBad>
std::string settersOf(const PodParts& pod, IsBad isBad)
{
    const bool ofPod = isBad(pod.security);
    return settersText(ofPod, namesOf(pod, [&](const auto& container) { return isBad(container.security); }));
}

/// Who sets a profile (AppArmor's, seccomp's) of a type that is not allowed; those types go into `types`.
template <typename Profile>
std::string profileSetters(const PodParts& pod, NameSet& types, Profile profileOf)
{
    return settersOf(pod, [&](const auto* security) {
        if (!security || !profileOf(*security))
            return false;
        const auto& type = profileOf(*security)->type;
        const bool bad = type != "RuntimeDefault" && type != "Localhost";
        if (bad)
            types.insert(type);
        return bad;
    });
}

std::optional<Violation> appArmorProfile(const PodParts& pod)
{
    constexpr std::string_view annotationPrefix = "container.apparmor.security.beta.kubernetes.io/";
    NameSet types;
    const auto setters =
        profileSetters(pod, types, [](const auto& security) -> const auto& { return security.appArmorProfile; });
    std::vector<std::string> details;
    if (!setters.empty())
        details.push_back(fmt::format("{} must not set AppArmor profile type to {}", setters, quoted(types)));
    std::vector<std::string> annotations;
    for (const auto& [key, value] : pod.metadata.annotations) {
        if (key.starts_with(annotationPrefix) && !value.empty() && value != "runtime/default" &&
            !value.starts_with("localhost/"))
            annotations.push_back(fmt::format("{}=\"{}\"", key, value));
    }
    if (!annotations.empty())
        details.push_back(fmt::format("{}", fmt::join(annotations, ", ")));
    if (details.empty())
        return std::nullopt;
    const auto count = types.size() + annotations.size();
    return Violation{count == 1 ? "forbidden AppArmor profile" : "forbidden AppArmor profiles",
                     fmt::format("{}", fmt::join(details, "; "))};
}

std::optional<Violation> capabilities(const PodParts& pod)
{
    constexpr std::array<std::string_view, 13> allowed{"AUDIT_WRITE", "CHOWN",  "DAC_OVERRIDE",     "FOWNER",  "FSETID",
                                                       "KILL",        "MKNOD",  "NET_BIND_SERVICE", "SETFCAP", "SETGID",
                                                       "SETPCAP",     "SETUID", "SYS_CHROOT"};
    NameSet added;
    const auto bad = namesOf(pod, [&](const auto& container) {
        bool wrong = false;
        if (!container.security || !container.security->capabilities)
            return wrong;
        for (const auto& capability : container.security->capabilities->add) {
            if (!contains(allowed, capability)) {
                added.insert(capability);
                wrong = true;
            }
        }
        return wrong;
    });
    if (bad.empty())
        return std::nullopt;
    return Violation{
        "non-default capabilities",
        fmt::format("{} must not include {} in securityContext.capabilities.add", containersText(bad), quoted(added))};
}

std::optional<Violation> hostNamespaces(const PodParts& pod)
{
    std::vector<std::string> shared;
    if (pod.spec.hostNetwork)
        shared.emplace_back("hostNetwork=true");
    if (pod.spec.hostPID)
        shared.emplace_back("hostPID=true");
    if (pod.spec.hostIPC)
        shared.emplace_back("hostIPC=true");
    if (shared.empty())
        return std::nullopt;
    return Violation{"host namespaces", fmt::format("{}", fmt::join(shared, ", "))};
}

std::optional<Violation> hostPathVolumes(const PodParts& pod)
{
    Names volumes;
    for (const auto& volume : pod.spec.volumes) {
        if (volume.hostPath)
            volumes.emplace_back(volume.name);
    }
    if (volumes.empty())
        return std::nullopt;
    return Violation{"hostPath volumes",
                     fmt::format("{} {}", volumes.size() == 1 ? "volume" : "volumes", quoted(volumes))};
}

std::optional<Violation> hostPorts(const PodParts& pod)
{
    NameSet ports;
    const auto bad = namesOf(pod, [&](const auto& container) {
        bool uses = false;
        for (const auto& port : container.ports) {
            if (port.hostPort != 0) {
                ports.insert(std::to_string(port.hostPort));
                uses = true;
            }
        }
        return uses;
    });
    if (bad.empty())
        return std::nullopt;
    return Violation{"hostPort", fmt::format("{} {} {} {}", containersText(bad), bad.size() == 1 ? "uses" : "use",
                                             ports.size() == 1 ? "hostPort" : "hostPorts", fmt::join(ports, ", "))};
}

std::optional<Violation> privileged(const PodParts& pod)
{
    const auto bad = namesOf(pod, [](const auto& container) {
        return container.security && container.security->privileged.value_or(false);
    });
    if (bad.empty())
        return std::nullopt;
    return Violation{"privileged", fmt::format("{} must not set securityContext.privileged=true", containersText(bad))};
}

std::optional<Violation> procMount(const PodParts& pod)
{
    NameSet types;
    const auto bad = namesOf(pod, [&](const auto& container) {
        const auto type = container.security ? container.security->procMount : std::nullopt;
        if (!type || *type == "Default")
            return false;
        types.insert(*type);
        return true;
    });
    if (bad.empty())
        return std::nullopt;
    return Violation{"procMount", fmt::format("{} must not set securityContext.procMount to {}", containersText(bad),
                                              quoted(types))};
}

std::optional<Violation> seLinuxOptions(const PodParts& pod)
{
    constexpr int engineSince = 31;
    NameSet types;
    bool user = false;
    bool role = false;
    const auto setters = settersOf(pod, [&](const auto* security) {
        if (!security || !security->seLinuxOptions)
            return false;
        const auto& options = *security->seLinuxOptions;
        constexpr std::array<std::string_view, 4> allowed{"", "container_t", "container_init_t", "container_kvm_t"};
        const bool type = !contains(allowed, options.type) &&
                          (options.type != "container_engine_t" || !pod.version.atLeast(engineSince));
        if (type)
            types.insert(options.type);
        user = user || !options.user.empty();
        role = role || !options.role.empty();
        return type || !options.user.empty() || !options.role.empty();
    });
    if (setters.empty())
        return std::nullopt;
    std::vector<std::string> what;
    if (!types.empty())
        what.push_back(fmt::format("{} {}", types.size() == 1 ? "type" : "types", quoted(types)));
    if (user)
        what.emplace_back("user may not be set");
    if (role)
        what.emplace_back("role may not be set");
    return Violation{"seLinuxOptions", fmt::format("{} set forbidden securityContext.seLinuxOptions: {}", setters,
                                                   fmt::join(what, "; "))};
}

/// Before 1.19 annotations said it.
std::optional<Violation> seccompAnnotations(const PodParts& pod)
{
    std::set<std::string> bad;
    const auto look = [&](const std::string& key) {
        const auto found = pod.metadata.annotations.find(key);
        if (found == pod.metadata.annotations.end())
            return;
        const auto& value = found->second;
        if (value != "runtime/default" && value != "docker/default" && !value.starts_with("localhost/"))
            bad.insert(fmt::format("{}=\"{}\"", key, value));
    };
    look("seccomp.security.alpha.kubernetes.io/pod");
    for (const auto& container : pod.containers)
        look(fmt::format("container.seccomp.security.alpha.kubernetes.io/{}", container.name));
    if (bad.empty())
        return std::nullopt;
    return Violation{"seccompProfile", fmt::format("forbidden {} {}", bad.size() == 1 ? "annotation" : "annotations",
                                                   fmt::join(bad, ", "))};
}

std::optional<Violation> seccompFields(const PodParts& pod)
{
    NameSet types;
    const auto setters =
        profileSetters(pod, types, [](const auto& security) -> const auto& { return security.seccompProfile; });
    if (setters.empty())
        return std::nullopt;
    return Violation{"seccompProfile",
                     fmt::format("{} must not set securityContext.seccompProfile.type to {}", setters, quoted(types))};
}

/// Sysctls that do not reach beyond the pod, and since which release they count as such.
struct SafeSysctl {
    std::string_view name;
    int since;
};

std::optional<Violation> sysctls(const PodParts& pod)
{
    constexpr std::array safe{SafeSysctl{"kernel.shm_rmid_forced", 0},
                              SafeSysctl{"net.ipv4.ip_local_port_range", 0},
                              SafeSysctl{"net.ipv4.tcp_syncookies", 0},
                              SafeSysctl{"net.ipv4.ping_group_range", 0},
                              SafeSysctl{"net.ipv4.ip_unprivileged_port_start", 0},
                              SafeSysctl{"net.ipv4.ip_local_reserved_ports", 27},
                              SafeSysctl{"net.ipv4.tcp_keepalive_time", 29},
                              SafeSysctl{"net.ipv4.tcp_fin_timeout", 29},
                              SafeSysctl{"net.ipv4.tcp_keepalive_intvl", 29},
                              SafeSysctl{"net.ipv4.tcp_keepalive_probes", 29}};
    std::vector<std::string> bad;
    for (const auto& sysctl : pod.security ? pod.security->sysctls : std::vector<api::Sysctl>{}) {
        const auto known = std::ranges::find(safe, sysctl.name, &SafeSysctl::name);
        if (known == safe.end() || !pod.version.atLeast(known->since))
            bad.push_back(sysctl.name);
    }
    if (bad.empty())
        return std::nullopt;
    return Violation{"forbidden sysctls", fmt::format("{}", fmt::join(bad, ", "))};
}

std::optional<Violation> windowsHostProcess(const PodParts& pod)
{
    const auto setters = settersOf(pod, [](const auto* security) {
        return security && security->windowsOptions && security->windowsOptions->hostProcess.value_or(false);
    });
    if (setters.empty())
        return std::nullopt;
    return Violation{"hostProcess",
                     fmt::format("{} must not set securityContext.windowsOptions.hostProcess=true", setters)};
}

constexpr std::array<Check, 11> all{appArmorProfile, capabilities, hostNamespaces,    hostPathVolumes,
                                    hostPorts,       privileged,   procMount,         seLinuxOptions,
                                    seccompSetters,  sysctls,      windowsHostProcess};
constexpr std::array<Check, 3> superseded{capabilities, hostPathVolumes, seccompSetters};

} // namespace

std::optional<Violation> seccompSetters(const PodParts& pod)
{
    return pod.version.atLeast(seccompFieldsSince) ? seccompFields(pod) : seccompAnnotations(pod);
}

std::span<const Check> baselineChecks()
{
    return all;
}

std::span<const Check> supersededChecks()
{
    return superseded;
}

} // namespace keelson::podsecurity
