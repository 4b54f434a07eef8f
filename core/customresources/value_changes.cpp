// SPDX-License-Identifier: Apache-2.0
#include "customresources/value_changes.h"

#include "api/catalog.h"
#include "api/object_members.h"
#include "api/strict_fields.h"
#include "api/validation.h"

#include <algorithm>

namespace keelson::customresources {
namespace {

using api::FieldPath;
using api::Object;

/// Members that every object has, whatever its schema says.
bool isOfEveryResource(std::string_view name)
{
    return name == "apiVersion" || name == "kind" || name == "metadata";
}

const api::Schema& metadataSchema()
{
    static const auto& schema = *api::Catalog::builtIn().findDefinition("meta/v1/ObjectMeta");
    return schema;
}

/// What a member is: one of the declared, one of a map, or unknown (null).
const StructuralSchema* partFor(const StructuralSchema& schema, std::string_view name)
{
    const auto* part = schema.property(name);
    return part ? part : schema.additional.get();
}

void pruneObject(const StructuralSchema& schema, Object& object, bool isResource, const FieldPath& path,
                 std::vector<std::string>& removed)
{
    const bool keepsUnknown = schema.preserveUnknown || schema.anyAdditional;
    const auto isUnknown = [&](const auto& member) {
        const std::string_view name(member.key());
        return !keepsUnknown && !(isResource && isOfEveryResource(name)) && !partFor(schema, name);
    };
    for (auto& member : object) {
        const std::string_view name(member.key());
        if (isResource && isOfEveryResource(name)) {
            if (name == "metadata")
                api::prune(metadataSchema(), member.value(), path.child(name), removed);
        } else if (const auto* part = partFor(schema, name)) {
            pruneValue(*part, member.value(), path.child(name), removed);
        }
    }
    for (const auto& member : object) {
        if (isUnknown(member))
            api::noteStrictField(removed, [&] { return path.child(std::string_view(member.key())).text(); });
    }
    api::eraseMembersIf(object, isUnknown);
}

bool isUnwantedNull(const StructuralSchema& schema, const Value& value)
{
    return value.is_null() && !schema.nullable;
}

/// Of the values of a map.
void dropUnwantedNulls(const StructuralSchema& values, Object& map)
{
    api::eraseMembersIf(map, [&](const auto& member) { return isUnwantedNull(values, member.value()); });
}

/// The values in a default, and a share of its text.
std::size_t weightOf(const Value& value)
{
    std::size_t weight = 1;
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object)
            weight += weightOf(member.value());
    } else if (const auto* array = value.if_array()) {
        for (const auto& item : *array)
            weight += weightOf(item);
    } else if (const auto* text = value.if_string()) {
        constexpr std::size_t bytesOfAValue = 16;
        weight += text->size() / bytesOfAValue;
    }
    return weight;
}

class Defaults {
public:
    /// False when there are too many.
    bool apply(const StructuralSchema& schema, Value& value)
    {
        if (auto* array = value.if_array(); array && schema.items)
            return std::ranges::all_of(*array, [&](Value& item) { return apply(*schema.items, item); });
        auto* object = value.if_object();
        return !object || applyToObject(schema, *object);
    }

private:
    bool applyToObject(const StructuralSchema& schema, Object& object)
    {
        for (const auto& [name, part] : schema.properties) {
            auto* given = object.if_contains(name);
            if (part.defaultValue && (!given || isUnwantedNull(part, *given))) {
                m_weight += weightOf(*part.defaultValue);
                object[name] = *part.defaultValue;
            } else if (given && isUnwantedNull(part, *given)) {
                object.stable_erase(name);
            }
        }
        if (m_weight > api::defaultsMax)
            return false;
        if (schema.additional)
            dropUnwantedNulls(*schema.additional, object);
        return std::ranges::all_of(object, [&](auto&& member) {
            const auto* part = partFor(schema, member.key());
            return !part || apply(*part, member.value());
        });
    }

    std::size_t m_weight = 0;
};

} // namespace

void pruneValue(const StructuralSchema& schema, Value& value, const FieldPath& path, std::vector<std::string>& removed)
{
    if (auto* object = value.if_object()) {
        pruneObject(schema, *object, schema.embeddedResource, path, removed);
    } else if (auto* array = value.if_array(); array && schema.items) {
        for (std::size_t index = 0; index < array->size(); ++index)
            pruneValue(*schema.items, (*array)[index], path.index(index), removed);
    }
}

void pruneResource(const StructuralSchema& schema, Value& value, const FieldPath& path,
                   std::vector<std::string>& removed)
{
    if (auto* object = value.if_object())
        pruneObject(schema, *object, true, path, removed);
}

bool applyDefaults(const StructuralSchema& schema, Value& value)
{
    return Defaults().apply(schema, value);
}

void sortMembers(Value& value)
{
    if (auto* array = value.if_array()) {
        for (auto& item : *array)
            sortMembers(item);
        return;
    }
    auto* object = value.if_object();
    if (!object)
        return;
    for (auto& member : *object)
        sortMembers(member.value());
    const auto byName = [](const auto& left, const auto& right) { return left.key() < right.key(); };
    if (std::is_sorted(object->begin(), object->end(), byName))
        return;
    std::vector<std::string> names;
    for (const auto& member : *object)
        names.emplace_back(member.key());
    std::ranges::sort(names);
    Object ordered;
    ordered.reserve(object->size());
    for (const auto& name : names)
        ordered.emplace(name, std::move(object->at(name)));
    *object = std::move(ordered);
}

} // namespace keelson::customresources
