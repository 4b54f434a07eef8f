// SPDX-License-Identifier: Apache-2.0
#include "webhooks/webhook.h"

#include <algorithm>

namespace keelson::webhooks {
namespace {

template <typename T>
Result<Webhook> webhookOf(const T& webhook, const std::string& configuration)
{
    constexpr int timeoutDefault = 10;
    TRY_ASSIGN(auto selectors, policies::selectorsOf(webhook));
    const auto effects = webhook.sideEffects.value_or("");
    return Webhook{.name = webhook.name,
                   .configuration = configuration,
                   .client = webhook.clientConfig,
                   .rules = webhook.rules,
                   .selectors = std::move(selectors),
                   .conditions = policies::MatchConditions(webhook.matchConditions),
                   .exact = webhook.matchPolicy == "Exact",
                   .mayFail = webhook.failurePolicy == "Ignore",
                   .reinvoked = false,
                   .sideEffects = effects != "None" && effects != "NoneOnDryRun",
                   .timeout = std::chrono::seconds{webhook.timeoutSeconds.value_or(timeoutDefault)}};
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

bool matches(const Webhook& webhook, const Request& request, const policies::RequestLabels& labels)
{
    return std::ranges::any_of(
               webhook.rules,
               [&](const auto& rule) { return policies::takes(rule, request.operation, webhook.exact); }) &&
           webhook.selectors.match(labels);
}

} // namespace keelson::webhooks
