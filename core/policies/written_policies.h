// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"
#include "base/error.h"

#include <vector>

namespace keelson::policies {

/// Whether objects of the kind hold expressions of admission: configurations of webhooks, policies and their bindings.
bool isOfAdmission(const api::Kind& kind);

/// What is wrong with such an object that its schema and rules do not say, in Kubernetes' words: expressions that do
/// not compile, members that exclude or need one another.
std::vector<Cause> checkWritten(const api::Kind& kind, const api::Value& object);

} // namespace keelson::policies
