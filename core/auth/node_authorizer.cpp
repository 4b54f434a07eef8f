// SPDX-License-Identifier: Apache-2.0
#include "auth/node_authorizer.h"

#include "auth/default_roles.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

namespace keelson::auth {
namespace {

using Kind = PodReference::Kind;

constexpr std::string_view nodePrefix = "system:node:";
constexpr std::string_view nodesGroup = "system:nodes";
constexpr std::string_view leaseNamespace = "kube-node-lease";

const Decision allowed{true, {}};

Decision refused(std::string reason)
{
    return {false, std::move(reason)};
}

bool isOneOf(std::string_view word, std::initializer_list<std::string_view> words)
{
    return std::ranges::find(words, word) != words.end();
}

std::vector<PolicyRule> rulesOfNodes()
{
    for (const auto& document : defaultRoles()) {
        if (api::stringAt(document, {"kind"}) == "ClusterRole" &&
            api::stringAt(document, {"metadata", "name"}) == "system:node")
            return rulesOf(document);
    }
    return {};
}

/// Whether the field selector holds the request to what has `field` = `value`.
bool selects(std::string_view selector, std::string_view field, std::string_view value)
{
    while (!selector.empty()) {
        const auto comma = selector.find(',');
        auto term = selector.substr(0, comma);
        selector = comma == std::string_view::npos ? std::string_view() : selector.substr(comma + 1);
        if (!term.starts_with(field))
            continue;
        term.remove_prefix(field.size());
        const auto text = term.starts_with("==") ? term.substr(2) : term.starts_with('=') ? term.substr(1) : term;
        if (text.size() != term.size() && text == value)
            return true;
    }
    return false;
}

Decision onLease(const std::string& node, const Attributes& attributes)
{
    if (!isOneOf(attributes.verb, {"get", "create", "update", "patch", "delete"}))
        return refused("can only get, create, update, patch, or delete a node lease");
    if (attributes.nameSpace != leaseNamespace)
        return refused(fmt::format("can only access leases in the \"{}\" system namespace", leaseNamespace));
    if (attributes.verb != "create" && attributes.name != node) // of which name a new one is, admission sees
        return refused("can only access node lease with the same name as the requesting node");
    return allowed;
}

Decision onDriverNode(const std::string& node, const Attributes& attributes)
{
    if (!isOneOf(attributes.verb, {"get", "create", "update", "patch", "delete"}))
        return refused("can only get, create, update, patch, or delete a CSINode");
    if (!attributes.subresource.empty())
        return refused("cannot authorize CSINode subresources");
    if (attributes.verb != "create" && attributes.name != node)
        return refused("can only access CSINode with the same name as the requesting node");
    return allowed;
}

Decision onNode(const std::string& node, const Attributes& attributes)
{
    const auto& verb = attributes.verb;
    if (attributes.subresource == "status")
        return isOneOf(verb, {"update", "patch"}) ? allowed : Decision{};
    if (!attributes.subresource.empty())
        return {};
    if (isOneOf(verb, {"create", "update", "patch"})) // which Node it is, admission sees
        return allowed;
    if (!isOneOf(verb, {"get", "list", "watch"}))
        return {};
    if (attributes.name == node)
        return allowed;
    if (attributes.name.empty())
        return refused(fmt::format("node '{}' cannot read all nodes, only its own Node object", node));
    return refused(fmt::format("node '{}' cannot read '{}', only its own Node object", node, attributes.name));
}

} // namespace

std::optional<std::string> nodeOf(const User& user)
{
    if (!user.name.starts_with(nodePrefix) || user.name.size() == nodePrefix.size() ||
        std::ranges::find(user.groups, nodesGroup) == user.groups.end())
        return std::nullopt;
    return user.name.substr(nodePrefix.size());
}

NodeAuthorizer::NodeAuthorizer(const NodeGraph& graph) : m_graph(graph), m_rules(rulesOfNodes()) {}

Decision NodeAuthorizer::authorize(const User& user, const Attributes& attributes) const
{
    const auto node = nodeOf(user);
    return node ? decide(*node, attributes) : Decision{};
}

Decision NodeAuthorizer::decide(const std::string& node, const Attributes& attributes) const
{
    const auto& group = attributes.group;
    const auto& resource = attributes.resource;
    if (group.empty()) {
        if (resource == "secrets")
            return onReference(Kind::Secret, node, attributes);
        if (resource == "configmaps")
            return onReference(Kind::ConfigMap, node, attributes);
        if (resource == "persistentvolumeclaims")
            return onClaim(node, attributes);
        if (resource == "persistentvolumes") {
            if (attributes.verb != "get" || !attributes.subresource.empty())
                return refused("can only get individual resources of this type");
            return related(m_graph.reachesVolume(node, attributes.name), node, attributes);
        }
        if (resource == "serviceaccounts")
            return onToken(node, attributes);
        if (resource == "nodes")
            return onNode(node, attributes);
        if (resource == "pods")
            return onPod(node, attributes);
    }
    if (group == "coordination.k8s.io" && resource == "leases")
        return onLease(node, attributes);
    if (group == "storage.k8s.io" && resource == "csinodes")
        return onDriverNode(node, attributes);
    const bool may = std::ranges::any_of(m_rules, [&](const auto& rule) { return allows(rule, attributes); });
    return may ? allowed : Decision{};
}

Decision NodeAuthorizer::related(bool path, const std::string& node, const Attributes& attributes) const
{
    if (attributes.name.empty())
        return refused("No Object name found");
    if (!path)
        return refused(fmt::format("no relationship found between node '{}' and this object", node));
    return allowed;
}

Decision NodeAuthorizer::onReference(Kind kind, const std::string& node, const Attributes& attributes) const
{
    if (!isOneOf(attributes.verb, {"get", "list", "watch"}))
        return refused("can only read resources of this type");
    if (!attributes.subresource.empty())
        return refused("cannot read subresource");
    if (attributes.nameSpace.empty())
        return refused("can only read namespaced object of this type");
    return related(m_graph.reaches(node, {kind, attributes.nameSpace, attributes.name}), node, attributes);
}

Decision NodeAuthorizer::onClaim(const std::string& node, const Attributes& attributes) const
{
    if (attributes.subresource == "status") {
        if (!isOneOf(attributes.verb, {"get", "update", "patch"}))
            return refused("can only get/update/patch this type");
    } else if (attributes.verb != "get" || !attributes.subresource.empty()) {
        return refused("can only get individual resources of this type");
    }
    return related(m_graph.reaches(node, {Kind::PersistentVolumeClaim, attributes.nameSpace, attributes.name}), node,
                   attributes);
}

Decision NodeAuthorizer::onToken(const std::string& node, const Attributes& attributes) const
{
    if (attributes.verb != "create" || attributes.name.empty())
        return refused("can only create tokens for individual service accounts");
    if (attributes.subresource != "token")
        return refused("can only create token subresource of service account");
    return related(m_graph.reaches(node, {Kind::ServiceAccount, attributes.nameSpace, attributes.name}), node,
                   attributes);
}

Decision NodeAuthorizer::onPod(const std::string& node, const Attributes& attributes) const
{
    const auto& verb = attributes.verb;
    if (attributes.subresource == "status")
        return isOneOf(verb, {"update", "patch"}) ? allowed : Decision{};
    if (attributes.subresource == "eviction")
        return verb == "create" ? allowed : Decision{};
    if (!attributes.subresource.empty())
        return {};
    if (isOneOf(verb, {"create", "delete"})) // whose pod it is, admission sees
        return allowed;
    if (verb == "get")
        return related(m_graph.runsPod(node, {attributes.nameSpace, attributes.name}), node, attributes);
    if (!isOneOf(verb, {"list", "watch"}))
        return {};
    if (!selects(attributes.fieldSelector, "spec.nodeName", node))
        return refused("can only list/watch pods with spec.nodeName field selector");
    return allowed;
}

Decision AuthorizerChain::authorize(const User& user, const Attributes& attributes) const
{
    Decision refusal;
    for (const auto* const one : m_all) {
        auto decision = one->authorize(user, attributes);
        if (decision.allowed)
            return decision;
        if (!decision.reason.empty())
            refusal.reason += (refusal.reason.empty() ? "" : "\n") + decision.reason;
    }
    return refusal;
}

Result<Done> checkTokenOfNode(const std::string& node, const api::ObjectKey& account, const api::Value& request,
                              const ObjectSource& objects)
{
    const auto refuse = [&](std::string_view why) {
        auto error =
            makeError(Reason::Forbidden, fmt::format("serviceaccounts \"{}\" is forbidden: {}", account.name, why));
        error.resource = "serviceaccounts";
        error.name = account.name;
        return fail(std::move(error));
    };
    const auto bound = [&](std::string_view member) {
        return std::string(api::stringAt(request, {"spec", "boundObjectRef", member}));
    };
    if (bound("kind") != "Pod" || bound("apiVersion") != "v1" || bound("name").empty())
        return refuse("node requested token not bound to a pod");
    if (bound("uid").empty())
        return refuse("node requested token with a pod binding without a uid");
    const auto pod = objects.find("Pod", {account.nameSpace, bound("name")});
    if (!pod)
        return refuse(fmt::format("pod {} not found", bound("name")));
    if (api::stringAt(*pod, {"metadata", "uid"}) != bound("uid"))
        return refuse(
            fmt::format("the UID in the bound object reference ({}) does not match the UID in record", bound("uid")));
    if (api::stringAt(*pod, {"spec", "nodeName"}) != node)
        return refuse("node requested token bound to a pod scheduled on a different node");
    return Done{};
}

} // namespace keelson::auth
