// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/rbac_authorizer.h"
#include "base/clock.h"
#include "podsecurity/configuration.h"
#include "registry/admission.h"
#include "registry/quota_ledger.h"
#include "registry/webhook_admission.h"

namespace keelson::registry {

/// What the steps know of; outlives them.
struct AdmissionSources {
    const WatchCache& cache;
    const api::Catalog& catalog;
    const Clock& clock;
    Random& random;
    const auth::RbacAuthorizer* roles; ///< Null: anybody may grant anything.
    QuotaLedger& quotas;
    const WebhookClient& webhooks;
    const auth::Authorizer* authorizer; ///< Whom expressions ask; null: nothing is allowed.
    const podsecurity::Configuration& podSecurity;
};

/// All steps of admission, in the order of Kubernetes' plugins.
std::vector<std::unique_ptr<AdmissionStep>> admissionSteps(const AdmissionSources& sources);

} // namespace keelson::registry
