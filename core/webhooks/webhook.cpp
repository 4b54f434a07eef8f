// SPDX-License-Identifier: Apache-2.0
#include "webhooks/webhook.h"

#include <algorithm>

namespace keelson::webhooks {
namespace {

Result<api::LabelSelector> selectorOf(const api::Boxed<api::LabelSelectorSpec>& selector)
{
    return selector ? api::LabelSelector::fromObject(toJson(*selector)) : api::LabelSelector{};
}

template <typename T>
Result<Webhook> webhookOf(const T& webhook, const std::string& configuration)
{
    constexpr int timeoutDefault = 10;
    TRY_ASSIGN(auto namespaces, selectorOf(webhook.namespaceSelector));
    TRY_ASSIGN(auto objects, selectorOf(webhook.objectSelector));
    const auto effects = webhook.sideEffects.value_or("");
    return Webhook{.name = webhook.name,
                   .configuration = configuration,
                   .client = webhook.clientConfig,
                   .rules = webhook.rules,
                   .namespaces = std::move(namespaces),
                   .objects = std::move(objects),
                   .exact = webhook.matchPolicy == "Exact",
                   .mayFail = webhook.failurePolicy == "Ignore",
                   .reinvoked = false,
                   .sideEffects = effects != "None" && effects != "NoneOnDryRun",
                   .timeout = std::chrono::seconds{webhook.timeoutSeconds.value_or(timeoutDefault)}};
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

bool takes(const api::RuleWithOperations& rule, const Operation& operation, bool exact)
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

Result<std::vector<Webhook>> webhooksOf(const api::MutatingWebhookConfiguration& configuration)
{
    std::vector<Webhook> webhooks;
    for (const auto& each : configuration.webhooks) {
        TRY_ASSIGN(auto webhook, webhookOf(each, configuration.metadata.name));
        webhook.reinvoked = each.reinvocationPolicy == "IfNeeded";
        webhooks.push_back(std::move(webhook));
    }
    return webhooks;
}

Result<std::vector<Webhook>> webhooksOf(const api::ValidatingWebhookConfiguration& configuration)
{
    std::vector<Webhook> webhooks;
    for (const auto& each : configuration.webhooks) {
        TRY_ASSIGN(auto webhook, webhookOf(each, configuration.metadata.name));
        webhooks.push_back(std::move(webhook));
    }
    return webhooks;
}

bool matches(const Webhook& webhook, const Operation& operation, const api::Labels* namespaceLabels,
             const api::Labels& now, const api::Labels& before)
{
    return std::ranges::any_of(webhook.rules,
                               [&](const auto& rule) { return takes(rule, operation, webhook.exact); }) &&
           (!namespaceLabels || webhook.namespaces.matches(*namespaceLabels)) &&
           (webhook.objects.matches(now) || webhook.objects.matches(before));
}

} // namespace keelson::webhooks
