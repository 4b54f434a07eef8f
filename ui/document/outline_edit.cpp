// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/edit.h"

#include <algorithm>

namespace keelson::document {

namespace {

std::unexpected<Error> notThere(const Path& path)
{
    return fail(Reason::NotFound, "there is no " + pathText(path) + " in the document");
}

std::string_view view(const boost::json::string_view text)
{
    return {text.data(), text.size()};
}

api::Value* findIn(api::Value& root, const Path& path)
{
    auto* value = &root;
    for (const auto& step : path) {
        if (const auto* index = std::get_if<std::size_t>(&step)) {
            auto* array = value->if_array();
            if (!array || *index >= array->size())
                return nullptr;
            value = &(*array)[*index];
            continue;
        }
        auto* object = value->if_object();
        value = object ? object->if_contains(std::get<std::string>(step)) : nullptr;
        if (!value)
            return nullptr;
    }
    return value;
}

/// The object without some members put in at a place, since boost's objects only append.
void insertAt(api::Object& object, std::string_view key, api::Value value, std::size_t position)
{
    api::Object copy;
    std::size_t index = 0;
    for (auto& member : object) {
        if (index++ == position)
            copy.emplace(key, value);
        copy.emplace(member.key(), std::move(member.value()));
    }
    copy.emplace(key, std::move(value));
    object = std::move(copy);
}

struct Applier {
    api::Value& root;

    Result<Done> operator()(const SetValue& edit) const
    {
        auto* value = &root;
        for (const auto& step : edit.path) {
            if (const auto* index = std::get_if<std::size_t>(&step)) {
                if (value->is_null())
                    value->emplace_array();
                auto* array = value->if_array();
                if (!array || *index > array->size())
                    return notThere(edit.path);
                if (*index == array->size())
                    array->push_back(nullptr);
                value = &(*array)[*index];
                continue;
            }
            if (value->is_null())
                value->emplace_object();
            auto* object = value->if_object();
            if (!object)
                return fail(Reason::Invalid, pathText(edit.path) + " leads through a value that is no map");
            value = &(*object)[std::get<std::string>(step)];
        }
        *value = edit.value;
        return Done{};
    }

    Result<Done> operator()(const InsertKey& edit) const
    {
        auto* map = findIn(root, edit.map);
        if (!map)
            return (*this)(SetValue{edit.map / edit.key, edit.value});
        if (map->is_null())
            map->emplace_object();
        auto* object = map->if_object();
        if (!object)
            return fail(Reason::Invalid, pathText(edit.map) + " is no map");
        if (object->contains(edit.key))
            return fail(Reason::AlreadyExists, pathText(edit.map / edit.key) + " exists already");
        insertAt(*object, edit.key, edit.value, edit.position.value_or(object->size()));
        return Done{};
    }

    Result<Done> operator()(const RemoveKey& edit) const
    {
        auto [object, key] = memberOf(edit.path);
        if (!object)
            return notThere(edit.path);
        object->stable_erase(key);
        return Done{};
    }

    Result<Done> operator()(const RenameKey& edit) const
    {
        auto [object, key] = memberOf(edit.path);
        if (!object)
            return notThere(edit.path);
        if (key == edit.key)
            return Done{};
        if (object->contains(edit.key))
            return fail(Reason::AlreadyExists, edit.key + " exists already beside " + key);
        api::Object copy;
        for (auto& member : *object)
            copy.emplace(view(member.key()) == key ? std::string_view(edit.key) : view(member.key()),
                         std::move(member.value()));
        *object = std::move(copy);
        return Done{};
    }

    Result<Done> operator()(const InsertItem& edit) const
    {
        auto* list = findIn(root, edit.list);
        if (!list)
            return edit.index == 0 ? (*this)(SetValue{edit.list, api::Array{edit.value}}) : notThere(edit.list);
        if (list->is_null())
            list->emplace_array();
        auto* array = list->if_array();
        if (!array || edit.index > array->size())
            return fail(Reason::Invalid, pathText(edit.list / edit.index) + " is no place in a list");
        array->insert(array->begin() + static_cast<std::ptrdiff_t>(edit.index), edit.value);
        return Done{};
    }

    Result<Done> operator()(const RemoveItem& edit) const
    {
        if (edit.path.empty() || !std::holds_alternative<std::size_t>(edit.path.back()))
            return notThere(edit.path);
        auto* list = findIn(root, {edit.path.begin(), edit.path.end() - 1});
        auto* array = list ? list->if_array() : nullptr;
        const auto index = std::get<std::size_t>(edit.path.back());
        if (!array || index >= array->size())
            return notThere(edit.path);
        array->erase(array->begin() + static_cast<std::ptrdiff_t>(index));
        return Done{};
    }

    Result<Done> operator()(const MoveItem& edit) const
    {
        auto* list = findIn(root, edit.list);
        auto* array = list ? list->if_array() : nullptr;
        if (!array || edit.from >= array->size() || edit.to >= array->size())
            return notThere(edit.list / std::max(edit.from, edit.to));
        api::Value item = (*array)[edit.from];
        array->erase(array->begin() + static_cast<std::ptrdiff_t>(edit.from));
        array->insert(array->begin() + static_cast<std::ptrdiff_t>(edit.to), std::move(item));
        return Done{};
    }

    std::pair<api::Object*, std::string> memberOf(const Path& path) const
    {
        if (path.empty() || !std::holds_alternative<std::string>(path.back()))
            return {};
        auto* map = findIn(root, {path.begin(), path.end() - 1});
        auto* object = map ? map->if_object() : nullptr;
        const auto& key = std::get<std::string>(path.back());
        return object && object->contains(key) ? std::pair{object, key} : std::pair<api::Object*, std::string>{};
    }
};

void addDifference(std::vector<Edit>& edits, const Path& path, const api::Value& before, const api::Value& after);

void addMapDifference(std::vector<Edit>& edits, const Path& path, const api::Object& before, const api::Object& after)
{
    for (const auto& member : before)
        if (!after.contains(member.key()))
            edits.emplace_back(RemoveKey{path / std::string(view(member.key()))});
    std::size_t kept = 0;
    for (const auto& member : after) {
        const std::string key(view(member.key()));
        if (const auto* old = before.if_contains(key)) {
            addDifference(edits, path / key, *old, member.value());
            ++kept;
        } else {
            edits.emplace_back(InsertKey{path, key, member.value()});
        }
    }
    if (kept == 0 && !before.empty()) // nothing in common: one replacement reads better than a row of small ones
        edits = {SetValue{path, after}};
}

void addListDifference(std::vector<Edit>& edits, const Path& path, const api::Array& before, const api::Array& after)
{
    std::size_t head = 0;
    while (head < before.size() && head < after.size() && before[head] == after[head])
        ++head;
    std::size_t tail = 0;
    while (tail + head < before.size() && tail + head < after.size() &&
           before[before.size() - 1 - tail] == after[after.size() - 1 - tail])
        ++tail;
    const auto common = std::min(before.size(), after.size()) - head - tail;
    for (std::size_t i = head; i < head + common; ++i)
        addDifference(edits, path / i, before[i], after[i]);
    for (auto i = before.size() - tail; i > after.size() - tail && i > head + common; --i)
        edits.emplace_back(RemoveItem{path / (i - 1)});
    for (auto i = head + common; i + tail < after.size(); ++i)
        edits.emplace_back(InsertItem{path, i, after[i]});
}

void addDifference(std::vector<Edit>& edits, const Path& path, const api::Value& before, const api::Value& after)
{
    if (before == after)
        return;
    std::vector<Edit> inner;
    const auto isFilled = [](const api::Value& value) {
        return (value.is_object() && !value.get_object().empty()) || (value.is_array() && !value.get_array().empty());
    };
    const bool isAlias = before.is_object() && before.get_object().size() == 1 && before.get_object().contains("*");
    if (!isFilled(before) || !isFilled(after) || isAlias || before.is_object() != after.is_object())
        inner = {SetValue{path, after}};
    else if (before.is_object())
        addMapDifference(inner, path, before.get_object(), after.get_object());
    else
        addListDifference(inner, path, before.get_array(), after.get_array());
    edits.insert(edits.end(), inner.begin(), inner.end());
}

} // namespace

Result<api::Value> applied(api::Value outline, const Edit& edit)
{
    TRY_OK(std::visit(Applier{outline}, edit));
    return outline;
}

std::vector<Edit> difference(const Path& path, const api::Value& before, const api::Value& after)
{
    std::vector<Edit> edits;
    addDifference(edits, path, before, after);
    return edits;
}

} // namespace keelson::document
