// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/schema.h"
#include "base/result.h"

#include <string>

namespace keelson::fieldmanager {

/// How values of a schema are owned and merged.
enum class Shape {
    Leaf,   ///< As a whole: scalars, atomic lists and maps, and lists that the schema says nothing of.
    Object, ///< Member by member.
    List,   ///< Item by item: sets, and lists with keys.
};
/// By the schema alone, for values of the type that it tells.
Shape shapeOf(const api::Schema& schema);
/// Of a value, or of what two values become. Where unknown members are kept, no schema tells what is inside of them: it
/// follows from the value, member by member for objects, as a whole for others.
Shape shapeOf(const api::Schema& schema, const api::Value* value, const api::Value* other = nullptr);
/// Whether what is inside follows from the value.
bool followsValue(const api::Schema& schema);

/// The schema of an object's or a map's member. Of one that the schema does not know: that of any value.
const api::Schema& memberSchema(const api::Schema& schema, std::string_view name);
/// The path element of a member.
std::string memberElement(std::string_view name);
/// The path element of an item of a list of the shape List. Keys that the item leaves out have their default.
/// `Invalid` says what is wrong with an item that has none.
Result<std::string> itemElement(const api::Schema& list, const api::Value& item);

/// The items of a list by path element, in order. An item without one gets its place for that.
struct ListItem {
    std::string element;
    const api::Value* value = nullptr;
};
std::vector<ListItem> itemsOf(const api::Schema& list, const api::Value* value);

/// Null, or an object or list without members.
bool isBare(const api::Value* value);

} // namespace keelson::fieldmanager
