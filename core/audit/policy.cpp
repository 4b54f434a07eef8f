// SPDX-License-Identifier: Apache-2.0
#include "audit/policy.h"

#include "api/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace keelson::audit {
namespace {

using api::Value;

constexpr std::array<std::string_view, 4> levelNames{"None", "Metadata", "Request", "RequestResponse"};
constexpr std::array<std::string_view, 4> stageNames{"RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"};

template <typename T, std::size_t N>
std::optional<T> named(const std::array<std::string_view, N>& names, std::string_view name)
{
    const auto found = std::ranges::find(names, name);
    return found == names.end() ? std::nullopt : std::optional(static_cast<T>(found - names.begin()));
}

bool hasOrIsEmpty(const std::vector<std::string>& list, std::string_view item)
{
    return list.empty() || std::ranges::find(list, item) != list.end();
}

bool holdsSecrets(const auth::Attributes& attributes)
{
    const auto is = [&](std::string_view group, std::string_view resource) {
        return attributes.group == group && attributes.resource == resource;
    };
    return is("", "secrets") || is("authentication.k8s.io", "tokenreviews") ||
           (is("", "serviceaccounts") && attributes.subresource == "token");
}

bool pathFits(std::string_view pattern, std::string_view path)
{
    return pattern == path || (pattern.ends_with('*') && path.starts_with(pattern.substr(0, pattern.size() - 1)));
}

bool resourceFits(std::string_view pattern, const auth::Attributes& attributes)
{
    const auto slash = pattern.find('/');
    const auto resource = pattern.substr(0, slash);
    if (slash == std::string_view::npos)
        return pattern == "*" || (resource == attributes.resource && attributes.subresource.empty());
    const auto subresource = pattern.substr(slash + 1);
    return (resource == "*" || resource == attributes.resource) &&
           (subresource == attributes.subresource || (subresource == "*" && !attributes.subresource.empty()));
}

} // namespace

std::string_view levelName(Level level)
{
    return levelNames.at(static_cast<std::size_t>(level));
}

std::string_view stageName(Stage stage)
{
    return stageNames.at(static_cast<std::size_t>(stage));
}

/// Reads the document; keeps the first thing that is wrong.
struct Policy::Reader {
    std::string wrong;

    void complain(std::string_view where, std::string_view what)
    {
        if (wrong.empty())
            wrong = fmt::format("{}: {}", where, what);
    }

    std::vector<std::string> strings(const Value& object, std::string_view name, const std::string& where)
    {
        std::vector<std::string> list;
        const auto* const found = api::find(object, {name});
        if (!found || found->is_null())
            return list;
        if (!found->is_array() || !std::ranges::all_of(found->get_array(), &Value::is_string))
            complain(fmt::format("{}.{}", where, name), "a list of strings is wanted");
        else
            for (const auto& item : found->get_array())
                list.emplace_back(item.get_string());
        return list;
    }

    std::vector<Stage> stages(const Value& object, const std::string& where)
    {
        std::vector<Stage> list;
        for (const auto& name : strings(object, "omitStages", where)) {
            if (const auto stage = named<Stage>(stageNames, name))
                list.push_back(*stage);
            else
                complain(where + ".omitStages", fmt::format("\"{}\" is no stage", name));
        }
        return list;
    }

    Rule rule(const Value& object, const std::string& where, const Choice& otherwise)
    {
        Rule rule;
        rule.choice = otherwise;
        const auto level = api::stringAt(object, {"level"});
        if (const auto known = named<Level>(levelNames, level))
            rule.choice.level = *known;
        else
            complain(where + ".level",
                     fmt::format("\"{}\" is no level: None, Metadata, Request and RequestResponse are", level));
        const auto omitted = stages(object, where);
        rule.choice.omitted.insert(rule.choice.omitted.end(), omitted.begin(), omitted.end());
        rule.choice.omitManagedFields = api::boolAt(object, {"omitManagedFields"}, otherwise.omitManagedFields);
        rule.users = strings(object, "users", where);
        rule.groups = strings(object, "userGroups", where);
        rule.verbs = strings(object, "verbs", where);
        rule.namespaces = strings(object, "namespaces", where);
        rule.paths = strings(object, "nonResourceURLs", where);
        if (const auto* const list = api::find(object, {"resources"}); list && list->is_array()) {
            for (const auto& one : list->get_array())
                rule.resources.push_back({std::string(api::stringAt(one, {"group"})),
                                          strings(one, "resources", where + ".resources"),
                                          strings(one, "resourceNames", where + ".resources")});
        }
        if (!rule.paths.empty() && (!rule.resources.empty() || !rule.namespaces.empty()))
            complain(where, "a rule is either about resources or about nonResourceURLs");
        return rule;
    }
};

Result<Policy> Policy::parse(std::string_view text)
{
    TRY_ASSIGN(const auto document, api::parseYaml(text));
    if (api::stringAt(document, {"apiVersion"}) != "audit.k8s.io/v1" || api::stringAt(document, {"kind"}) != "Policy")
        return fail(Reason::Invalid, "an audit policy is of the kind Policy in audit.k8s.io/v1");
    const auto* const rules = api::find(document, {"rules"});
    if (!rules || !rules->is_array() || rules->get_array().empty())
        return fail(Reason::Invalid, "the audit policy has no rules: nothing would be logged");
    Policy policy;
    Reader reader;
    Choice general;
    general.omitted = reader.stages(document, "policy");
    general.omitManagedFields = api::boolAt(document, {"omitManagedFields"});
    for (std::size_t i = 0; i < rules->get_array().size(); ++i)
        policy.m_rules.push_back(reader.rule(rules->get_array()[i], fmt::format("rules[{}]", i), general));
    if (!reader.wrong.empty())
        return fail(Reason::Invalid, reader.wrong);
    return policy;
}

bool Policy::Choice::wants(Stage stage) const
{
    return level != Level::None && std::ranges::find(omitted, stage) == omitted.end();
}

bool Policy::fits(const Resources& resources, const auth::Attributes& attributes)
{
    if (resources.group != attributes.group)
        return false;
    if (!resources.names.empty() && std::ranges::find(resources.names, attributes.name) == resources.names.end())
        return false;
    return resources.resources.empty() || std::ranges::any_of(resources.resources, [&](const std::string& pattern) {
               return resourceFits(pattern, attributes);
           });
}

bool Policy::Rule::fits(const auth::User& user, const auth::Attributes& attributes) const
{
    if (!hasOrIsEmpty(users, user.name) || !hasOrIsEmpty(verbs, attributes.verb))
        return false;
    if (!groups.empty() && std::ranges::none_of(user.groups, [&](const std::string& group) {
            return std::ranges::find(groups, group) != groups.end();
        }))
        return false;
    const bool isResource = !attributes.resource.empty();
    if (!paths.empty())
        return !isResource && std::ranges::any_of(paths, [&](const std::string& pattern) {
            return pathFits(pattern, attributes.path);
        });
    if (resources.empty() && namespaces.empty())
        return true;
    return isResource && hasOrIsEmpty(namespaces, attributes.nameSpace) &&
           (resources.empty() ||
            std::ranges::any_of(resources, [&](const Resources& one) { return Policy::fits(one, attributes); }));
}

Policy::Choice Policy::choose(const auth::User& user, const auth::Attributes& attributes) const
{
    const auto rule = std::ranges::find_if(m_rules, [&](const Rule& one) { return one.fits(user, attributes); });
    if (rule == m_rules.end())
        return {};
    auto choice = rule->choice;
    choice.secret = holdsSecrets(attributes);
    if (choice.secret)
        choice.level = std::min(choice.level, Level::Metadata);
    return choice;
}

} // namespace keelson::audit
