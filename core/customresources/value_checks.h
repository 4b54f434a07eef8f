// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/refusals.h"
#include "customresources/structural_schema.h"

#include <map>
#include <string>

namespace keelson::customresources {

/// What is wrong with a value by its schema, in the words of Kubernetes: `spec.replicas in body must be of type
/// integer: "string"`. `old`: the value that it replaces, null when there is none; parts that stay as they were are not
/// refused again.
void checkValue(const StructuralSchema& schema, const Value& value, const Value* old, const api::FieldPath& path,
                api::Refusals& refusals);

/// "object", "array", ...; empty for any.
std::string_view typeWord(StructuralType type);

/// The items of the list that another replaces. Both, and the schema, outlive it.
class ItemsBefore {
public:
    /// `old`: null when there is none.
    ItemsBefore(const StructuralSchema& list, const Value* old);
    /// Whose place the item takes: by its keys in a list with keys, else none.
    const Value* find(const Value& item) const;

private:
    const StructuralSchema& m_list;
    std::map<std::string, const Value*> m_items;
};

} // namespace keelson::customresources
