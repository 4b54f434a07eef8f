// SPDX-License-Identifier: GPL-3.0-or-later
#include "manifests/merge.h"

#include "document/path.h"

#include <algorithm>
#include <map>

namespace keelson::manifests {

namespace {

using api::Array;
using api::Object;
using api::Schema;
using api::Value;

const Schema* memberSchema(const Schema* schema, std::string_view name)
{
    if (!schema)
        return nullptr;
    if (schema->type == api::SchemaType::Map)
        return schema->items;
    const auto* field = schema->field(name);
    return field ? field->schema : nullptr;
}

/// The members that tell the items of a list apart; empty for a set, whose items are their own keys. None: the list is
/// one value.
std::optional<std::vector<std::string>> listKeys(const Schema* schema)
{
    if (!schema)
        return std::nullopt;
    if (!schema->listMapKeys.empty())
        return schema->listMapKeys;
    if (!schema->patchMergeKey.empty())
        return std::vector{schema->patchMergeKey};
    if (schema->listType == api::ListType::Set || schema->patchMerge)
        return std::vector<std::string>{};
    return std::nullopt;
}

/// A list by key: `[name="web"]`, `[containerPort=80,protocol="TCP"]`, `[="a"]`.
struct KeyedList {
    std::vector<std::string> order;
    std::map<std::string, const Value*> items;

    const Value* find(const std::string& key) const
    {
        const auto at = items.find(key);
        return at == items.end() ? nullptr : at->second;
    }
};

std::optional<std::string> keyOf(const Value& item, const std::vector<std::string>& keys, const Schema* itemSchema)
{
    if (keys.empty())
        return item.is_structured() ? std::nullopt : std::optional("[=" + api::writeJson(item) + "]");
    if (!item.is_object())
        return std::nullopt;
    std::string text;
    for (const auto& key : keys) {
        const auto* value = item.get_object().if_contains(key);
        const auto* field = itemSchema ? itemSchema->field(key) : nullptr;
        if (!value && field && field->defaultValue)
            value = &*field->defaultValue;
        if (!value)
            return std::nullopt;
        text += (text.empty() ? "[" : ",") + key + "=" + api::writeJson(*value);
    }
    return text + "]";
}

/// None: an item has no key, or two have the same.
std::optional<KeyedList> keyed(const Value* list, const std::vector<std::string>& keys, const Schema* itemSchema)
{
    KeyedList made;
    if (!list || !list->is_array())
        return made;
    for (const auto& item : list->get_array()) {
        auto key = keyOf(item, keys, itemSchema);
        if (!key || !made.items.emplace(*key, &item).second)
            return std::nullopt;
        made.order.push_back(std::move(*key));
    }
    return made;
}

std::vector<std::string> commonOrder(const KeyedList& list, const KeyedList& with)
{
    std::vector<std::string> order;
    std::ranges::copy_if(list.order, std::back_inserter(order),
                         [&](const std::string& key) { return with.find(key) != nullptr; });
    return order;
}

/// The keys of `first`, and those that only `second` has, each after the one that it follows there.
std::vector<std::string> joined(const KeyedList& first, const KeyedList& second)
{
    auto order = first.order;
    auto place = order.begin();
    for (const auto& key : second.order) {
        if (const auto at = std::ranges::find(order, key); at != order.end())
            place = at + 1;
        else
            place = order.insert(place, key) + 1;
    }
    return order;
}

class Merger {
public:
    explicit Merger(std::span<const Decision> decisions) : m_decisions(decisions) {}

    std::optional<Value> merged(const Value* base, const Value* mine, const Value* theirs, const Schema* schema,
                                const std::string& field)
    {
        if (isSame(mine, theirs) || isSame(mine, base))
            return copy(theirs);
        if (isSame(theirs, base))
            return copy(mine);
        if (mine && theirs && mine->is_object() && theirs->is_object() && !(schema && schema->mapAtomic))
            return mergedObject(base, mine->get_object(), theirs->get_object(), schema, field);
        if (mine && theirs && mine->is_array() && theirs->is_array())
            if (auto list = mergedList(base, mine, theirs, schema, field))
                return list;
        return decided({field, copy(mine), copy(theirs)});
    }

    std::vector<MergeConflict> conflicts;
    std::size_t openCount = 0;

private:
    static bool isSame(const Value* a, const Value* b) { return a && b ? *a == *b : a == b; }
    static std::optional<Value> copy(const Value* value) { return value ? std::optional(*value) : std::nullopt; }

    std::optional<Value> decided(MergeConflict conflict)
    {
        const auto decision = std::ranges::find(m_decisions, conflict, &Decision::conflict);
        const bool isOpen = decision == m_decisions.end();
        openCount += isOpen ? 1 : 0;
        conflicts.push_back(conflict);
        return !isOpen && decision->side == Side::Theirs ? conflict.theirs : conflict.mine;
    }

    Value mergedObject(const Value* base, const Object& mine, const Object& theirs, const Schema* schema,
                       const std::string& field)
    {
        const auto* before = base ? base->if_object() : nullptr;
        Object made;
        const auto add = [&](std::string_view name) {
            auto path = document::pathText({std::string(name)});
            if (!field.empty())
                path = field + (path.starts_with('[') ? "" : ".") + path;
            if (auto value = merged(before ? before->if_contains(name) : nullptr, mine.if_contains(name),
                                    theirs.if_contains(name), memberSchema(schema, name), path))
                made[name] = std::move(*value);
        };
        for (const auto& member : theirs)
            add(member.key());
        for (const auto& member : mine)
            if (!theirs.contains(member.key()))
                add(member.key());
        return made;
    }

    /// None: these lists do not merge by item.
    std::optional<Value> mergedList(const Value* base, const Value* mine, const Value* theirs, const Schema* schema,
                                    const std::string& field)
    {
        const auto keys = listKeys(schema);
        if (!keys)
            return std::nullopt;
        const auto before = keyed(base, *keys, schema->items);
        const auto mines = keyed(mine, *keys, schema->items);
        const auto others = keyed(theirs, *keys, schema->items);
        if (!before || !mines || !others)
            return std::nullopt;
        const bool isMineSorted = commonOrder(*mines, *before) != commonOrder(*before, *mines);
        const bool areTheirsSorted = commonOrder(*others, *before) != commonOrder(*before, *others);
        if (isMineSorted && areTheirsSorted)
            return std::nullopt;
        Array made;
        for (const auto& key : isMineSorted ? joined(*mines, *others) : joined(*others, *mines))
            if (auto item = merged(before->find(key), mines->find(key), others->find(key), schema->items, field + key))
                made.push_back(std::move(*item));
        return Value(std::move(made));
    }

    std::span<const Decision> m_decisions;
};

/// The object with live's versions, and without managed fields: a write without them keeps what is stored.
Value atVersionOf(const Value& live, Value object)
{
    auto* found = api::find(object, {"metadata"});
    auto* metadata = found ? found->if_object() : nullptr;
    if (!metadata)
        return object;
    for (const auto* name : {"resourceVersion", "generation"}) {
        if (const auto* value = api::find(live, {"metadata", name}))
            (*metadata)[name] = *value;
        else
            metadata->stable_erase(name);
    }
    metadata->stable_erase("managedFields");
    return object;
}

} // namespace

Merge mergeOntoLive(const Value& base, const Value& mine, const Value& live, const Schema* schema,
                    std::span<const Decision> decisions)
{
    const auto before = atVersionOf(live, base);
    const auto wanted = atVersionOf(live, mine);
    const auto now = atVersionOf(live, live);
    Merger merger(decisions);
    Merge made;
    made.object = merger.merged(&before, &wanted, &now, schema, {}).value_or(Value(nullptr));
    made.conflicts = std::move(merger.conflicts);
    made.openCount = merger.openCount;
    return made;
}

} // namespace keelson::manifests
