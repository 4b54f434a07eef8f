// SPDX-License-Identifier: Apache-2.0
#include "api/object_members.h"
#include "api/patch.h"
#include "api/schema.h"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

namespace keelson::api {
namespace {

constexpr std::string_view directive = "$patch";
constexpr std::string_view retainKeys = "$retainKeys";
constexpr std::string_view deletePrefix = "$deleteFromPrimitiveList/";
constexpr std::string_view orderPrefix = "$setElementOrder/";

Result<Object> mergeObjects(const Schema* schema, Object original, const Object& patch);

bool isDirective(std::string_view key)
{
    return key == directive || key == retainKeys || key.starts_with(deletePrefix) || key.starts_with(orderPrefix);
}

const Schema* memberSchema(const Schema* schema, std::string_view name)
{
    if (!schema)
        return nullptr;
    if (schema->type == SchemaType::Map)
        return schema->items;
    const auto* field = schema->type == SchemaType::Object ? schema->field(name) : nullptr;
    return field ? field->schema : nullptr;
}

std::unexpected<Error> noMergeKey(const Object& item, std::string_view mergeKey)
{
    auto text = boost::json::serialize(item);
    constexpr std::size_t shownMax = 200;
    if (text.size() > shownMax)
        text = text.substr(0, shownMax) + "...";
    return fail(Reason::BadRequest, fmt::format("map: {} does not contain declared merge key: {}", text, mergeKey));
}

std::unexpected<Error> mixedList()
{
    return fail(Reason::BadRequest, "a list to merge holds objects and other values, or lists");
}

/// What tells the elements of a list apart, as text: the member `mergeKey`, or without one the element itself. A number
/// is the same as 1 and as 1.0. Nothing without that member.
std::optional<std::string> identity(const Value& element, std::string_view mergeKey)
{
    const auto* value = &element;
    if (!mergeKey.empty()) {
        const auto* object = element.if_object();
        value = object ? object->if_contains(mergeKey) : nullptr;
    }
    if (!value)
        return std::nullopt;
    constexpr double exactMax = 9007199254740992; // 2^53
    if (const auto* number = value->if_double();
        number && std::abs(*number) <= exactMax && *number == std::trunc(*number))
        return std::to_string(static_cast<std::int64_t>(*number));
    return boost::json::serialize(*value);
}

/// Where the elements of a list are, found by their identity.
class Places {
public:
    Places(const Array& list, std::string_view mergeKey) : m_mergeKey(mergeKey)
    {
        for (const auto& element : list)
            add(element);
    }

    void add(const Value& element)
    {
        if (auto key = identity(element, m_mergeKey))
            m_places.emplace(*std::move(key), m_size); // The first one counts.
        ++m_size;
    }

    /// The place of the element with the same identity, or the size of the list.
    std::size_t of(const Value& element) const
    {
        const auto key = identity(element, m_mergeKey);
        const auto found = key ? m_places.find(*key) : m_places.end();
        return found == m_places.end() ? m_size : found->second;
    }
    bool contains(const Value& element) const { return of(element) < m_size; }

private:
    std::string_view m_mergeKey;
    std::map<std::string, std::size_t> m_places;
    std::size_t m_size = 0;
};

/// Sorts by the place in an order; what is not there comes last and stays as it is.
void sortBy(Array& list, const Places& order)
{
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (std::size_t i = 0; i < list.size(); ++i)
        places.emplace_back(order.of(list[i]), i);
    std::ranges::sort(places);
    Array sorted;
    sorted.reserve(list.size());
    for (const auto& place : places)
        sorted.push_back(std::move(list[place.second]));
    list = std::move(sorted);
}

/// Brings what the patch names into the order of the patch; what only the server has keeps its place relative to the
/// server's order.
Array inOrder(Array merged, const Array& patchOrder, const Array& serverOrder, std::string_view mergeKey)
{
    const Places inPatch(patchOrder, mergeKey);
    const Places onServer(serverOrder, mergeKey);
    Array named;
    Array others;
    for (auto& each : merged)
        (inPatch.contains(each) ? named : others).push_back(std::move(each));
    sortBy(named, inPatch);
    sortBy(others, onServer);

    Array result;
    result.reserve(named.size() + others.size());
    std::size_t nextNamed = 0;
    for (auto& other : others) {
        const auto place = onServer.of(other);
        for (; nextNamed < named.size(); ++nextNamed) {
            const auto namedPlace = onServer.of(named[nextNamed]);
            const bool otherFirst = place < serverOrder.size() && namedPlace < serverOrder.size() && place < namedPlace;
            if (otherFirst)
                break;
            result.push_back(std::move(named[nextNamed]));
        }
        result.push_back(std::move(other));
    }
    for (; nextNamed < named.size(); ++nextNamed)
        result.push_back(std::move(named[nextNamed]));
    return result;
}

Array withoutRepeats(const Array& list)
{
    const Places places(list, {});
    Array unique;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (places.of(list[i]) == i)
            unique.push_back(list[i]);
    }
    return unique;
}

Array without(Array list, const Places& gone)
{
    Array kept;
    for (auto& each : list) {
        if (!gone.contains(each))
            kept.push_back(std::move(each));
    }
    return kept;
}

/// Carries out the elements that are directives; the others are left in `plain`.
Result<Array> applyElementDirectives(Array original, const Array& patch, const std::string& mergeKey, Array& plain)
{
    bool replace = false;
    Array gone;
    for (const auto& element : patch) {
        const auto* object = element.if_object();
        if (!object)
            return mixedList();
        const auto* word = object->if_contains(directive);
        if (!word) {
            plain.push_back(element);
        } else if (*word == "delete") {
            if (!object->if_contains(mergeKey))
                return noMergeKey(*object, mergeKey);
            gone.push_back(element);
        } else if (*word == "replace") {
            replace = true;
        } else if (*word == "merge") {
            Object rest = *object;
            rest.erase(directive);
            plain.emplace_back(std::move(rest));
        } else {
            return fail(Reason::BadRequest, fmt::format("unknown patch type found: {}", boost::json::serialize(*word)));
        }
    }
    if (replace)
        return Array{};
    return without(std::move(original), Places(gone, mergeKey));
}

Result<Array> mergeObjectLists(const Schema* schema, Array original, const Array& patch)
{
    const auto& mergeKey = schema->patchMergeKey;
    if (mergeKey.empty())
        return fail(Reason::BadRequest, "cannot merge lists without merge key for " + schema->name);
    Array plain;
    TRY_ASSIGN(original, applyElementDirectives(std::move(original), patch, mergeKey, plain));
    Array merged = original;
    Places places(merged, mergeKey);
    for (const auto& element : plain) {
        const auto& object = element.get_object();
        if (!object.if_contains(mergeKey))
            return noMergeKey(object, mergeKey);
        const auto at = places.of(element);
        Object before;
        if (at < merged.size() && merged[at].is_object())
            before = std::move(merged[at].get_object());
        TRY_ASSIGN(auto after, mergeObjects(schema->items, std::move(before), object));
        if (at < merged.size()) {
            merged[at] = std::move(after);
        } else {
            merged.emplace_back(std::move(after));
            places.add(element);
        }
    }
    return inOrder(std::move(merged), plain, original, mergeKey);
}

Result<Array> mergeLists(const Schema* schema, Array original, const Array& patch)
{
    const auto isObject = [](const Value& value) { return value.is_object(); };
    const auto isList = [](const Value& value) { return value.is_array(); };
    if (original.empty() && patch.empty())
        return original;
    const bool objects = std::ranges::any_of(original, isObject) || std::ranges::any_of(patch, isObject);
    if (objects && !(std::ranges::all_of(original, isObject) && std::ranges::all_of(patch, isObject)))
        return mixedList();
    if (std::ranges::any_of(original, isList) || std::ranges::any_of(patch, isList))
        return mixedList();
    if (objects)
        return mergeObjectLists(schema, std::move(original), patch);
    Array both = original;
    both.insert(both.end(), patch.begin(), patch.end());
    return inOrder(withoutRepeats(both), patch, original, {});
}

/// A value that replaces whatever was there: without nulls and directives.
Value plainValue(const Value& value)
{
    if (const auto* array = value.if_array()) {
        Array plain;
        for (const auto& each : *array)
            plain.push_back(plainValue(each));
        return plain;
    }
    const auto* object = value.if_object();
    if (!object)
        return value;
    Object plain;
    for (const auto& member : *object) {
        if (!member.value().is_null() && !isDirective(member.key()))
            plain.emplace(member.key(), plainValue(member.value()));
    }
    return plain;
}

/// `original` is null when the member is not there yet.
Result<Value> mergeValues(const Schema* schema, Value original, const Value& patch)
{
    if (const auto* object = patch.if_object(); object && !(schema && schema->patchReplace)) {
        Object before;
        if (original.is_object())
            before = std::move(original.get_object());
        TRY_ASSIGN(auto merged, mergeObjects(schema, std::move(before), *object));
        return Value(std::move(merged));
    }
    const auto* list = patch.if_array();
    if (!list || !schema || schema->type != SchemaType::Array || !schema->patchMerge)
        return plainValue(patch);
    Array before;
    if (original.is_array())
        before = std::move(original.get_array());
    TRY_ASSIGN(auto merged, mergeLists(schema, std::move(before), *list));
    return Value(std::move(merged));
}

Result<Done> applyRetainKeys(Object& original, const Object& patch)
{
    const auto* keys = patch.if_contains(retainKeys);
    if (!keys)
        return Done{};
    const auto* list = keys->if_array();
    if (!list)
        return fail(Reason::BadRequest, "invalid patch format of retainKeys: not a list");
    std::set<std::string_view> names;
    for (const auto& key : *list) {
        if (key.is_string())
            names.insert(view(key.get_string()));
    }
    const auto retained = [&](std::string_view name) { return names.contains(name); };
    for (const auto& member : patch) {
        if (!member.value().is_null() && !isDirective(member.key()) && !retained(member.key())) {
            return fail(Reason::BadRequest,
                        fmt::format("invalid patch format of retainKeys: \"{}\" is patched but not retained",
                                    std::string_view{member.key()}));
        }
    }
    eraseMembersIf(original, [&](const auto& member) { return !retained(member.key()); });
    return Done{};
}

/// The elements of the patch's list must stand in the order that goes with it.
Result<Done> checkOrder(const Array& patch, const Array& order, std::string_view mergeKey)
{
    const Places places(order, mergeKey);
    std::size_t next = 0;
    for (const auto& element : patch) {
        if (const auto* object = element.if_object(); object && object->if_contains(directive))
            continue;
        const auto at = places.of(element);
        if (at == order.size() || at < next)
            return fail(Reason::BadRequest, "the order in the patch list does not match the $setElementOrder list");
        next = at;
    }
    return Done{};
}

Result<Done> applyElementOrder(const Schema* schema, Object& original, const Object& patch, std::string_view name,
                               const Value& orderValue)
{
    const auto* order = orderValue.if_array();
    if (!order)
        return fail(Reason::BadRequest, fmt::format("$setElementOrder/{} must be a list", name));
    const auto* list = memberSchema(schema, name);
    if (!list || list->type != SchemaType::Array || !list->patchMerge)
        return fail(Reason::BadRequest, fmt::format("$setElementOrder/{}: {} is no list that merges", name, name));
    const std::string_view mergeKey = list->patchMergeKey;
    const auto* patched = patch.if_contains(name);
    if (patched && !patched->is_array()) // Null removes the list: no order is left to keep.
        return Done{};
    Array before;
    if (auto* found = original.if_contains(name)) {
        if (!found->is_array())
            return Done{};
        before = found->get_array();
    } else if (!patched) {
        return Done{};
    }
    auto merged = before;
    if (patched) {
        TRY_OK(checkOrder(patched->get_array(), *order, mergeKey));
        TRY_ASSIGN(merged, mergeLists(list, before, patched->get_array()));
    }
    original[name] = inOrder(std::move(merged), *order, before, mergeKey);
    return Done{};
}

Result<Done> deleteFromList(Object& original, std::string_view name, const Value& gone)
{
    const auto* list = gone.if_array();
    if (!list)
        return fail(Reason::BadRequest, fmt::format("$deleteFromPrimitiveList/{} must be a list", name));
    auto* found = original.if_contains(name);
    if (!found || !found->is_array())
        return Done{};
    *found = without(std::move(found->get_array()), Places(*list, {}));
    return Done{};
}

Result<Object> mergeObjects(const Schema* schema, Object original, const Object& patch)
{
    if (const auto* word = patch.if_contains(directive)) {
        if (*word == "delete")
            return Object{};
        if (*word == "replace")
            return plainValue(patch).get_object();
        if (*word != "merge")
            return fail(Reason::BadRequest, fmt::format("unknown patch type found: {}", boost::json::serialize(*word)));
    }
    TRY_OK(applyRetainKeys(original, patch));
    for (const auto& member : patch) {
        if (const std::string_view key = member.key(); key.starts_with(orderPrefix))
            TRY_OK(applyElementOrder(schema, original, patch, key.substr(orderPrefix.size()), member.value()));
    }
    for (const auto& member : patch) {
        const std::string_view key = member.key();
        if (key.starts_with(deletePrefix)) {
            TRY_OK(deleteFromList(original, key.substr(deletePrefix.size()), member.value()));
            continue;
        }
        if (isDirective(key))
            continue;
        if (member.value().is_null()) // Taken out below.
            continue;
        const auto found = original.find(key);
        const bool merged = member.value().is_array() && patch.contains(std::string{orderPrefix} + std::string{key});
        if (merged) // With its order, above.
            continue;
        const auto* object = member.value().if_object();
        if (found == original.end() && object && object->contains(directive) && object->at(directive) == "delete")
            continue;
        TRY_ASSIGN(auto value,
                   mergeValues(memberSchema(schema, key), found == original.end() ? Value{} : std::move(found->value()),
                               member.value()));
        original.insert_or_assign(key, std::move(value));
    }
    eraseNulled(original, patch);
    return original;
}

} // namespace

Result<Value> applyStrategicPatch(const Schema& schema, Value document, const Value& patch)
{
    const auto* object = patch.if_object();
    if (!object)
        return fail(Reason::BadRequest, "a strategic merge patch must be an object");
    return mergeValues(&schema, std::move(document), patch);
}

} // namespace keelson::api
