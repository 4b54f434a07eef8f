// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/user.h"
#include "registry/admission.h"

namespace keelson::registry {

/// Judges writes by the ValidatingAdmissionPolicies that bindings put in force; not those of admission itself.
/// `authorizer`: whom their expressions ask; null: nothing is allowed. Both outlive the step.
std::unique_ptr<AdmissionStep> validatingPolicies(const WatchCache& cache, const api::Catalog& catalog,
                                                  const auth::Authorizer* authorizer);

} // namespace keelson::registry
