// SPDX-License-Identifier: Apache-2.0
#include "fieldmanager/field_walk.h"

#include "fieldmanager/list_items.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace keelson::fieldmanager {
namespace {

using api::Field;
using api::Object;
using api::Schema;
using api::SchemaType;
using api::Value;
using Children = std::vector<FieldSet::Child>;

const FieldSet leaf(true, {});

std::string_view view(boost::json::string_view text)
{
    return {text.data(), text.size()};
}

bool isDeclared(const Schema& schema, std::string_view name)
{
    return schema.type == SchemaType::Object && schema.field(name);
}

FieldSet fieldsOfObject(const Schema& schema, const Object& object)
{
    Children children;
    children.reserve(object.size());
    for (const auto& member : object) {
        const auto name = view(member.key());
        auto below = fieldsOf(memberSchema(schema, name), member.value());
        const bool isEmptyObject = member.value().is_null() || (member.value().is_object() && isBare(&member.value()));
        if (isEmptyObject || !isDeclared(schema, name))
            below.setMember(true);
        children.push_back({memberElement(name), std::move(below)});
    }
    return {false, std::move(children)};
}

/// An item that occurs twice is owned as a whole: its content cannot be told apart.
FieldSet fieldsOfList(const Schema& schema, const Value& list)
{
    const auto items = itemsOf(schema, &list);
    std::map<std::string_view, int> counts;
    for (const auto& item : items)
        ++counts[item.element];
    Children children;
    children.reserve(items.size());
    for (const auto& item : items) {
        auto below = counts[item.element] > 1 ? leaf : fieldsOf(*schema.items, *item.value);
        below.setMember(true);
        children.push_back({item.element, std::move(below)});
    }
    return {false, std::move(children)};
}

/// The children of a node, in each of the three sets.
struct ChangedChildren {
    Children added;
    Children modified;
    Children removed;

    void put(const std::string& element, Changes below)
    {
        if (!below.added.empty())
            added.push_back({element, std::move(below.added)});
        if (!below.modified.empty())
            modified.push_back({element, std::move(below.modified)});
        if (!below.removed.empty())
            removed.push_back({element, std::move(below.removed)});
    }
    Changes take(bool isAdded, bool isRemoved)
    {
        return {FieldSet(isAdded, std::move(added)), FieldSet(false, std::move(modified)),
                FieldSet(isRemoved, std::move(removed))};
    }
};

Changes compareValues(const Schema& schema, const Value* before, const Value* after);

Changes compareLeaves(const Value* before, const Value* after)
{
    Changes changes;
    if (!before)
        changes.added = leaf;
    else if (!after)
        changes.removed = leaf;
    else if (*before != *after)
        changes.modified = leaf;
    return changes;
}

Changes compareObjects(const Schema& schema, const Value* before, const Value* after)
{
    static const Object none;
    const auto* const was = before ? before->if_object() : nullptr;
    const auto* const is = after ? after->if_object() : nullptr;
    ChangedChildren children;
    for (const auto& member : is ? *is : none) {
        const auto name = view(member.key());
        const auto* const old = was ? was->if_contains(member.key()) : nullptr;
        auto changes = compareValues(memberSchema(schema, name), old, &member.value());
        if (!changes.empty())
            children.put(memberElement(name), std::move(changes));
    }
    for (const auto& member : was ? *was : none) {
        const auto name = view(member.key());
        if (is && is->contains(member.key()))
            continue;
        auto changes = compareValues(memberSchema(schema, name), &member.value(), nullptr);
        children.put(memberElement(name), std::move(changes));
    }
    return children.take(!before, !after);
}

using Values = std::vector<const Value*>;

/// Items under one element, of which there may be several: those are owned as a whole.
void compareItems(const Schema& items, const std::string& element, const Values& was, const Values& is,
                  ChangedChildren& children)
{
    const auto first = [](const Values& values) { return values.empty() ? nullptr : values.front(); };
    const auto same = [](const Value* a, const Value* b) { return *a == *b; };
    if (was.size() <= 1 && is.size() <= 1)
        return children.put(element, compareValues(items, first(was), first(is)));
    Changes whole;
    if (was.size() > 1 && is.size() > 1) {
        if (!std::ranges::equal(was, is, same))
            whole.modified = leaf;
    } else if (was.size() > 1) {
        if (!is.empty())
            whole = compareValues(items, nullptr, is.front());
        whole.removed.setMember(true);
    } else {
        if (!was.empty())
            whole = compareValues(items, was.front(), nullptr);
        whole.added.setMember(true);
    }
    children.put(element, std::move(whole));
}

Changes compareLists(const Schema& schema, const Value* before, const Value* after)
{
    std::map<std::string, std::pair<Values, Values>> items;
    for (auto& item : itemsOf(schema, before))
        items[std::move(item.element)].first.push_back(item.value);
    for (auto& item : itemsOf(schema, after))
        items[std::move(item.element)].second.push_back(item.value);
    ChangedChildren children;
    for (const auto& [element, values] : items)
        compareItems(*schema.items, element, values.first, values.second, children);
    return children.take(!before, !after);
}

/// An object that became something else, or the other way: its members went or came.
Changes compareKinds(const Schema& schema, const Value& before, const Value& after)
{
    Changes changes;
    changes.modified = leaf;
    auto& members = before.is_object() ? changes.removed : changes.added;
    members = fieldsOf(schema, before.is_object() ? before : after);
    return changes;
}

Changes compareValues(const Schema& schema, const Value* before, const Value* after)
{
    const auto present = [](const Value* value) { return value && !value->is_null() ? value : nullptr; };
    before = present(before); // A null says what absence says.
    after = present(after);
    if (!before && !after)
        return {};
    if (followsValue(schema) && before && after && before->is_object() != after->is_object())
        return compareKinds(schema, *before, *after);
    const auto shape = shapeOf(schema, before, after);
    const bool bothBare = isBare(before) && isBare(after);
    if (bothBare && (schema.type == SchemaType::Map || schema.type == SchemaType::Array))
        return {}; // Empty maps and lists are left out of the normal form.
    if (shape == Shape::Leaf || bothBare)
        return compareLeaves(before, after);
    if (shape == Shape::Object)
        return compareObjects(schema, before, after);
    if (before && after && *before == *after) // Before keys are made of the items.
        return {};
    return compareLists(schema, before, after);
}

Value emptyValue(const Field& field)
{
    switch (field.schema->type) {
    case SchemaType::Object:
        return field.optional ? Value(Object{}) : emptyObject(*field.schema);
    case SchemaType::Map:
        return Object{};
    case SchemaType::Array:
        return api::Array{};
    case SchemaType::String:
        return field.optional ? Value() : Value("");
    case SchemaType::Boolean:
        return field.optional ? Value() : Value(false);
    case SchemaType::Integer:
        return field.optional ? Value() : Value(0);
    default:
        return nullptr;
    }
}

void findProblems(const Schema& schema, const Value& value, const std::string& path, std::vector<std::string>& problems)
{
    if (const auto* const object = value.if_object(); object && schema.type != SchemaType::Any) {
        for (const auto& member : *object) {
            const auto name = view(member.key());
            if (schema.type == SchemaType::Object && !schema.preserveUnknown && !schema.field(name))
                problems.push_back(fmt::format("{}.{}: field not declared in schema", path, name));
            else
                findProblems(memberSchema(schema, name), member.value(), fmt::format("{}.{}", path, name), problems);
        }
    }
    const auto* const array = value.if_array();
    if (!array || schema.type != SchemaType::Array)
        return;
    std::map<std::string, int> counts;
    for (std::size_t at = 0; at < array->size(); ++at) {
        std::string place = fmt::format("[{}]", at);
        if (shapeOf(schema) == Shape::List) {
            const auto element = itemElement(schema, (*array)[at]);
            if (!element)
                problems.push_back(fmt::format("{}: element {}: {}", path, at, element.error().message));
            else
                place = pathText(*element);
            if (element && ++counts[place] == 2)
                problems.push_back(fmt::format("{}: duplicate entries for key {}", path, place));
        }
        findProblems(*schema.items, (*array)[at], path + place, problems);
    }
}

} // namespace

FieldSet fieldsOf(const Schema& schema, const Value& value)
{
    switch (shapeOf(schema, &value)) {
    case Shape::Object:
        return value.is_object() ? fieldsOfObject(schema, value.get_object()) : FieldSet{};
    case Shape::List:
        return fieldsOfList(schema, value);
    case Shape::Leaf:
        break;
    }
    return leaf;
}

FieldSet Changes::taken() const
{
    auto set = added;
    set.unite(modified);
    return set;
}

Changes compare(const Schema& schema, const Value& before, const Value& after)
{
    return compareValues(schema, &before, &after);
}

Value emptyObject(const Schema& schema)
{
    Object object;
    for (const auto& field : schema.fields) {
        const bool isThere = field.always || (field.schema->type == SchemaType::Object && !field.optional);
        if (isThere)
            object.emplace(field.name, emptyValue(field));
    }
    return object;
}

FieldSet withNamedFields(const Schema& schema, const FieldSet& set)
{
    constexpr std::size_t prefix = 2;
    Children children;
    children.reserve(set.children().size());
    for (const auto& child : set.children()) {
        const auto name = std::string_view(child.element).substr(prefix);
        const bool isField = child.element.starts_with("f:");
        const auto& below = isField ? memberSchema(schema, name) : schema.items ? *schema.items : schema;
        auto named = withNamedFields(below, child.below);
        if (isField && isDeclared(schema, name))
            named.setMember(true);
        children.push_back({child.element, std::move(named)});
    }
    return {set.isMember(), std::move(children)};
}

std::vector<std::string> findMergeProblems(const Schema& schema, const Value& value)
{
    std::vector<std::string> problems;
    findProblems(schema, value, {}, problems);
    return problems;
}

} // namespace keelson::fieldmanager
