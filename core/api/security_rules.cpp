// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>

namespace keelson::api {
namespace {

constexpr std::int64_t idMax = std::numeric_limits<std::int32_t>::max(); ///< Of users and groups.

void checkId(const Value& id, const FieldPath& path, Refusals& refusals)
{
    if (id.is_int64() && (id.get_int64() < 0 || id.get_int64() > idMax))
        refusals.invalid(path, id, fmt::format("must be between 0 and {}, inclusive", idMax));
}

/// A profile has a place of its own for Localhost alone.
void checkProfile(const Value& node, const FieldPath& path, std::string_view what, Refusals& refusals)
{
    const auto at = path.child("localhostProfile");
    const bool local = stringAt(node, {"type"}) == "Localhost";
    const auto profile = stringAt(node, {"localhostProfile"});
    if (local && profile.find_first_not_of(" \t\n") == profile.npos)
        refusals.required(at, fmt::format("must be set when {} type is Localhost", what));
    else if (!local && has(node, "localhostProfile"))
        refusals.invalid(at, Value(profile), fmt::format("can only be set when {} type is Localhost", what));
}

void seccompProfile(const Value& node, const FieldPath& path, Refusals& refusals)
{
    checkProfile(node, path, "seccomp", refusals);
    const auto profile = stringAt(node, {"localhostProfile"});
    if (profile.starts_with('/'))
        refusals.invalid(path.child("localhostProfile"), Value(profile), "must be a relative path");
    if (("/" + std::string(profile) + "/").find("/../") != std::string::npos)
        refusals.invalid(path.child("localhostProfile"), Value(profile), "must not contain '..'");
}

void appArmorProfile(const Value& node, const FieldPath& path, Refusals& refusals)
{
    constexpr std::size_t profileMax = 4095; ///< Of a path on Linux.
    checkProfile(node, path, "AppArmor", refusals);
    const auto profile = stringAt(node, {"localhostProfile"});
    const auto isSpace = [](char c) { return c == ' ' || c == '\t' || c == '\n'; };
    if (profile.find_first_not_of(" \t\n") != profile.npos && (isSpace(profile.front()) || isSpace(profile.back())))
        refusals.invalid(path.child("localhostProfile"), Value(profile), "must not be padded with whitespace");
    if (profile.size() > profileMax)
        refusals.tooLong(path.child("localhostProfile"), profileMax);
}

void containerSecurity(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (boolAt(node, {"allowPrivilegeEscalation"}, true))
        return;
    if (boolAt(node, {"privileged"}))
        refusals.invalid(path, node, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
    for (const auto& capability : itemsAt(node, {"capabilities", "add"}))
        if (textOf(capability) == "CAP_SYS_ADMIN")
            refusals.invalid(path, node,
                             "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
}

/// "kernel.shm_rmid_forced", "net/ipv4/ip_forward"
bool isSysctl(std::string_view name)
{
    constexpr std::size_t nameMax = 253;
    const auto isEdge = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    const auto isPart = [&](std::string_view part) {
        return !part.empty() && isEdge(part.front()) && isEdge(part.back()) &&
               std::ranges::all_of(part, [&](char c) { return isEdge(c) || c == '-' || c == '_'; });
    };
    for (std::size_t at = 0; at <= name.size();) {
        const auto stop = std::min(name.find_first_of("./", at), name.size());
        if (!isPart(name.substr(at, stop - at)))
            return false;
        at = stop + 1;
    }
    return name.size() <= nameMax;
}

void checkSysctls(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto& sysctls = itemsAt(spec, {"securityContext", "sysctls"});
    const auto list = path.child("sysctls");
    std::set<std::string_view> seen;
    for (std::size_t index = 0; index < sysctls.size(); ++index) {
        const auto name = stringAt(sysctls[index], {"name"});
        const auto at = list.index(index);
        if (name.empty())
            continue;
        if (!isSysctl(name))
            refusals.invalid(at.child("name"), Value(name),
                             "must have at most 253 characters and be parts of lower case letters, digits, '-' and '_' "
                             "with '.' or '/' between them");
        else if (!seen.insert(name).second)
            refusals.duplicate(at.child("name"), Value(name));
        const auto starts = [name](std::string_view with) { return name.starts_with(with); };
        if (boolAt(spec, {"hostNetwork"}) && (starts("net.") || starts("net/")))
            refusals.invalid(at.child("name"), Value(name), "may not be specified when 'hostNetwork' is true");
        constexpr std::array ofProcesses{"kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.",
                                         "kernel/shm", "kernel/msg", "kernel/sem", "fs/mqueue/"};
        if (boolAt(spec, {"hostIPC"}) && std::ranges::any_of(ofProcesses, starts))
            refusals.invalid(at.child("name"), Value(name), "may not be specified when 'hostIPC' is true");
    }
}

/// All of /proc is for containers whose root is not the node's.
void checkProcMounts(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    if (!boolAt(spec, {"hostUsers"}, true))
        return;
    for (const auto* member : {"initContainers", "containers", "ephemeralContainers"}) {
        const auto& containers = itemsAt(spec, {member});
        const auto list = path.child(member);
        for (std::size_t index = 0; index < containers.size(); ++index) {
            const auto at = list.index(index);
            if (stringAt(containers[index], {"securityContext", "procMount"}) == "Unmasked")
                refusals.invalid(at.child("securityContext").child("procMount"), "Unmasked",
                                 "`hostUsers` must be false to use `Unmasked`");
        }
    }
}

/// Settings that only Linux has.
constexpr std::array<std::string_view, 9> notOfWindowsPods{
    "appArmorProfile", "seLinuxOptions",     "seccompProfile",          "fsGroup", "fsGroupChangePolicy", "runAsUser",
    "runAsGroup",      "supplementalGroups", "supplementalGroupsPolicy"};
constexpr std::array<std::string_view, 10> notOfWindowsContainers{
    "appArmorProfile", "seLinuxOptions",           "seccompProfile", "capabilities", "readOnlyRootFilesystem",
    "privileged",      "allowPrivilegeEscalation", "procMount",      "runAsUser",    "runAsGroup"};

void forbidEach(const Value& node, std::span<const std::string_view> members, std::string_view why,
                const FieldPath& path, Refusals& refusals)
{
    const auto at = path.child("securityContext");
    for (const auto member : members)
        if (find(node, {"securityContext", member}))
            refusals.forbidden(at.child(member), why);
}

/// A pod that says its system says nothing that only another one knows.
void checkSystem(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    constexpr std::string_view notForWindows = "cannot be set for a windows pod";
    constexpr std::array<std::string_view, 1> ofWindows{"windowsOptions"};
    const auto name = stringAt(spec, {"os", "name"});
    const bool isWindows = name == "windows";
    if (!isWindows && name != "linux")
        return;
    const auto why = isWindows ? notForWindows : "windows options cannot be set for a linux pod";
    const auto ofPods = isWindows ? std::span<const std::string_view>(notOfWindowsPods) : ofWindows;
    const auto ofContainers = isWindows ? std::span<const std::string_view>(notOfWindowsContainers) : ofWindows;
    for (const auto* member : {"hostUsers", "shareProcessNamespace"})
        if (isWindows && has(spec, member))
            refusals.forbidden(path.child(member), why);
    for (const auto* member : {"hostPID", "hostIPC"})
        if (isWindows && boolAt(spec, {member}))
            refusals.forbidden(path.child(member), why);
    if (isWindows && !itemsAt(spec, {"securityContext", "sysctls"}).empty())
        refusals.forbidden(path.child("securityContext").child("sysctls"), why);
    forbidEach(spec, ofPods, why, path, refusals);
    for (const auto* member : {"initContainers", "containers", "ephemeralContainers"}) {
        const auto& containers = itemsAt(spec, {member});
        const auto list = path.child(member);
        for (std::size_t index = 0; index < containers.size(); ++index)
            forbidEach(containers[index], ofContainers, why, list.index(index), refusals);
    }
}

void podSecurity(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto at = path.child("securityContext");
    if (boolAt(spec, {"hostPID"}) && boolAt(spec, {"shareProcessNamespace"}))
        refusals.invalid(at.child("shareProcessNamespace"), true,
                         "ShareProcessNamespace and HostPID cannot both be enabled");
    const auto& groups = itemsAt(spec, {"securityContext", "supplementalGroups"});
    const auto list = at.child("supplementalGroups");
    for (std::size_t index = 0; index < groups.size(); ++index)
        checkId(groups[index], list.index(index), refusals);
    if (const auto* group = find(spec, {"securityContext", "fsGroup"}))
        checkId(*group, at.child("fsGroup"), refusals);
    checkSysctls(spec, at, refusals);
    checkSystem(spec, path, refusals);
    checkProcMounts(spec, path, refusals);
    if (boolAt(spec, {"hostUsers"}, true))
        return;
    for (const auto* member : {"hostNetwork", "hostPID", "hostIPC"})
        if (boolAt(spec, {member}))
            refusals.forbidden(path.child(member), "when `pod.Spec.HostUsers` is false");
}

constexpr std::array table{
    Rule{"appArmorProfile", appArmorProfile},
    Rule{"containerSecurity", containerSecurity},
    Rule{"podSecurity", podSecurity},
    Rule{"seccompProfile", seccompProfile},
};

} // namespace

std::span<const Rule> securityRules()
{
    return table;
}

} // namespace keelson::api
