// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/field_path.h"
#include "customresources/structural_schema.h"

namespace keelson::customresources {

/// Removes members that the schema does not know, but inside of what keeps them; their paths go to `removed`. The
/// metadata of `value`, when it is a resource (the root, an embedded one), is pruned as that of every object.
void pruneValue(const StructuralSchema& schema, Value& value, const api::FieldPath& path,
                std::vector<std::string>& removed);
void pruneResource(const StructuralSchema& schema, Value& value, const api::FieldPath& path,
                   std::vector<std::string>& removed);
/// Sets members that are absent, or null where that is not allowed, to their defaults; a null without a default goes.
/// False, and then not all are there, when they are more than `api::defaultsMax`.
bool applyDefaults(const StructuralSchema& schema, Value& value);
/// Puts the members of all objects in name order.
void sortMembers(Value& value);

} // namespace keelson::customresources
