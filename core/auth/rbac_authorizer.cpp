// SPDX-License-Identifier: Apache-2.0
#include "auth/rbac_authorizer.h"

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

using RulesPointer = std::shared_ptr<const std::vector<PolicyRule>>;

struct Binding {
    std::string name;
    std::string nameSpace; ///< Empty: ClusterRoleBinding.
    std::string roleKind;
    std::string roleName;
    std::vector<std::string> subjects; ///< As `subjectKey` writes them.
};

/// A role that a subject holds, everywhere or in a namespace.
struct Grant {
    RulesPointer rules;
    std::shared_ptr<const std::string> reason;
};

std::vector<PolicyRule> fullAuthority()
{
    return {{{"*"}, {"*"}, {"*"}, {}, {}}, {{"*"}, {}, {}, {}, {"*"}}};
}

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
    std::map<Names, RulesPointer> roles; ///< Cluster roles have an empty namespace.
    std::map<Names, Binding> bindings;

    void apply(const api::Value& object)
    {
        const auto kind = textAt(object, "kind");
        const auto& metadata = memberOf(object, "metadata");
        const Names names{textAt(metadata, "namespace"), textAt(metadata, "name")};
        if (kind == "Role" || kind == "ClusterRole")
            roles[names] = std::make_shared<const std::vector<PolicyRule>>(rulesOf(object));
        else if (kind == "RoleBinding" || kind == "ClusterRoleBinding")
            bindings[names] = readBinding(object, names.first, names.second);
    }
};

struct RbacAuthorizer::Snapshot {
    std::unordered_map<std::string, std::vector<Grant>, TextHash, std::equal_to<>> grants;
    std::map<Names, RulesPointer> roles;

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
    snapshot->roles = m_objects->roles;
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
        return fullAuthority();
    const auto snapshot = m_snapshot.load();
    std::vector<PolicyRule> rules;
    snapshot->anyGrant(user, nameSpace, [&](const Grant& grant) {
        rules.insert(rules.end(), grant.rules->begin(), grant.rules->end());
        return false;
    });
    return rules;
}

namespace {

std::unexpected<Error> refusedGrant(std::string_view resource, std::string_view name, std::string_view why)
{
    auto error =
        makeError(Reason::Forbidden, fmt::format("{}.{} \"{}\" is forbidden: {}", resource, rbacGroup, name, why));
    error.group = rbacGroup;
    error.resource = resource;
    error.name = name;
    return fail(std::move(error));
}

std::string missingRights(const User& user, const std::vector<PolicyRule>& missing)
{
    constexpr std::size_t shownMax = 20;
    std::vector<std::string> texts;
    for (const auto& rule : compacted(missing))
        texts.push_back(ruleText(rule));
    std::ranges::sort(texts);
    if (texts.size() > shownMax) {
        const auto more = fmt::format("and {} more", texts.size() - shownMax);
        texts.resize(shownMax);
        texts.push_back(more);
    }
    std::vector<std::string> quoted;
    for (const auto& group : user.groups)
        quoted.push_back(fmt::format("\"{}\"", group));
    return fmt::format("user \"{}\" (groups=[{}]) is attempting to grant RBAC permissions not currently held:\n{}",
                       user.name, fmt::join(quoted, " "), fmt::join(texts, "\n"));
}

/// Whether the write changes nothing but what garbage collection and the server need: owners, finalizers, bookkeeping.
/// Whoever may clear up must be able to do so without holding the rights of the role.
bool changesOnlyBookkeeping(const api::Value& object, const api::Value* before)
{
    if (!before)
        return false;
    const auto stripped = [](api::Value value) {
        auto& metadata = api::objectAt(value, {"metadata"});
        for (const auto* const member :
             {"ownerReferences", "finalizers", "managedFields", "resourceVersion", "generation"})
            metadata.erase(member);
        return value;
    };
    return stripped(object) == stripped(*before);
}

bool aggregates(const api::Value* role)
{
    return role && !memberOf(*role, "aggregationRule").is_null();
}

} // namespace

Result<Done> RbacAuthorizer::checkRole(const User& user, const api::Value& role, const api::Value* before) const
{
    const auto& metadata = memberOf(role, "metadata");
    const std::string nameSpace(textAt(metadata, "namespace"));
    const std::string name(textAt(metadata, "name"));
    const std::string resource = textAt(role, "kind") == "ClusterRole" ? "clusterroles" : "roles";
    const auto present = before ? name : std::string(); // a new one has no name yet that a right could be for
    if (changesOnlyBookkeeping(role, before) ||
        authorize(user, {"escalate", std::string(rbacGroup), "v1", resource, {}, nameSpace, present, {}}).allowed)
        return Done{};
    const auto held = rulesFor(user, nameSpace);
    const auto missing = uncovered(held, rulesOf(role));
    if (!missing.empty())
        return refusedGrant(resource, name, missingRights(user, missing));
    // A role that aggregates gets the rules of roles that come later, and one that did could be kept from losing them.
    if ((aggregates(&role) || aggregates(before)) && !uncovered(held, fullAuthority()).empty())
        return refusedGrant(resource, name, "must have cluster-admin privileges to use the aggregationRule");
    return Done{};
}

Result<Done> RbacAuthorizer::checkBinding(const User& user, const api::Value& binding, const api::Value* before) const
{
    const auto& metadata = memberOf(binding, "metadata");
    const auto& reference = memberOf(binding, "roleRef");
    const std::string nameSpace(textAt(metadata, "namespace"));
    const std::string name(textAt(metadata, "name"));
    const std::string roleName(textAt(reference, "name"));
    const bool clusterRole = textAt(reference, "kind") == "ClusterRole";
    const std::string resource = clusterRole ? "clusterroles" : "roles";
    if (changesOnlyBookkeeping(binding, before) ||
        authorize(user, {"bind", std::string(rbacGroup), "v1", resource, {}, nameSpace, roleName, {}}).allowed)
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
    return refusedGrant(nameSpace.empty() ? "clusterrolebindings" : "rolebindings", name, missingRights(user, missing));
}

} // namespace keelson::auth
