// SPDX-License-Identifier: Apache-2.0
#include "policies/operation.h"

#include <algorithm>

namespace keelson::policies {
namespace {

using api::Array;
using api::Object;
using api::Value;

Value text(std::string_view view)
{
    return boost::json::string(view.data(), view.size());
}

Value groupVersion(const api::GroupVersion& version, std::string_view member, std::string_view name)
{
    Object object{{"group", version.group}, {"version", version.version}};
    object[member] = text(name);
    return object;
}

/// The kind of what is sent: of a subresource with a kind of its own that one.
Value sentKind(const Request& request)
{
    const auto& kind = request.operation.kind;
    const auto* const sent = request.object ? request.object : request.before;
    if (request.operation.subresource.empty() || !sent)
        return groupVersion(kind.groupVersion, "kind", kind.kind);
    const auto name = api::stringAt(*sent, {"kind"});
    if (name.empty())
        return groupVersion(kind.groupVersion, "kind", kind.kind);
    return groupVersion(api::GroupVersion::parse(api::stringAt(*sent, {"apiVersion"})), "kind", name);
}

Value userInfo(const auth::User& user)
{
    Object info{{"username", user.name}};
    if (!user.uid.empty())
        info["uid"] = user.uid;
    info["groups"] = Array(user.groups.begin(), user.groups.end());
    if (!user.extra.empty()) {
        Object extra;
        for (const auto& [key, values] : user.extra)
            extra[key] = Array(values.begin(), values.end());
        info["extra"] = std::move(extra);
    }
    return info;
}

Value optionsOf(const Request& request)
{
    const auto verb = request.operation.verb;
    if (verb == "CONNECT")
        return nullptr;
    const auto* const kind = verb == "CREATE" ? "CreateOptions" : verb == "UPDATE" ? "UpdateOptions" : "DeleteOptions";
    Object options{{"kind", kind}, {"apiVersion", "meta.k8s.io/v1"}};
    if (request.dryRun)
        options["dryRun"] = Array{"All"};
    if (!request.fieldManager.empty() && verb != "DELETE")
        options["fieldManager"] = request.fieldManager;
    return options;
}

api::Labels labelsIn(const Value* object)
{
    api::Labels labels;
    const auto* const found = object ? api::find(*object, {"metadata", "labels"}) : nullptr;
    if (!found || !found->is_object())
        return labels;
    for (const auto& [key, value] : found->get_object()) {
        if (value.is_string())
            labels.emplace(key, value.get_string());
    }
    return labels;
}

bool has(const std::vector<std::string>& list, std::string_view one)
{
    return std::ranges::any_of(list, [&](const std::string& each) { return each == "*" || each == one; });
}

/// "pods", "pods/*", "*/status", "*", "*/*"
bool takesResource(const std::string& pattern, std::string_view resource, std::string_view subresource)
{
    const auto slash = pattern.find('/');
    const auto wanted = std::string_view(pattern).substr(0, slash);
    const auto wantedSubresource =
        slash == std::string::npos ? std::string_view{} : std::string_view(pattern).substr(slash + 1);
    return (wanted == "*" || wanted == resource) && (wantedSubresource == "*" || wantedSubresource == subresource);
}

template <typename Rule>
bool takesOperation(const Rule& rule, const Operation& operation, bool exact)
{
    const auto& kind = operation.kind;
    const auto scope = rule.scope.value_or("*");
    const bool version = has(rule.apiVersions, kind.groupVersion.version) ||
                         (!exact && std::ranges::any_of(operation.otherVersions, [&](const auto& other) {
                             return has(rule.apiVersions, other);
                         }));
    return has(rule.operations, operation.verb) && has(rule.apiGroups, kind.groupVersion.group) && version &&
           std::ranges::any_of(rule.resources,
                               [&](const std::string& pattern) {
                                   return takesResource(pattern, kind.plural, operation.subresource);
                               }) &&
           (scope == "*" || (scope == "Namespaced") == !operation.nameSpace.empty());
}

} // namespace

Object describe(const Request& request)
{
    const auto& [kind, otherVersions, subresource, verb, nameSpace] = request.operation;
    const auto itsKind = sentKind(request);
    const auto itsResource = groupVersion(kind.groupVersion, "resource", kind.plural);
    Object members{
        {"kind", itsKind}, {"resource", itsResource}, {"requestKind", itsKind}, {"requestResource", itsResource}};
    if (!subresource.empty()) {
        for (const auto* const member : {"subResource", "requestSubResource"})
            members[member] = text(subresource);
    }
    members["name"] = request.name;
    if (!nameSpace.empty())
        members["namespace"] = text(nameSpace);
    else if (kind.kind == "Namespace" && kind.groupVersion.group.empty())
        members["namespace"] = request.name; // a namespace lies in itself
    members["operation"] = text(verb);
    members["userInfo"] = userInfo(request.user);
    members["dryRun"] = request.dryRun;
    members["options"] = optionsOf(request);
    return members;
}

RequestLabels labelsOf(const Request& request, const api::Labels* nameSpace)
{
    return {.nameSpace = nameSpace, .now = labelsIn(request.object), .before = labelsIn(request.before)};
}

bool Selectors::match(const RequestLabels& labels) const
{
    return (!labels.nameSpace || namespaces.matches(*labels.nameSpace)) &&
           (objects.matches(labels.now) || objects.matches(labels.before));
}

bool takes(const api::RuleWithOperations& rule, const Operation& operation, bool exact)
{
    return takesOperation(rule, operation, exact);
}

bool takes(const api::NamedRuleWithOperations& rule, const Operation& operation, std::string_view name, bool exact)
{
    return takesOperation(rule, operation, exact) &&
           (rule.resourceNames.empty() || std::ranges::find(rule.resourceNames, name) != rule.resourceNames.end());
}

} // namespace keelson::policies
