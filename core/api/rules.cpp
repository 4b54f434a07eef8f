// SPDX-License-Identifier: Apache-2.0
#include "api/rules.h"

#include "api/name_forms.h"

#include <unordered_map>

namespace keelson::api {

std::span<const std::span<const Rule>> rules()
{
    static const std::span<const Rule> groups[] = {
        metadataRules(),  podRules(),      podUpdateRules(),   containerRules(), referenceRules(), volumeRules(),
        placementRules(), securityRules(), workloadRules(),    serviceRules(),   configRules(),    accessRules(),
        clusterRules(),   jobRules(),      autoscalingRules(), ingressRules(),   storageRules(),   storageDriverRules(),
        flowRules(),      quotaRules(),    extensionRules()};
    return groups;
}

const Rule* findRule(std::string_view name)
{
    static const auto byName = [] {
        std::unordered_map<std::string_view, const Rule*> map;
        for (const auto group : rules())
            for (const auto& rule : group)
                map.emplace(rule.name, &rule);
        return map;
    }();
    const auto found = byName.find(name);
    return found == byName.end() ? nullptr : found->second;
}

void checkLabels(const Value* labels, const FieldPath& path, Refusals& refusals)
{
    if (!labels || !labels->is_object())
        return;
    for (const auto& label : labels->get_object()) {
        const std::string_view key = label.key();
        refuse(wrongQualifiedName(key), path, Value(key), refusals);
        refuse(wrongLabelValue(textOf(label.value())), path, label.value(), refusals);
    }
}

const Array& itemsAt(const Value& node, std::initializer_list<std::string_view> path)
{
    static const Array none;
    const auto* found = find(node, path);
    return found && found->is_array() ? found->get_array() : none;
}

void refuse(const std::string& wrong, const FieldPath& path, const Value& value, Refusals& refusals)
{
    if (!wrong.empty())
        refusals.invalid(path, value, wrong);
}

bool has(const Value& node, std::string_view member)
{
    const auto* found = find(node, {member});
    return found && !found->is_null();
}

std::string_view textOf(const Value& value)
{
    const auto* text = value.if_string();
    return text ? std::string_view{text->data(), text->size()} : std::string_view{};
}

} // namespace keelson::api
