// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/refusals.h"
#include "api/value.h"

namespace keelson::customresources {

/// What is wrong with the schema of a custom resource (openAPIV3Schema): words that are not supported, and what keeps
/// it from being structural, in the words of Kubernetes. Bounds on depth come from the limits of documents. Source:
/// Kubernetes, "Specifying a structural schema".
void checkSchema(const api::Value& schema, const api::FieldPath& path, api::Refusals& refusals);

} // namespace keelson::customresources
