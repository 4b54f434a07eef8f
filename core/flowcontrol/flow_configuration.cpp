// SPDX-License-Identifier: Apache-2.0
#include "flowcontrol/flow_configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace keelson::flowcontrol {
namespace {

using api::Value;

constexpr std::string_view everyone = "*";

bool has(const std::vector<std::string>& list, std::string_view item)
{
    return std::ranges::any_of(list, [&](const std::string& one) { return one == everyone || one == item; });
}

std::vector<std::string> strings(const Value& object, std::string_view name)
{
    std::vector<std::string> list;
    const auto* const found = api::find(object, {name});
    if (found && found->is_array()) {
        for (const auto& item : found->get_array()) {
            if (item.is_string())
                list.emplace_back(item.get_string());
        }
    }
    return list;
}

template <typename Visit>
void each(const Value& object, std::initializer_list<std::string_view> path, Visit visit)
{
    const auto* const list = api::find(object, path);
    if (!list || !list->is_array())
        return;
    for (const auto& item : list->get_array())
        visit(item);
}

bool matches(const FlowSchema::ResourceRule& rule, const auth::Attributes& attributes, std::string_view resource)
{
    if (!has(rule.verbs, attributes.verb) || !has(rule.groups, attributes.group) || !has(rule.resources, resource))
        return false;
    return attributes.nameSpace.empty() ? rule.clusterScope || has(rule.namespaces, everyone)
                                        : has(rule.namespaces, attributes.nameSpace);
}

bool matches(const FlowSchema::PathRule& rule, const auth::Attributes& attributes)
{
    return has(rule.verbs, attributes.verb) && std::ranges::any_of(rule.paths, [&](std::string_view path) {
               return path == everyone || path == attributes.path ||
                      (path.ends_with("/*") && attributes.path.starts_with(path.substr(0, path.size() - 1)));
           });
}

FlowSchema::Rule readRule(const Value& object)
{
    FlowSchema::Rule rule;
    each(object, {"subjects"}, [&](const Value& subject) {
        const auto kind = api::stringAt(subject, {"kind"});
        if (kind == "User")
            rule.users.emplace_back(api::stringAt(subject, {"user", "name"}));
        else if (kind == "Group")
            rule.groups.emplace_back(api::stringAt(subject, {"group", "name"}));
        if (kind != "ServiceAccount")
            return;
        const auto nameSpace = api::stringAt(subject, {"serviceAccount", "namespace"});
        const auto name = api::stringAt(subject, {"serviceAccount", "name"});
        if (name == everyone)
            rule.groups.push_back(fmt::format("system:serviceaccounts:{}", nameSpace));
        else
            rule.users.push_back(fmt::format("system:serviceaccount:{}:{}", nameSpace, name));
    });
    each(object, {"resourceRules"}, [&](const Value& resource) {
        rule.resources.push_back({strings(resource, "verbs"), strings(resource, "apiGroups"),
                                  strings(resource, "resources"), strings(resource, "namespaces"),
                                  api::boolAt(resource, {"clusterScope"})});
    });
    each(object, {"nonResourceRules"},
         [&](const Value& path) { rule.paths.push_back({strings(path, "verbs"), strings(path, "nonResourceURLs")}); });
    return rule;
}

/// Objects that no server has stored have none: then one that is always the same for the name.
std::string uidOf(const Value& object, std::string_view kind, std::string_view name)
{
    if (const auto uid = api::stringAt(object, {"metadata", "uid"}); !uid.empty())
        return std::string(uid);
    std::uint64_t hash = 0xcbf29ce484222325; // FNV-1a
    for (const char letter : fmt::format("{}/{}", kind, name))
        hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
    constexpr std::uint64_t low = 0xFFFF;
    return fmt::format("{:08x}-{:04x}-8{:03x}-8000-{:012x}", hash >> 32, (hash >> 16) & low, hash & 0xFFF,
                       hash & 0xFFFFFFFFFFFF);
}

Result<PriorityLevel> readLevel(const Value& object)
{
    PriorityLevel level;
    level.name = api::stringAt(object, {"metadata", "name"});
    level.uid = uidOf(object, "PriorityLevelConfiguration", level.name);
    level.exempt = api::stringAt(object, {"spec", "type"}) == "Exempt";
    if (level.exempt)
        return level;
    const auto number = [&](std::initializer_list<std::string_view> path, int otherwise) {
        constexpr std::int64_t most = 10'000'000;
        return static_cast<int>(std::clamp<std::int64_t>(api::integerAt(object, path, otherwise), 0, most));
    };
    constexpr int sharesDefault = 30;
    level.shares = number({"spec", "limited", "nominalConcurrencyShares"}, sharesDefault);
    level.lendablePercent = std::min(number({"spec", "limited", "lendablePercent"}, 0), 100);
    if (api::stringAt(object, {"spec", "limited", "limitResponse", "type"}) != "Queue")
        return level;
    constexpr int queuesDefault = 64;
    constexpr int handDefault = 8;
    constexpr int lengthDefault = 50;
    level.queues = number({"spec", "limited", "limitResponse", "queuing", "queues"}, queuesDefault);
    level.handSize = number({"spec", "limited", "limitResponse", "queuing", "handSize"}, handDefault);
    level.queueLengthMax = number({"spec", "limited", "limitResponse", "queuing", "queueLengthLimit"}, lengthDefault);
    if (level.queues < 1 || level.handSize < 1 || level.handSize > level.queues || level.queueLengthMax < 1)
        return fail(Reason::Invalid, fmt::format("the priority level {} has no use of {} queues with hands of {}",
                                                 level.name, level.queues, level.handSize));
    return level;
}

FlowSchema readSchema(const Value& object)
{
    FlowSchema schema;
    schema.name = api::stringAt(object, {"metadata", "name"});
    schema.uid = uidOf(object, "FlowSchema", schema.name);
    schema.level = api::stringAt(object, {"spec", "priorityLevelConfiguration", "name"});
    constexpr int precedenceDefault = 1000;
    schema.precedence = static_cast<int>(api::integerAt(object, {"spec", "matchingPrecedence"}, precedenceDefault));
    const auto method = api::stringAt(object, {"spec", "distinguisherMethod", "type"});
    if (method == "ByUser")
        schema.distinguisher = FlowSchema::Distinguisher::ByUser;
    else if (method == "ByNamespace")
        schema.distinguisher = FlowSchema::Distinguisher::ByNamespace;
    each(object, {"spec", "rules"}, [&](const Value& rule) { schema.rules.push_back(readRule(rule)); });
    return schema;
}

} // namespace

bool FlowSchema::matches(const auth::User& user, const auth::Attributes& attributes) const
{
    const auto asks = [&](const Rule& rule) {
        return has(rule.users, user.name) ||
               std::ranges::any_of(user.groups, [&](const std::string& group) { return has(rule.groups, group); });
    };
    const auto resource =
        attributes.subresource.empty() ? attributes.resource : attributes.resource + "/" + attributes.subresource;
    return std::ranges::any_of(rules, [&](const Rule& rule) {
        if (!asks(rule))
            return false;
        if (attributes.resource.empty())
            return std::ranges::any_of(rule.paths,
                                       [&](const PathRule& path) { return flowcontrol::matches(path, attributes); });
        return std::ranges::any_of(
            rule.resources, [&](const ResourceRule& one) { return flowcontrol::matches(one, attributes, resource); });
    });
}

Result<FlowConfiguration> FlowConfiguration::fromObjects(std::span<const Value> objects)
{
    FlowConfiguration configuration;
    for (const auto& object : objects) {
        const auto kind = api::stringAt(object, {"kind"});
        if (kind == "PriorityLevelConfiguration") {
            TRY_ASSIGN(auto level, readLevel(object));
            configuration.levels.push_back(std::move(level));
        } else if (kind == "FlowSchema") {
            configuration.schemas.push_back(readSchema(object));
        }
    }
    std::erase_if(configuration.schemas, [&](const FlowSchema& schema) {
        return std::ranges::find(configuration.levels, schema.level, &PriorityLevel::name) ==
               configuration.levels.end();
    });
    std::ranges::sort(configuration.schemas, {},
                      [](const FlowSchema& schema) { return std::tie(schema.precedence, schema.name); });
    return configuration;
}

const FlowConfiguration& FlowConfiguration::builtIn()
{
    static const FlowConfiguration configuration = [] {
        const auto objects = builtInObjects();
        return fromObjects(objects).value_or(FlowConfiguration{});
    }();
    return configuration;
}

} // namespace keelson::flowcontrol
