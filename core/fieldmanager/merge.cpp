// SPDX-License-Identifier: Apache-2.0
#include "fieldmanager/merge.h"

#include "fieldmanager/list_items.h"

#include <algorithm>
#include <unordered_map>

namespace keelson::fieldmanager {
namespace {

using api::Array;
using api::Object;
using api::Schema;
using api::Value;

Value mergeValues(const Schema& schema, const Value* live, const Value& configuration);
void removeFrom(const Schema& schema, Value& value, const FieldSet& gone);

Value mergeObjects(const Schema& schema, const Value* live, const Value& configuration)
{
    Object merged = live && live->is_object() ? live->get_object() : Object{};
    if (!configuration.is_object())
        return merged;
    for (const auto& member : configuration.get_object()) {
        const std::string_view name(member.key());
        auto* const present = merged.if_contains(member.key());
        auto value = mergeValues(memberSchema(schema, name), present, member.value());
        merged.insert_or_assign(member.key(), std::move(value));
    }
    return merged;
}

/// Items of one side by element. An element that occurs twice has a null: such items are not merged with others.
class ItemIndex {
public:
    explicit ItemIndex(const std::vector<ListItem>& items)
    {
        for (const auto& item : items) {
            const auto [place, isNew] = m_items.emplace(item.element, item.value);
            if (!isNew)
                place->second = nullptr;
        }
    }
    bool contains(const std::string& element) const { return m_items.contains(element); }
    const Value* find(const std::string& element) const
    {
        const auto found = m_items.find(element);
        return found == m_items.end() ? nullptr : found->second;
    }

private:
    std::unordered_map<std::string, const Value*> m_items;
};

/// For each item of the configuration, the next one from there on that the live list has too; null after the last.
std::vector<const std::string*> nextShared(const std::vector<ListItem>& configured, const ItemIndex& live)
{
    std::vector<const std::string*> next(configured.size(), nullptr);
    const std::string* shared = nullptr;
    for (auto at = configured.size(); at-- > 0;) {
        if (live.contains(configured[at].element))
            shared = &configured[at].element;
        next[at] = shared;
    }
    return next;
}

Value mergeLists(const Schema& schema, const Value* live, const Value& configuration)
{
    const auto present = itemsOf(schema, live);
    const auto configured = itemsOf(schema, &configuration);
    const ItemIndex inLive(present);
    const ItemIndex inConfiguration(configured);
    const auto shared = nextShared(configured, inLive);
    Array merged;
    std::size_t at = 0;
    for (std::size_t i = 0; i < configured.size(); ++i) {
        const auto& wanted = configured[i];
        // Items of the live list alone come first, up to the item that both have and that is next. Others that both
        // have are passed over: they come where the configuration has them.
        for (; at < present.size() && (!shared[i] || present[at].element != *shared[i]); ++at) {
            if (!inConfiguration.contains(present[at].element))
                merged.push_back(*present[at].value);
        }
        merged.push_back(mergeValues(*schema.items, inLive.find(wanted.element), *wanted.value));
        if (at < present.size() && present[at].element == wanted.element)
            ++at;
    }
    for (; at < present.size(); ++at) {
        if (!inConfiguration.contains(present[at].element))
            merged.push_back(*present[at].value);
    }
    return merged;
}

Value mergeValues(const Schema& schema, const Value* live, const Value& configuration)
{
    const auto shape = shapeOf(schema, &configuration, live);
    if (shape == Shape::Leaf || (isBare(live) && isBare(&configuration)))
        return configuration;
    return shape == Shape::Object ? mergeObjects(schema, live, configuration) : mergeLists(schema, live, configuration);
}

void removeMembers(const Schema& schema, Value& value, const FieldSet& gone)
{
    auto& object = value.get_object();
    if (object.empty())
        return;
    for (const auto& child : gone.children()) {
        if (!child.element.starts_with("f:"))
            continue;
        const auto name = std::string_view(child.element).substr(2);
        const auto found = object.find(boost::json::string_view(name.data(), name.size()));
        if (found == object.end())
            continue;
        if (child.below.isMember())
            object.stable_erase(found);
        else
            removeFrom(memberSchema(schema, name), found->value(), child.below);
    }
    if (object.empty())
        value = nullptr;
}

void removeItems(const Schema& schema, Value& value, const FieldSet& gone)
{
    Array kept;
    const auto items = itemsOf(schema, &value);
    auto& array = value.get_array();
    for (std::size_t at = 0; at < items.size(); ++at) {
        const auto* const below = gone.find(items[at].element);
        if (below && below->isMember())
            continue;
        if (below)
            removeFrom(*schema.items, array[at], *below);
        kept.push_back(std::move(array[at]));
    }
    if (!items.empty() && kept.empty())
        value = nullptr;
    else
        array = std::move(kept);
}

void removeFrom(const Schema& schema, Value& value, const FieldSet& gone)
{
    const auto shape = shapeOf(schema, &value);
    if (shape == Shape::Object && value.is_object())
        removeMembers(schema, value, gone);
    else if (shape == Shape::List && value.is_array())
        removeItems(schema, value, gone);
}

} // namespace

Value merge(const Schema& schema, const Value& live, const Value& configuration)
{
    return mergeValues(schema, &live, configuration);
}

void removeFields(const Schema& schema, Value& document, const FieldSet& gone)
{
    removeFrom(schema, document, gone);
    if (document.is_null())
        document = Object{};
}

} // namespace keelson::fieldmanager
