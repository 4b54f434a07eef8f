// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/https_client.h"
#include "registry/admission.h"

#include <functional>

namespace keelson::registry {

/// Sends to a webhook; blocks until it answers. As `auth::httpsPost`.
using HttpsPoster = std::function<Result<std::string>(const auth::HttpsPost&)>;

/// What webhooks are found and reached with; outlives the steps.
struct WebhookSources {
    const WatchCache& cache;
    const api::Catalog& catalog;
    Random& random;
    const HttpsPoster& post;            ///< Empty: no webhook can be reached.
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
