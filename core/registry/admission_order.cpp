// SPDX-License-Identifier: Apache-2.0
#include "registry/admission_order.h"

#include "registry/access_admission.h"
#include "registry/pod_admission.h"
#include "registry/pod_security_admission.h"
#include "registry/policy_admission.h"
#include "registry/quota_admission.h"
#include "registry/storage_admission.h"

namespace keelson::registry {

std::vector<std::unique_ptr<AdmissionStep>> admissionSteps(const AdmissionSources& sources)
{
    const auto& cache = sources.cache;
    const auto& catalog = sources.catalog;
    std::vector<std::unique_ptr<AdmissionStep>> steps;
    steps.push_back(namespaceLifecycle(cache, catalog));
    steps.push_back(definitionLifecycle(cache, catalog));
    steps.push_back(limitRanger(cache, catalog));
    steps.push_back(serviceAccount(cache, catalog, sources.random));
    steps.push_back(nodeRestriction(cache, catalog));
    steps.push_back(taintNodesByCondition(catalog));
    steps.push_back(podSecurity(cache, catalog, sources.podSecurity));
    steps.push_back(priority(cache, catalog));
    steps.push_back(defaultTolerationSeconds());
    steps.push_back(defaultStorageClass(cache, catalog));
    steps.push_back(storageInUseProtection(catalog));
    steps.push_back(claimResize(cache, catalog));
    steps.push_back(runtimeClass(cache, catalog));
    steps.push_back(certificateRequests(sources.roles, sources.clock));
    steps.push_back(defaultIngressClass(cache, catalog));
    const WebhookSources webhooks{.cache = cache,
                                  .catalog = catalog,
                                  .random = sources.random,
                                  .client = sources.webhooks,
                                  .authorizer = sources.authorizer};
    steps.push_back(mutatingWebhooks(webhooks));
    if (sources.roles)
        steps.push_back(grantLimit(*sources.roles)); // of the role as it will be
    steps.push_back(validatingPolicies(cache, catalog, sources.authorizer));
    steps.push_back(validatingWebhooks(webhooks));
    steps.push_back(resourceQuota(sources.quotas)); // last: what it counts is written, unless the store refuses
    return steps;
}

} // namespace keelson::registry
