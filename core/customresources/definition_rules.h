// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"

#include <string>
#include <vector>

namespace keelson::customresources {

/// What is wrong with a CustomResourceDefinition beyond what the rules of its kind say: schemas, subresources, columns,
/// selectable fields, versions, and what an update may not change. `old` null: it is new.
/// At most 100 causes.
std::vector<Cause> checkDefinition(const api::Value& definition, const api::Value* old);

/// What the server adds to a definition that is written: the stored version among status.storedVersions.
void noteStoredVersion(api::Value& definition);

} // namespace keelson::customresources
