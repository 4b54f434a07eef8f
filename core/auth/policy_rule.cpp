// SPDX-License-Identifier: Apache-2.0
#include "auth/policy_rule.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace keelson::auth {
namespace {

constexpr std::string_view all = "*";

std::vector<std::string> strings(const api::Value& rule, std::string_view member)
{
    std::vector<std::string> result;
    const auto* object = rule.if_object();
    const auto* value = object ? object->if_contains(member) : nullptr;
    const auto* array = value ? value->if_array() : nullptr;
    if (!array)
        return result;
    for (const auto& item : *array) {
        if (const auto* text = item.if_string())
            result.emplace_back(*text);
    }
    return result;
}

bool holds(const std::vector<std::string>& list, std::string_view wanted)
{
    return std::ranges::any_of(list, [&](const auto& item) { return item == all || item == wanted; });
}

/// "pods/log" fits "pods/log", "*/log" and "*"; "pods" fits "pods" and "*".
bool resourceFits(const std::string& rule, std::string_view resource, std::string_view subresource)
{
    if (rule == all)
        return true;
    const std::string_view text = rule;
    const auto slash = text.find('/');
    if (slash == std::string_view::npos)
        return subresource.empty() && text == resource;
    return !subresource.empty() && text.substr(slash + 1) == subresource &&
           (text.substr(0, slash) == resource || text.substr(0, slash) == all);
}

bool urlFits(const std::string& rule, std::string_view path)
{
    if (rule == all || rule == path)
        return true;
    return rule.ends_with('*') && path.starts_with(std::string_view(rule).substr(0, rule.size() - 1));
}

bool covers(const PolicyRule& held, const PolicyRule& single)
{
    if (!holds(held.verbs, single.verbs.front()))
        return false;
    if (!single.nonResourceUrls.empty()) {
        return std::ranges::any_of(held.nonResourceUrls,
                                   [&](const auto& url) { return urlFits(url, single.nonResourceUrls.front()); });
    }
    const std::string_view wanted = single.resources.front();
    const auto slash = wanted.find('/');
    const auto resource = wanted.substr(0, slash);
    const auto subresource = slash == std::string_view::npos ? std::string_view() : wanted.substr(slash + 1);
    return holds(held.groups, single.groups.front()) &&
           std::ranges::any_of(held.resources,
                               [&](const auto& rule) { return resourceFits(rule, resource, subresource); }) &&
           (held.names.empty() ||
            (!single.names.empty() && std::ranges::find(held.names, single.names.front()) != held.names.end()));
}

void addUncovered(std::span<const PolicyRule> held, PolicyRule single, std::vector<PolicyRule>& missing)
{
    if (std::ranges::none_of(held, [&](const auto& rule) { return covers(rule, single); }))
        missing.push_back(std::move(single));
}

std::string listText(const std::vector<std::string>& list)
{
    std::vector<std::string> quoted;
    for (const auto& item : list)
        quoted.push_back(fmt::format("\"{}\"", item));
    return fmt::format("[{}]", fmt::join(quoted, " "));
}

api::Array arrayOf(const std::vector<std::string>& list)
{
    api::Array array;
    for (const auto& item : list)
        array.emplace_back(item);
    return array;
}

} // namespace

std::vector<PolicyRule> rulesOf(const api::Value& role)
{
    std::vector<PolicyRule> rules;
    const auto* object = role.if_object();
    const auto* member = object ? object->if_contains("rules") : nullptr;
    const auto* array = member ? member->if_array() : nullptr;
    if (!array)
        return rules;
    for (const auto& rule : *array) {
        rules.push_back({strings(rule, "verbs"), strings(rule, "apiGroups"), strings(rule, "resources"),
                         strings(rule, "resourceNames"), strings(rule, "nonResourceURLs")});
    }
    return rules;
}

api::Value toDocument(const PolicyRule& rule)
{
    api::Object object;
    object["verbs"] = arrayOf(rule.verbs);
    if (!rule.groups.empty())
        object["apiGroups"] = arrayOf(rule.groups);
    if (!rule.resources.empty())
        object["resources"] = arrayOf(rule.resources);
    if (!rule.names.empty())
        object["resourceNames"] = arrayOf(rule.names);
    if (!rule.nonResourceUrls.empty())
        object["nonResourceURLs"] = arrayOf(rule.nonResourceUrls);
    return object;
}

bool allows(const PolicyRule& rule, const Attributes& attributes)
{
    if (!holds(rule.verbs, attributes.verb))
        return false;
    if (attributes.resource.empty())
        return std::ranges::any_of(rule.nonResourceUrls,
                                   [&](const auto& url) { return urlFits(url, attributes.path); });
    return holds(rule.groups, attributes.group) &&
           std::ranges::any_of(
               rule.resources,
               [&](const auto& item) { return resourceFits(item, attributes.resource, attributes.subresource); }) &&
           (rule.names.empty() || std::ranges::find(rule.names, attributes.name) != rule.names.end());
}

std::vector<PolicyRule> uncovered(std::span<const PolicyRule> held, std::span<const PolicyRule> wanted)
{
    std::vector<PolicyRule> missing;
    for (const auto& rule : wanted) {
        for (const auto& verb : rule.verbs) {
            for (const auto& url : rule.nonResourceUrls)
                addUncovered(held, {{verb}, {}, {}, {}, {url}}, missing);
            for (const auto& group : rule.groups) {
                for (const auto& resource : rule.resources) {
                    if (rule.names.empty())
                        addUncovered(held, {{verb}, {group}, {resource}, {}, {}}, missing);
                    for (const auto& name : rule.names)
                        addUncovered(held, {{verb}, {group}, {resource}, {name}, {}}, missing);
                }
            }
        }
    }
    return missing;
}

std::vector<PolicyRule> compacted(std::span<const PolicyRule> rules)
{
    std::vector<PolicyRule> result;
    for (const auto& rule : rules) {
        const auto same = std::ranges::find_if(result, [&](const PolicyRule& other) {
            return rule.nonResourceUrls.empty() && other.nonResourceUrls.empty() && rule.groups == other.groups &&
                   rule.resources == other.resources && rule.names == other.names;
        });
        if (same == result.end())
            result.push_back(rule);
        else
            same->verbs.insert(same->verbs.end(), rule.verbs.begin(), rule.verbs.end());
    }
    return result;
}

std::string ruleText(const PolicyRule& rule)
{
    std::string text;
    const auto add = [&](std::string_view title, const std::vector<std::string>& list) {
        if (!list.empty())
            text += fmt::format("{}{}:{}", text.empty() ? "" : ", ", title, listText(list));
    };
    add("APIGroups", rule.groups);
    add("Resources", rule.resources);
    add("ResourceNames", rule.names);
    add("NonResourceURLs", rule.nonResourceUrls);
    add("Verbs", rule.verbs);
    return "{" + text + "}";
}

} // namespace keelson::auth
