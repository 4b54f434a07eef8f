// SPDX-License-Identifier: Apache-2.0
#include "auth/default_roles.h"

#include "auth/policy_rule.h"

#include <fmt/format.h>

#include <map>
#include <string>

namespace keelson::auth {
namespace {

constexpr std::string_view apiVersion = "rbac.authorization.k8s.io/v1";
constexpr std::string_view aggregatePrefix = "rbac.authorization.k8s.io/aggregate-to-";

using Roles = std::map<std::string, std::vector<PolicyRule>, std::less<>>;

std::vector<std::string> split(std::string_view text, char separator)
{
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto end = text.find(separator);
        if (end != 0)
            parts.emplace_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return parts;
}

std::vector<std::string> verbsOf(std::string_view text)
{
    std::vector<std::string> verbs;
    for (auto& word : split(text, ',')) {
        if (word == "read")
            verbs.insert(verbs.end(), {"get", "list", "watch"});
        else if (word == "write")
            verbs.insert(verbs.end(), {"create", "delete", "deletecollection", "patch", "update"});
        else
            verbs.push_back(std::move(word));
    }
    return verbs;
}

PolicyRule ruleOf(const std::vector<std::string>& columns)
{
    PolicyRule rule;
    rule.verbs = verbsOf(columns.at(0));
    if (columns.at(1) == "url") {
        rule.nonResourceUrls = split(columns.at(2), ',');
        return rule;
    }
    for (auto& group : split(columns.at(1), ','))
        rule.groups.push_back(group == "core" ? std::string() : std::move(group));
    rule.resources = split(columns.at(2), ',');
    if (columns.size() > 3)
        rule.names = split(columns.at(3), ',');
    return rule;
}

Roles readTable(std::string_view table)
{
    Roles roles;
    std::vector<PolicyRule>* current = nullptr;
    for (const auto& line : split(table, '\n')) {
        if (line.front() != ' ')
            current = &roles[line];
        else
            current->push_back(ruleOf(split(line, ' ')));
    }
    return roles;
}

/// A role's or binding's place: "kube-system/NAME", or "NAME" for those of the whole cluster.
struct Place {
    std::string_view nameSpace;
    std::string_view name;

    explicit Place(std::string_view text)
        : nameSpace(text.substr(0, text.contains('/') ? text.find('/') : 0)),
          name(text.substr(text.contains('/') ? text.find('/') + 1 : 0))
    {
    }
    std::string kind(std::string_view kind) const
    {
        return fmt::format("{}{}", nameSpace.empty() ? "Cluster" : "", kind);
    }
};

api::Object metadataOf(const Place& place)
{
    api::Object metadata{{"name", place.name},
                         {"labels", api::Object{{"kubernetes.io/bootstrapping", "rbac-defaults"}}},
                         {"annotations", api::Object{{"rbac.authorization.kubernetes.io/autoupdate", "true"}}}};
    if (!place.nameSpace.empty())
        metadata["namespace"] = place.nameSpace;
    return metadata;
}

/// `aggregateTo`: the role ("edit") that takes this one's rules in; empty: none.
api::Object roleDocument(std::string_view name, const std::vector<PolicyRule>& rules, std::string_view aggregateTo)
{
    api::Array list;
    for (const auto& rule : rules)
        list.push_back(toDocument(rule));
    const Place place(name);
    auto metadata = metadataOf(place);
    if (!aggregateTo.empty())
        metadata["labels"].as_object()[fmt::format("{}{}", aggregatePrefix, aggregateTo)] = "true";
    return {{"apiVersion", apiVersion},
            {"kind", place.kind("Role")},
            {"metadata", std::move(metadata)},
            {"rules", std::move(list)}};
}

/// "admin", "edit" and "view": the rules of the roles whose label says that they belong to them.
api::Object aggregatedDocument(std::string_view name, const std::vector<PolicyRule>& rules,
                               std::string_view aggregateTo)
{
    auto document = roleDocument(name, rules, aggregateTo);
    api::Object labels{{fmt::format("{}{}", aggregatePrefix, name), "true"}};
    document["aggregationRule"] =
        api::Object{{"clusterRoleSelectors", api::Array{api::Object{{"matchLabels", std::move(labels)}}}}};
    return document;
}

struct Subject {
    std::string_view kind; ///< User, Group; ServiceAccount: of kube-system.
    std::string_view name;
};

/// The role lies where the binding does.
api::Object bindingDocument(std::string_view name, std::string_view role, std::initializer_list<Subject> subjects)
{
    const Place place(name);
    api::Array list;
    for (const auto& subject : subjects) {
        if (subject.kind == "ServiceAccount") {
            list.push_back(api::Object{{"kind", subject.kind}, {"name", subject.name}, {"namespace", "kube-system"}});
        } else {
            list.push_back(
                api::Object{{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", subject.kind}, {"name", subject.name}});
        }
    }
    return {{"apiVersion", apiVersion},
            {"kind", place.kind("RoleBinding")},
            {"metadata", metadataOf(place)},
            {"roleRef", api::Object{{"apiGroup", "rbac.authorization.k8s.io"},
                                    {"kind", place.kind("Role")},
                                    {"name", Place(role).name}}},
            {"subjects", std::move(list)}};
}

void addBindings(const Roles& roles, std::vector<api::Value>& documents)
{
    constexpr Subject everybody{"Group", "system:authenticated"};
    constexpr Subject scheduler{"User", "system:kube-scheduler"};
    const auto add = [&](std::string_view name, std::initializer_list<Subject> subjects) {
        documents.emplace_back(bindingDocument(name, name, subjects));
    };
    add("cluster-admin", {{"Group", "system:masters"}});
    add("system:basic-user", {everybody});
    add("system:discovery", {everybody});
    add("system:public-info-viewer", {everybody, {"Group", "system:unauthenticated"}});
    add("system:monitoring", {{"Group", "system:monitoring"}});
    add("system:kube-scheduler", {scheduler});
    add("system:volume-scheduler", {scheduler});
    add("system:kube-controller-manager", {{"User", "system:kube-controller-manager"}});
    add("system:node-proxier", {{"User", "system:kube-proxy"}});
    add("system:kube-dns", {{"ServiceAccount", "kube-dns"}});
    add("system:service-account-issuer-discovery", {{"Group", "system:serviceaccounts"}});
    add("system:keelson:dispatcher", {{"User", "system:keelson:dispatcher"}});
    // Who holds a bootstrap token may make a node: it asks for its certificate, and gets one, and later the next.
    const auto bind = [&](std::string_view name, std::string_view role, Subject subject) {
        documents.emplace_back(bindingDocument(name, role, {subject}));
    };
    bind("system:keelson:node-bootstrapper", "system:node-bootstrapper", {"Group", "system:bootstrappers"});
    bind("system:keelson:node-approval", "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
         {"Group", "system:bootstrappers"});
    bind("system:keelson:node-renewal", "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
         {"Group", "system:nodes"});
    add("system:node",
        {}); // The node authorizer decides for nodes; the binding is there for those who want the role too.
    constexpr Subject manager{"User", "system:kube-controller-manager"};
    documents.emplace_back(bindingDocument("kube-system/system::extension-apiserver-authentication-reader",
                                           "extension-apiserver-authentication-reader", {manager, scheduler}));
    add("kube-system/system::leader-locking-kube-controller-manager",
        {manager, {"ServiceAccount", "kube-controller-manager"}});
    add("kube-system/system::leader-locking-kube-scheduler", {scheduler, {"ServiceAccount", "kube-scheduler"}});
    constexpr std::string_view prefix = "system:controller:";
    for (const auto& [name, rules] : roles) {
        const auto role = Place(name).name;
        if (role.starts_with(prefix))
            add(name, {{"ServiceAccount", role.substr(prefix.size())}});
    }
}

} // namespace

std::vector<api::Value> defaultRoles()
{
    const auto roles = readTable(defaultRoleTable);
    const auto rulesOfParts = [&](std::initializer_list<std::string_view> parts) {
        std::vector<PolicyRule> rules;
        for (const auto part : parts) {
            const auto& more = roles.find(fmt::format("system:aggregate-to-{}", part))->second;
            rules.insert(rules.end(), more.begin(), more.end());
        }
        return rules;
    };
    std::vector<api::Value> documents;
    for (const auto& [name, rules] : roles) {
        constexpr std::string_view part = "system:aggregate-to-";
        const auto target = name.starts_with(part) ? std::string_view(name).substr(part.size()) : std::string_view();
        documents.emplace_back(roleDocument(name, rules, target));
    }
    // In the order in which the aggregation controller puts them: that of the names of the roles.
    documents.emplace_back(aggregatedDocument("admin", rulesOfParts({"edit", "view", "admin"}), {}));
    documents.emplace_back(aggregatedDocument("edit", rulesOfParts({"edit", "view"}), "admin"));
    documents.emplace_back(aggregatedDocument("view", rulesOfParts({"view"}), "edit"));
    addBindings(roles, documents);
    return documents;
}

} // namespace keelson::auth
