// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/admission.h"
#include "registry/quota_ledger.h"

namespace keelson::registry {

/// The LimitRanges of the namespace: new pods get the requests and limits that they do not name; pods and claims that
/// ask for more or less than is allowed are refused.
/// Source: Kubernetes, admission plugin LimitRanger.
std::unique_ptr<AdmissionStep> limitRanger(const WatchCache& cache, const api::Catalog& catalog);

/// The ResourceQuotas of the namespace: what would use more than is left is refused, also when many write at once.
/// Source: Kubernetes, admission plugin ResourceQuota.
std::unique_ptr<AdmissionStep> resourceQuota(QuotaLedger& ledger);

} // namespace keelson::registry
