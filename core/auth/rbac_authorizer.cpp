// SPDX-License-Identifier: Apache-2.0
#include "auth/rbac_authorizer.h"

#include "api/selector.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <unordered_map>

namespace keelson::auth {
namespace {

constexpr std::string_view rbacGroup = "rbac.authorization.k8s.io";
constexpr std::string_view mastersGroup = "system:masters";

/// Looks up by string_view without making a string.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

struct Role {
    std::vector<PolicyRule> rules;
    api::Labels labels;
    std::vector<api::LabelSelector> aggregates;
};
using RolePointer = std::shared_ptr<const Role>;

struct Binding {
    std::string name;
    std::string nameSpace; ///< Empty: ClusterRoleBinding.
    std::string roleKind;
    std::string roleName;
    std::vector<std::string> subjects; ///< As `subjectKey` writes them.
};

/// A role that a subject holds, everywhere or in a namespace.
struct Grant {
    std::shared_ptr<const std::vector<PolicyRule>> rules;
    std::shared_ptr<const std::string> reason;
};

/// The index: subject and namespace in one text.
std::string subjectKey(std::string_view kind, std::string_view name)
{
    return fmt::format("{} \"{}\"", kind, name);
}

std::string grantKey(std::string_view subject, std::string_view nameSpace)
{
    std::string key(subject);
    key += '\n';
    key += nameSpace;
    return key;
}

std::string_view textAt(const api::Value& value, std::string_view member)
{
    const auto* object = value.if_object();
    const auto* found = object ? object->if_contains(member) : nullptr;
    const auto* text = found ? found->if_string() : nullptr;
    return text ? std::string_view(*text) : std::string_view();
}

const api::Value& memberOf(const api::Value& value, std::string_view member)
{
    static const api::Value nothing;
    const auto* object = value.if_object();
    const auto* found = object ? object->if_contains(member) : nullptr;
    return found ? *found : nothing;
}

std::string subjectOf(const api::Value& subject, std::string_view bindingNameSpace)
{
    const auto kind = textAt(subject, "kind");
    const auto name = textAt(subject, "name");
    if (kind != "ServiceAccount")
        return subjectKey(kind, name);
    const auto own = textAt(subject, "namespace");
    return subjectKey("User", fmt::format("system:serviceaccount:{}:{}", own.empty() ? bindingNameSpace : own, name));
}

Role readRole(const api::Value& object)
{
    Role role;
    role.rules = rulesOf(object);
    if (const auto* labels = memberOf(memberOf(object, "metadata"), "labels").if_object()) {
        for (const auto& [key, value] : *labels) {
            if (const auto* text = value.if_string())
                role.labels.emplace(key, *text);
        }
    }
    if (const auto* selectors = memberOf(memberOf(object, "aggregationRule"), "clusterRoleSelectors").if_array()) {
        for (const auto& selector : *selectors) {
            if (auto parsed = api::LabelSelector::fromObject(selector))
                role.aggregates.push_back(*std::move(parsed));
        }
    }
    return role;
}

Binding readBinding(const api::Value& object, std::string_view nameSpace, std::string_view name)
{
    const auto& role = memberOf(object, "roleRef");
    Binding binding{std::string(name),
                    std::string(nameSpace),
                    std::string(textAt(role, "kind")),
                    std::string(textAt(role, "name")),
                    {}};
    if (const auto* subjects = memberOf(object, "subjects").if_array()) {
        for (const auto& subject : *subjects)
            binding.subjects.push_back(subjectOf(subject, nameSpace));
    }
    return binding;
}

using Names = std::pair<std::string, std::string>; ///< Namespace and name.

} // namespace

struct RbacAuthorizer::Objects {
    std::map<Names, RolePointer> roles; ///< Cluster roles have an empty namespace.
    std::map<Names, Binding> bindings;

    void apply(const api::Value& object)
    {
        const auto kind = textAt(object, "kind");
        const auto& metadata = memberOf(object, "metadata");
        const Names names{textAt(metadata, "namespace"), textAt(metadata, "name")};
        if (kind == "Role" || kind == "ClusterRole")
            roles[names] = std::make_shared<const Role>(readRole(object));
        else if (kind == "RoleBinding" || kind == "ClusterRoleBinding")
            bindings[names] = readBinding(object, names.first, names.second);
    }

    /// The rules of a role, those that it aggregates included.
    std::vector<PolicyRule> rulesOfRole(const Role& role) const
    {
        auto rules = role.rules;
        if (role.aggregates.empty())
            return rules;
        const auto add = [&](const Role& part) {
            for (const auto& rule : part.rules) {
                if (std::ranges::find(rules, rule) == rules.end())
                    rules.push_back(rule);
            }
        };
        std::vector<const Role*> seen{&role};
        for (std::size_t i = 0; i < seen.size(); ++i) {
            for (const auto& [names, other] : roles) {
                const bool selected =
                    names.first.empty() && std::ranges::any_of(seen[i]->aggregates, [&](const auto& selector) {
                        return selector.matches(other->labels);
                    });
                if (!selected || std::ranges::find(seen, other.get()) != seen.end())
                    continue;
                add(*other);
                seen.push_back(other.get());
            }
        }
        return rules;
    }
};

struct RbacAuthorizer::Snapshot {
    std::unordered_map<std::string, std::vector<Grant>, TextHash, std::equal_to<>> grants;
    std::map<Names, std::shared_ptr<const std::vector<PolicyRule>>> roles;

    /// Calls `visit` for each grant of the user there, until it returns true.
    bool anyGrant(const User& user, std::string_view nameSpace, const std::function<bool(const Grant&)>& visit) const
    {
        const auto look = [&](const std::string& subject, std::string_view where) {
            const auto found = grants.find(grantKey(subject, where));
            return found != grants.end() && std::ranges::any_of(found->second, visit);
        };
        const auto both = [&](const std::string& subject) {
            return look(subject, {}) || (!nameSpace.empty() && look(subject, nameSpace));
        };
        return both(subjectKey("User", user.name)) || std::ranges::any_of(user.groups, [&](const std::string& group) {
                   return both(subjectKey("Group", group));
               });
    }
};

RbacAuthorizer::RbacAuthorizer()
    : m_objects(std::make_unique<Objects>()), m_snapshot(std::make_shared<const Snapshot>())
{
}
RbacAuthorizer::~RbacAuthorizer() = default;

void RbacAuthorizer::replace(std::span<const api::Value> objects)
{
    const std::scoped_lock lock(m_mutex);
    *m_objects = Objects{};
    for (const auto& object : objects)
        m_objects->apply(object);
    publish();
}

void RbacAuthorizer::apply(const api::Value& object)
{
    const std::scoped_lock lock(m_mutex);
    m_objects->apply(object);
    publish();
}

void RbacAuthorizer::remove(std::string_view kind, std::string_view nameSpace, std::string_view name)
{
    const std::scoped_lock lock(m_mutex);
    const Names names{nameSpace, name};
    if (kind == "Role" || kind == "ClusterRole")
        m_objects->roles.erase(names);
    else if (kind == "RoleBinding" || kind == "ClusterRoleBinding")
        m_objects->bindings.erase(names);
    publish();
}

void RbacAuthorizer::publish()
{
    auto snapshot = std::make_shared<Snapshot>();
    for (const auto& [names, role] : m_objects->roles)
        snapshot->roles[names] = std::make_shared<const std::vector<PolicyRule>>(m_objects->rulesOfRole(*role));
    for (const auto& [names, binding] : m_objects->bindings) {
        const bool clusterRole = binding.roleKind == "ClusterRole";
        const auto role = snapshot->roles.find({clusterRole ? std::string() : binding.nameSpace, binding.roleName});
        if (role == snapshot->roles.end())
            continue; // Grants nothing until the role is there.
        for (const auto& subject : binding.subjects) {
            const auto bindingText = binding.nameSpace.empty()
                                         ? fmt::format("ClusterRoleBinding \"{}\"", binding.name)
                                         : fmt::format("RoleBinding \"{}/{}\"", binding.name, binding.nameSpace);
            const auto reason = fmt::format("RBAC: allowed by {} of {} \"{}\" to {}", bindingText, binding.roleKind,
                                            binding.roleName, subject);
            snapshot->grants[grantKey(subject, binding.nameSpace)].push_back(
                {role->second, std::make_shared<const std::string>(reason)});
        }
    }
    m_snapshot.store(std::move(snapshot));
}

Decision RbacAuthorizer::authorize(const User& user, const Attributes& attributes) const
{
    if (std::ranges::find(user.groups, mastersGroup) != user.groups.end())
        return {true, "the group system:masters may do everything"};
    const auto snapshot = m_snapshot.load();
    Decision decision;
    snapshot->anyGrant(user, attributes.nameSpace, [&](const Grant& grant) {
        if (std::ranges::none_of(*grant.rules, [&](const auto& rule) { return allows(rule, attributes); }))
            return false;
        decision = {true, *grant.reason};
        return true;
    });
    return decision;
}

std::vector<PolicyRule> RbacAuthorizer::rulesFor(const User& user, std::string_view nameSpace) const
{
    if (std::ranges::find(user.groups, mastersGroup) != user.groups.end())
        return {{{"*"}, {"*"}, {"*"}, {}, {}}, {{"*"}, {}, {}, {}, {"*"}}};
    const auto snapshot = m_snapshot.load();
    std::vector<PolicyRule> rules;
    snapshot->anyGrant(user, nameSpace, [&](const Grant& grant) {
        rules.insert(rules.end(), grant.rules->begin(), grant.rules->end());
        return false;
    });
    return rules;
}

namespace {

std::unexpected<Error> escalation(const User& user, std::string_view resource, std::string_view name,
                                  const std::vector<PolicyRule>& missing)
{
    constexpr std::size_t shownMax = 20;
    std::string text;
    for (std::size_t i = 0; i < std::min(missing.size(), shownMax); ++i)
        text += "\n" + ruleText(missing[i]);
    if (missing.size() > shownMax)
        text += fmt::format("\nand {} more", missing.size() - shownMax);
    std::vector<std::string> quoted;
    for (const auto& group : user.groups)
        quoted.push_back(fmt::format("\"{}\"", group));
    auto error =
        makeError(Reason::Forbidden,
                  fmt::format("{}.{} \"{}\" is forbidden: user \"{}\" (groups=[{}]) is attempting to grant RBAC "
                              "permissions not currently held:{}",
                              resource, rbacGroup, name, user.name, fmt::join(quoted, " "), text));
    error.group = rbacGroup;
    error.resource = resource;
    error.name = name;
    return fail(std::move(error));
}

} // namespace

Result<Done> RbacAuthorizer::checkRole(const User& user, const api::Value& role) const
{
    const auto& metadata = memberOf(role, "metadata");
    const std::string nameSpace(textAt(metadata, "namespace"));
    const std::string name(textAt(metadata, "name"));
    const std::string resource = textAt(role, "kind") == "ClusterRole" ? "clusterroles" : "roles";
    if (authorize(user, {"escalate", std::string(rbacGroup), "v1", resource, {}, nameSpace, name, {}}).allowed)
        return Done{};
    auto wanted = rulesOf(role);
    // Whoever lets a role aggregate may get the rules of any role that comes later: only who holds everything may.
    if (!memberOf(role, "aggregationRule").is_null())
        wanted.push_back({{"*"}, {"*"}, {"*"}, {}, {}});
    const auto missing = uncovered(rulesFor(user, nameSpace), wanted);
    if (missing.empty())
        return Done{};
    return escalation(user, resource, name, missing);
}

Result<Done> RbacAuthorizer::checkBinding(const User& user, const api::Value& binding) const
{
    const auto& metadata = memberOf(binding, "metadata");
    const auto& reference = memberOf(binding, "roleRef");
    const std::string nameSpace(textAt(metadata, "namespace"));
    const std::string name(textAt(metadata, "name"));
    const std::string roleName(textAt(reference, "name"));
    const bool clusterRole = textAt(reference, "kind") == "ClusterRole";
    const std::string resource = clusterRole ? "clusterroles" : "roles";
    if (authorize(user, {"bind", std::string(rbacGroup), "v1", resource, {}, nameSpace, roleName, {}}).allowed)
        return Done{};
    const auto snapshot = m_snapshot.load();
    const auto role = snapshot->roles.find({clusterRole ? std::string() : nameSpace, roleName});
    if (role == snapshot->roles.end()) {
        auto error = makeError(Reason::NotFound, fmt::format("{}.{} \"{}\" not found", resource, rbacGroup, roleName));
        error.group = rbacGroup;
        error.resource = resource;
        error.name = roleName;
        return fail(std::move(error));
    }
    const auto missing = uncovered(rulesFor(user, nameSpace), *role->second);
    if (missing.empty())
        return Done{};
    return escalation(user, nameSpace.empty() ? "clusterrolebindings" : "rolebindings", name, missing);
}

} // namespace keelson::auth
