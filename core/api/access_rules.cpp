// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/rules.h"

#include <array>

namespace keelson::api {
namespace {

constexpr std::string_view rbacGroup = "rbac.authorization.k8s.io";

void policyRule(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto& urls = itemsAt(node, {"nonResourceURLs"});
    const bool hasGroups = !itemsAt(node, {"apiGroups"}).empty();
    const bool hasResources = !itemsAt(node, {"resources"}).empty();
    const bool hasNames = !itemsAt(node, {"resourceNames"}).empty();
    if (!urls.empty()) {
        if (hasGroups || hasResources || hasNames)
            refusals.invalid(path.child("nonResourceURLs"), *find(node, {"nonResourceURLs"}),
                             "rules cannot apply to both regular resources and non-resource URLs");
        return;
    }
    if (!hasGroups)
        refusals.required(path.child("apiGroups"), "resource rules must supply at least one api group");
    if (!hasResources)
        refusals.required(path.child("resources"), "resource rules must supply at least one resource");
}

void aggregationRule(const Value& role, const FieldPath& path, Refusals& refusals)
{
    const auto at = path.child("aggregationRule");
    if (has(role, "aggregationRule") && itemsAt(role, {"aggregationRule", "clusterRoleSelectors"}).empty())
        refusals.required(at.child("clusterRoleSelectors"),
                          "at least one clusterRoleSelector required if aggregationRule is non-nil");
}

void roleWithoutUrls(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto& list = itemsAt(node, {"rules"});
    const auto at = path.child("rules");
    for (std::size_t index = 0; index < list.size(); ++index) {
        const auto rule = at.index(index);
        if (!itemsAt(list[index], {"nonResourceURLs"}).empty())
            refusals.invalid(rule.child("nonResourceURLs"), *find(list[index], {"nonResourceURLs"}),
                             "namespaced rules cannot apply to non-resource URLs");
    }
}

void checkRoleRef(const Value& node, const FieldPath& path, bool clusterOnly, Refusals& refusals)
{
    const auto at = path.child("roleRef");
    const auto group = stringAt(node, {"roleRef", "apiGroup"});
    const auto kind = stringAt(node, {"roleRef", "kind"});
    if (group != rbacGroup)
        refusals.notSupported(at.child("apiGroup"), Value(group), {std::string(rbacGroup)});
    if (kind != "ClusterRole" && (clusterOnly || kind != "Role"))
        refusals.notSupported(at.child("kind"), Value(kind),
                              clusterOnly ? std::vector<std::string>{"ClusterRole"}
                                          : std::vector<std::string>{"ClusterRole", "Role"});
    if (const auto name = stringAt(node, {"roleRef", "name"}); !name.empty())
        refuse(wrongPathSegment(name), at.child("name"), Value(name), refusals);
}

void roleBinding(const Value& node, const FieldPath& path, Refusals& refusals)
{
    checkRoleRef(node, path, false, refusals);
}

void clusterRoleBinding(const Value& node, const FieldPath& path, Refusals& refusals)
{
    checkRoleRef(node, path, true, refusals);
    const auto& subjects = itemsAt(node, {"subjects"});
    const auto list = path.child("subjects");
    for (std::size_t index = 0; index < subjects.size(); ++index) {
        const auto at = list.index(index);
        if (stringAt(subjects[index], {"kind"}) == "ServiceAccount" && stringAt(subjects[index], {"namespace"}).empty())
            refusals.required(at.child("namespace"));
    }
}

void sameRole(const Value& node, const Value& old, const FieldPath& path, Refusals& refusals)
{
    const auto* now = find(node, {"roleRef"});
    const auto* before = find(old, {"roleRef"});
    if (now && before && *now != *before)
        refusals.invalid(path.child("roleRef"), *now, "cannot change roleRef");
}

void subject(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto kind = stringAt(node, {"kind"});
    const auto group = stringAt(node, {"apiGroup"});
    if (kind == "ServiceAccount") {
        if (const auto name = stringAt(node, {"name"}); !name.empty())
            refuse(wrongDnsSubdomain(name), path.child("name"), Value(name), refusals);
        if (!group.empty())
            refusals.notSupported(path.child("apiGroup"), Value(group), {""});
    } else if (kind == "User" || kind == "Group") {
        if (group != rbacGroup)
            refusals.notSupported(path.child("apiGroup"), Value(group), {std::string(rbacGroup)});
    } else if (!kind.empty()) {
        refusals.notSupported(path.child("kind"), Value(kind), {"ServiceAccount", "User", "Group"});
    }
}

constexpr std::array table{
    Rule{"aggregationRule", aggregationRule}, Rule{"clusterRoleBinding", clusterRoleBinding, sameRole},
    Rule{"policyRule", policyRule},           Rule{"roleBinding", roleBinding, sameRole},
    Rule{"roleWithoutUrls", roleWithoutUrls}, Rule{"subject", subject},
};

} // namespace

std::span<const Rule> accessRules()
{
    return table;
}

} // namespace keelson::api
