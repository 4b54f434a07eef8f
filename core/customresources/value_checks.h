// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/refusals.h"
#include "customresources/structural_schema.h"

namespace keelson::customresources {

/// What is wrong with a value by its schema, in the words of Kubernetes: `spec.replicas in body must be of type
/// integer: "string"`. `old`: the value that it replaces, null when there is none; parts that stay as they were are not
/// refused again.
void checkValue(const StructuralSchema& schema, const Value& value, const Value* old, const api::FieldPath& path,
                api::Refusals& refusals);

/// "object", "array", ...; empty for any.
std::string_view typeWord(StructuralType type);

/// The value of the old list that an item of a list takes the place of: by its keys in a list with keys, else none.
const Value* correlatedItem(const StructuralSchema& list, const Value& item, const Value* old);

} // namespace keelson::customresources
