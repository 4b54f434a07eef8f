// SPDX-License-Identifier: Apache-2.0
#include "api/resource_names.h"

#include "api/name_forms.h"
#include "api/refusals.h"
#include "api/rules.h"

#include <algorithm>
#include <array>
#include <string>

namespace keelson::api {
namespace {

constexpr std::array<std::string_view, 3> computed{"cpu", "memory", "ephemeral-storage"};
/// What a quota can limit besides the computed ones, as such or as requests and limits, and counts of objects.
constexpr std::array<std::string_view, 16> quotas{"requests.cpu",
                                                  "requests.memory",
                                                  "requests.storage",
                                                  "requests.ephemeral-storage",
                                                  "limits.cpu",
                                                  "limits.memory",
                                                  "limits.ephemeral-storage",
                                                  "pods",
                                                  "resourcequotas",
                                                  "services",
                                                  "replicationcontrollers",
                                                  "secrets",
                                                  "persistentvolumeclaims",
                                                  "configmaps",
                                                  "services.nodeports",
                                                  "services.loadbalancers"};

bool isComputed(std::string_view name)
{
    return std::ranges::find(computed, name) != computed.end();
}

bool hasDomain(std::string_view name)
{
    return name.find('/') != name.npos;
}

bool isNative(std::string_view name)
{
    return !hasDomain(name) || name.find("kubernetes.io/") != name.npos;
}

bool isQuota(std::string_view name)
{
    return isComputed(name) || std::ranges::find(quotas, name) != quotas.end() || isHugePages(name) ||
           name.starts_with("requests.hugepages-");
}

/// Whether it has the form of a name; refused otherwise.
bool hasForm(std::string_view name, const FieldPath& path, Refusals& refusals)
{
    const auto wrong = wrongQualifiedName(name);
    refuse(wrong, path, Value(name), refusals);
    return wrong.empty();
}

} // namespace

bool isHugePages(std::string_view name)
{
    return name.starts_with("hugepages-");
}

bool isExtendedResource(std::string_view name)
{
    return !isNative(name) && !name.starts_with("requests.") &&
           wrongQualifiedName("requests." + std::string(name)).empty();
}

bool isOvercommitAllowed(std::string_view name)
{
    return isNative(name) && !isHugePages(name);
}

void checkResourceName(std::string_view name, const FieldPath& path, Refusals& refusals)
{
    if (hasForm(name, path, refusals) && !hasDomain(name) && !isQuota(name) && name != "storage")
        refusals.invalid(path, Value(name), "must be a standard resource type or fully qualified");
}

void checkContainerResourceName(std::string_view name, const FieldPath& path, Refusals& refusals)
{
    checkResourceName(name, path, refusals);
    if (!hasDomain(name) && !isComputed(name) && !isHugePages(name))
        refusals.invalid(path, Value(name), "must be a standard resource for containers");
    else if (!isNative(name) && !isExtendedResource(name))
        refusals.invalid(path, Value(name), "doesn't follow extended resource name standard");
}

void checkQuotaResourceName(std::string_view name, const FieldPath& path, Refusals& refusals)
{
    if (hasForm(name, path, refusals) && !hasDomain(name) && !isQuota(name))
        refusals.invalid(path, Value(name), "must be a standard resource for quota");
}

} // namespace keelson::api
