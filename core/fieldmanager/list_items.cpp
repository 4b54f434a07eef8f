// SPDX-License-Identifier: Apache-2.0
#include "fieldmanager/list_items.h"

#include "api/json_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::fieldmanager {
namespace {

using api::ListType;
using api::SchemaType;
using api::Value;

const Value* keyOf(const api::Schema& items, const api::Object& item, std::string_view key)
{
    const auto* const given = item.if_contains(key);
    if (given && !given->is_null())
        return given;
    const auto* const field = items.field(key);
    return field && field->defaultValue ? &*field->defaultValue : nullptr;
}

} // namespace

Shape shapeOf(const api::Schema& schema)
{
    if (schema.type == SchemaType::Object || schema.type == SchemaType::Map)
        return schema.mapAtomic ? Shape::Leaf : Shape::Object;
    if (schema.type == SchemaType::Array && (schema.listType == ListType::Map || schema.listType == ListType::Set))
        return Shape::List;
    return Shape::Leaf;
}

Shape shapeOf(const api::Schema& schema, const Value* value, const Value* other)
{
    if (!followsValue(schema))
        return shapeOf(schema);
    const auto isOther = [](const Value* one) { return one && !one->is_null() && !one->is_object(); };
    return isOther(value) || isOther(other) ? Shape::Leaf : Shape::Object;
}

bool followsValue(const api::Schema& schema)
{
    return schema.type == SchemaType::Any && schema.preserveUnknown;
}

const api::Schema& memberSchema(const api::Schema& schema, std::string_view name)
{
    static const api::Schema any;
    static const api::Schema kept{.preserveUnknown = true};
    if (followsValue(schema))
        return schema;
    if (schema.type == SchemaType::Map)
        return *schema.items;
    const auto* const field = schema.field(name);
    return field ? *field->schema : schema.preserveUnknown ? kept : any;
}

std::string memberElement(std::string_view name)
{
    return std::string("f:").append(name);
}

Result<std::string> itemElement(const api::Schema& list, const Value& item)
{
    if (list.listType == ListType::Set) {
        if (item.is_structured() || item.is_null())
            return fail(Reason::Invalid, "an item of a set is no scalar");
        return "v:" + api::writeJson(item);
    }
    const auto* const object = item.if_object();
    if (!object)
        return fail(Reason::Invalid, "an item of a list with keys is no object");
    std::vector<std::string_view> keys(list.listMapKeys.begin(), list.listMapKeys.end());
    std::ranges::sort(keys);
    std::string element = "k:{";
    for (const auto key : keys) {
        const auto* const value = keyOf(*list.items, *object, key);
        if (!value)
            return fail(Reason::Invalid,
                        fmt::format("associative list with keys has an element that omits key field \"{}\" (and "
                                    "doesn't have default value)",
                                    key));
        if (element.back() != '{')
            element += ',';
        api::appendJsonString(element, key);
        element += ':';
        element += api::writeJson(*value);
    }
    return element + "}";
}

std::vector<ListItem> itemsOf(const api::Schema& list, const Value* value)
{
    std::vector<ListItem> items;
    const auto* const array = value ? value->if_array() : nullptr;
    if (!array)
        return items;
    items.reserve(array->size());
    for (const auto& item : *array) {
        auto element = itemElement(list, item);
        items.push_back({element ? *std::move(element) : fmt::format("i:{}", items.size()), &item});
    }
    return items;
}

bool isBare(const Value* value)
{
    if (!value || value->is_null())
        return true;
    if (const auto* const array = value->if_array())
        return array->empty();
    const auto* const object = value->if_object();
    return object && object->empty();
}

} // namespace keelson::fieldmanager
