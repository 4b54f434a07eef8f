// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/admission.h"
#include "registry/webhook_client.h"

namespace keelson::registry {

/// What webhooks are found and reached with; outlives the steps.
struct WebhookSources {
    const WatchCache& cache;
    const api::Catalog& catalog;
    Random& random;
    const WebhookClient& client;
    const auth::Authorizer* authorizer; ///< Whom match conditions ask; null: nothing is allowed.
};

/// Asks the MutatingWebhookConfigurations, in the order of their names, and patches the object as they say. When one
/// changed it, all steps admit the object once more, and those webhooks are asked again that want to be
/// (reinvocationPolicy IfNeeded). None is asked about the configuration of admission itself. Source: Kubernetes,
/// "Dynamic Admission Control".
std::unique_ptr<AdmissionStep> mutatingWebhooks(const WebhookSources& sources);

/// Asks the ValidatingWebhookConfigurations, all at once; of refusals the first in the order of their names counts.
std::unique_ptr<AdmissionStep> validatingWebhooks(const WebhookSources& sources);

} // namespace keelson::registry
