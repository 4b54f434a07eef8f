// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "policies/match_conditions.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

/// Admission webhooks without their network: which are asked about a write, what they are asked, and what their answers
/// mean. Source: Kubernetes, "Dynamic Admission Control"; the API admission.k8s.io/v1.
namespace keelson::webhooks {

/// A webhook of a configuration, of either sort.
struct Webhook {
    std::string name;
    std::string configuration;
    api::WebhookClientConfig client;
    std::vector<api::RuleWithOperations> rules;
    policies::Selectors selectors;
    policies::MatchConditions conditions;
    bool exact = false;       ///< matchPolicy Exact.
    bool mayFail = false;     ///< failurePolicy Ignore: what it does not answer is allowed.
    bool reinvoked = false;   ///< reinvocationPolicy IfNeeded.
    bool sideEffects = false; ///< In a dry run too: it cannot be asked in one.
    std::chrono::seconds timeout{10};
};
using Webhooks = std::shared_ptr<const std::vector<Webhook>>;

/// The webhooks of a configuration, in their order. `Invalid` for a selector that cannot be read.
Result<std::vector<Webhook>> webhooksOf(const api::MutatingWebhookConfiguration& configuration);
Result<std::vector<Webhook>> webhooksOf(const api::ValidatingWebhookConfiguration& configuration);

using policies::Operation;
using policies::Request;

/// Pure. Whether its rules and selectors take the write; its match conditions are asked apart.
bool matches(const Webhook& webhook, const Request& request, const policies::RequestLabels& labels);

} // namespace keelson::webhooks
