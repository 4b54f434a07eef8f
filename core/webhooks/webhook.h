// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/admissionregistration_v1.h"
#include "api/kind.h"
#include "api/selector.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
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
    api::LabelSelector namespaces;
    api::LabelSelector objects;
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

/// What a write is to a webhook.
struct Operation {
    const api::Kind& kind;
    /// Other versions that serve the same resource: a rule for one of them means this write too, unless the webhook
    /// wants exact matches. The object is sent as it is.
    std::vector<std::string> otherVersions;
    std::string_view subresource;
    std::string_view verb; ///< "CREATE", "UPDATE", "DELETE"
    std::string_view nameSpace;
};

/// Pure. `namespaceLabels`: of the namespace that the object lies in or is; null for other objects of the cluster,
/// which no selector of namespaces excludes. A selector of objects takes the write when it takes the object or what it
/// was.
bool matches(const Webhook& webhook, const Operation& operation, const api::Labels* namespaceLabels,
             const api::Labels& now, const api::Labels& before);

} // namespace keelson::webhooks
