// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/admissionregistration_v1.h"
#include "api/catalog.h"

#include <vector>

namespace keelson::policies {

/// Kinds that the expressions of one policy are checked against.
inline constexpr std::size_t checkedKindsMax = 10;

/// What is doubtful about a policy's validations when their objects are of the kinds that its rules name (those with
/// wildcards name none) and its parameters of their kind: `apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined
/// field 'replicas'`. Such a policy is in force all the same.
std::vector<api::ExpressionWarning> typeWarnings(const api::ValidatingAdmissionPolicy& policy,
                                                 const api::Catalog& catalog);

} // namespace keelson::policies
