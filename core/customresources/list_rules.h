// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/refusals.h"
#include "api/value.h"

namespace keelson::customresources {

/// What is wrong with what a node of a schema says about merging: list types, their keys, map types.
void checkLists(const api::Object& node, const api::FieldPath& path, api::Refusals& refusals);

} // namespace keelson::customresources
