// SPDX-License-Identifier: Apache-2.0
#include "customresources/list_rules.h"

#include "api/object_members.h"

#include <algorithm>
#include <set>

namespace keelson::customresources {
namespace {

using api::Array;
using api::FieldPath;
using api::Object;
using api::Refusals;
using api::textIn;
using api::Value;

const Array& keysIn(const Object& node)
{
    static const Array none;
    const auto* keys = node.if_contains("x-kubernetes-list-map-keys");
    return keys && keys->is_array() ? keys->get_array() : none;
}

void checkOwner(const Object& node, std::string_view word, std::string_view type, const FieldPath& path,
                Refusals& refusals)
{
    const auto given = textIn(node, "type");
    const auto why = std::string("must be ").append(type).append(" if ").append(word).append(" is specified");
    if (given.empty())
        refusals.required(path.child("type"), why);
    else if (given != type)
        refusals.invalid(path.child("type"), Value(given), why);
}

bool isListed(const Object& items, std::string_view word, std::string_view name)
{
    const auto* list = items.if_contains(word);
    return list && list->is_array() && std::ranges::find(list->get_array(), Value(name)) != list->get_array().end();
}

void checkKey(const Object& items, std::string_view key, const FieldPath& path, const Array& keys, Refusals& refusals)
{
    const auto* properties = items.if_contains("properties");
    const auto* property = properties && properties->is_object() ? properties->get_object().if_contains(key) : nullptr;
    if (!property || !property->is_object())
        return refusals.invalid(path.child("x-kubernetes-list-map-keys"), Value(keys),
                                "entries must all be names of item properties");
    const auto ofItems = path.child("items");
    const auto all = ofItems.child("properties");
    const auto at = all.key(key);
    const auto& node = property->get_object();
    if (const auto type = textIn(node, "type"); type == "array" || type == "object")
        refusals.invalid(at.child("type"), Value(type),
                         "must be a scalar type if parent array's x-kubernetes-list-type is map");
    if (!node.contains("default") && !isListed(items, "required", key))
        refusals.required(at.child("default"), "this property is in x-kubernetes-list-map-keys, so it must have a "
                                               "default or be a required property");
}

void checkMapList(const Object& node, const FieldPath& path, Refusals& refusals)
{
    const auto& keys = keysIn(node);
    if (keys.empty())
        refusals.required(path.child("x-kubernetes-list-map-keys"),
                          "must not be empty if x-kubernetes-list-type is map");
    const auto* items = node.if_contains("items");
    if (!items || !items->is_object())
        return refusals.required(path.child("items"), "must have a schema if x-kubernetes-list-type is map");
    const auto at = path.child("items");
    if (const auto type = textIn(items->get_object(), "type"); type != "object")
        refusals.invalid(at.child("type"), Value(type),
                         "must be object if parent array's x-kubernetes-list-type is map");
    std::set<std::string_view> seen;
    for (const auto& key : keys) {
        const auto name = key.is_string() ? api::view(key.get_string()) : std::string_view{};
        if (!seen.insert(name).second)
            refusals.invalid(path.child("x-kubernetes-list-map-keys"), Value(keys),
                             "must not contain duplicate entries");
        checkKey(items->get_object(), name, path, keys, refusals);
    }
}

void checkSet(const Object& node, const FieldPath& path, Refusals& refusals)
{
    const auto* items = node.if_contains("items");
    if (!items || !items->is_object())
        return;
    const auto& item = items->get_object();
    const auto at = path.child("items");
    const auto type = textIn(item, "type");
    if (api::isTrue(item, "nullable"))
        refusals.forbidden(at.child("nullable"), "cannot be nullable when x-kubernetes-list-type is set");
    const auto atomic = [&](std::string_view word) {
        if (textIn(item, word) != "atomic")
            refusals.invalid(at.child(word), Value(textIn(item, word)),
                             "must be atomic as item of a list with x-kubernetes-list-type=set");
    };
    if (type == "array")
        atomic("x-kubernetes-list-type");
    else if (type == "object")
        atomic("x-kubernetes-map-type");
}

} // namespace

void checkLists(const Object& node, const FieldPath& path, Refusals& refusals)
{
    const auto listType = textIn(node, "x-kubernetes-list-type");
    if (!listType.empty()) {
        if (listType != "atomic" && listType != "set" && listType != "map")
            refusals.notSupported(path.child("x-kubernetes-list-type"), Value(listType), {"atomic", "map", "set"});
        checkOwner(node, "x-kubernetes-list-type", "array", path, refusals);
    }
    if (!keysIn(node).empty() && listType != "map") {
        constexpr std::string_view why = "must be map if x-kubernetes-list-map-keys is non-empty";
        if (listType.empty())
            refusals.required(path.child("x-kubernetes-list-type"), why);
        else
            refusals.invalid(path.child("x-kubernetes-list-type"), Value(listType), why);
    }
    if (listType == "map")
        checkMapList(node, path, refusals);
    else if (listType == "set")
        checkSet(node, path, refusals);
    if (const auto mapType = textIn(node, "x-kubernetes-map-type"); !mapType.empty()) {
        if (mapType != "atomic" && mapType != "granular")
            refusals.notSupported(path.child("x-kubernetes-map-type"), Value(mapType), {"atomic", "granular"});
        checkOwner(node, "x-kubernetes-map-type", "object", path, refusals);
    }
}

} // namespace keelson::customresources
