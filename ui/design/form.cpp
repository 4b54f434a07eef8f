// SPDX-License-Identifier: GPL-3.0-or-later
#include "design/form.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace keelson::design {

namespace {

using api::Schema;
using api::SchemaType;
using document::operator/;
using document::Path;
using document::Step;

const api::Value* at(const api::Value& value, const Path& path)
{
    const auto* found = &value;
    for (const auto& step : path) {
        if (const auto* name = std::get_if<std::string>(&step)) {
            found = api::find(*found, {*name});
        } else {
            const auto index = std::get<std::size_t>(step);
            found = found->is_array() && index < found->get_array().size() ? &found->get_array()[index] : nullptr;
        }
        if (!found)
            return nullptr;
    }
    return found;
}

/// What servers write and people do not.
bool isServerOwned(const Path& path)
{
    constexpr std::array<std::string_view, 9> ofMetadata{"uid",
                                                         "resourceVersion",
                                                         "generation",
                                                         "creationTimestamp",
                                                         "deletionTimestamp",
                                                         "selfLink",
                                                         "managedFields",
                                                         "deletionGracePeriodSeconds",
                                                         "generateName"};
    const auto* last = std::get_if<std::string>(&path.back());
    if (path.size() == 1)
        return *last == "status" || *last == "apiVersion" || *last == "kind";
    return last && path.size() >= 2 && path[path.size() - 2] == Step(std::string("metadata")) &&
           std::ranges::find(ofMetadata, *last) != ofMetadata.end();
}

FormInput inputOf(const Schema* schema, const api::Value* value)
{
    if (!schema || schema->type == SchemaType::Any)
        return FormInput::Any;
    if (value && value->is_string() && value->get_string().find('\n') != std::string::npos)
        return FormInput::Lines;
    switch (schema->type) {
    case SchemaType::Object:
        return FormInput::Group;
    case SchemaType::Map:
        return FormInput::Map;
    case SchemaType::Array:
        return FormInput::List;
    case SchemaType::Integer:
    case SchemaType::Number:
        return FormInput::Number;
    case SchemaType::Boolean:
        return FormInput::Choice;
    default:
        return schema->enumeration.empty() ? FormInput::Text : FormInput::Choice;
    }
}

std::string countWords(std::size_t count)
{
    return count == 1 ? "1 item" : fmt::format("{} items", count);
}

std::string textOf(const api::Value& value, FormInput input)
{
    if (input == FormInput::List && value.is_array())
        return countWords(value.get_array().size());
    if (input == FormInput::Map && value.is_object())
        return countWords(value.get_object().size());
    if (input == FormInput::Group)
        return {};
    if (value.is_string())
        return std::string(value.get_string());
    return value.is_number() ? api::numberText(value) : api::writeJson(value);
}

FormRow made(const Path& path, const Schema* schema, const api::Value* value)
{
    FormRow row;
    row.path = path;
    row.schema = schema;
    row.input = inputOf(schema, value);
    row.isSet = value && !value->is_null();
    if (row.isSet)
        row.text = textOf(*value, row.input);
    if (schema) {
        const bool isMany = row.input == FormInput::List || row.input == FormInput::Map;
        row.hint = isMany ? std::string("none") : document::typeWords(*schema);
        row.help = schema->description;
        row.choices = schema->enumeration;
        if (schema->type == SchemaType::Boolean)
            row.choices = {"true", "false"};
    }
    return row;
}

FormRow ofField(const Path& path, const api::Field& field, const api::Value* value)
{
    auto row = made(path, field.schema, value);
    row.label = field.name;
    row.isRequired = field.required;
    if (!field.description.empty())
        row.help = field.description;
    if (field.defaultValue)
        row.hint = "default " + textOf(*field.defaultValue, FormInput::Text);
    return row;
}

/// Where a field stands in forms: ours say it, also for a cluster's kinds of the same name. 0: nowhere.
std::pair<std::string, int> formPlace(const api::Kind& kind, const Path& path, const api::Field& field)
{
    if (field.formOrder > 0)
        return {field.formGroup, field.formOrder};
    const auto* own = document::Kinds::builtIn(kind.groupVersion, kind.kind);
    const auto* known = own && own != &kind ? document::fieldAt(*own, path) : nullptr;
    return known ? std::pair(known->formGroup, known->formOrder) : std::pair(std::string(), 0);
}

std::vector<FormRow> fieldRows(const api::Kind& kind, const Schema& schema, const api::Value* holder, const Path& at,
                               FormLevel level)
{
    struct Placed {
        FormRow row;
        int group = 0; ///< In the order in which the schema names them first.
        int order = 0;
    };
    std::vector<Placed> placed;
    std::vector<std::string> groups;
    for (const auto& field : schema.fields) {
        const auto path = at / field.name;
        if (isServerOwned(path))
            continue;
        const auto* value = holder ? api::find(*holder, {field.name}) : nullptr;
        auto row = ofField(path, field, value);
        const auto [group, order] = formPlace(kind, path, field);
        if (level == FormLevel::Basic && !row.isSet && !row.isRequired && order == 0 && !at.empty())
            continue;
        auto known = std::ranges::find(groups, group);
        if (known == groups.end())
            known = groups.insert(groups.end(), group);
        placed.push_back({std::move(row), order == 0 ? 1000 : static_cast<int>(known - groups.begin()), order});
    }
    if (level == FormLevel::Basic)
        std::ranges::sort(placed, {},
                          [](const Placed& one) { return std::tuple(one.group, one.order, one.row.label); });
    std::vector<FormRow> rows;
    for (auto& one : placed)
        rows.push_back(std::move(one.row));
    // What the schema does not know stands in the text, and so here.
    if (holder && holder->is_object())
        for (const auto& member : holder->get_object()) {
            const auto path = at / std::string(member.key());
            if (schema.field(member.key()) || isServerOwned(path))
                continue;
            auto row = made(path, nullptr, &member.value());
            row.label = member.key();
            row.hint = "not known to the schema";
            rows.push_back(std::move(row));
        }
    return rows;
}

std::string itemLabel(const api::Value& item, std::size_t index)
{
    for (const auto* member : {"name", "key", "host", "path", "containerPort", "port"})
        if (const auto* value = api::find(item, {member}); value && (value->is_string() || value->is_number()))
            return fmt::format("{} · {}", index + 1, textOf(*value, FormInput::Text));
    return fmt::format("{}", index + 1);
}

Result<api::Value> readNumber(const Schema& schema, std::string_view text)
{
    if (schema.type == SchemaType::Integer || schema.type == SchemaType::IntOrString) {
        std::int64_t number = 0;
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (failure == std::errc() && end == text.data() + text.size())
            return api::Value(number);
        if (schema.type == SchemaType::IntOrString)
            return api::Value(text);
        return fail(Reason::Invalid, fmt::format("\"{}\" is no whole number", text));
    }
    double number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size())
        return fail(Reason::Invalid, fmt::format("\"{}\" is no number", text));
    return api::Value(number);
}

Result<Done> checkBounds(const Schema& schema, const api::Value& value)
{
    if (!value.is_int64())
        return Done{};
    const auto number = value.get_int64();
    if (schema.minimum && number < *schema.minimum)
        return fail(Reason::Invalid, fmt::format("it must be at least {}", *schema.minimum));
    if (schema.maximum && number > *schema.maximum)
        return fail(Reason::Invalid, fmt::format("it must be at most {}", *schema.maximum));
    return Done{};
}

Result<api::Value> readValue(const FormRow& row, std::string_view text)
{
    if (row.input == FormInput::Any)
        return api::parseYaml(text);
    if (row.schema->type == SchemaType::Boolean) {
        if (text != "true" && text != "false")
            return fail(Reason::Invalid, "it is either true or false");
        return api::Value(text == "true");
    }
    if (row.input == FormInput::Choice && std::ranges::find(row.choices, text) == row.choices.end())
        return fail(Reason::Invalid, fmt::format("\"{}\" is none of {}", text, fmt::join(row.choices, ", ")));
    if (row.input == FormInput::Number || row.schema->type == SchemaType::IntOrString) {
        TRY_ASSIGN(auto value, readNumber(*row.schema, text));
        TRY_OK(checkBounds(*row.schema, value));
        return value;
    }
    return api::Value(text);
}

} // namespace

std::vector<FormRow> formRows(const api::Kind& kind, const api::Value& object, const Path& path, FormLevel level)
{
    const auto* schema = document::schemaAt(kind, path);
    const auto* value = at(object, path);
    std::vector<FormRow> rows;
    if (!schema)
        return rows;
    if (schema->type == SchemaType::Object)
        return fieldRows(kind, *schema, value, path, level);
    if (schema->type == SchemaType::Array && value && value->is_array()) {
        for (std::size_t i = 0; i < value->get_array().size(); ++i) {
            const auto& item = value->get_array()[i];
            rows.push_back(made(path / i, schema->items, &item));
            rows.back().label = itemLabel(item, i);
            rows.back().isItem = true;
        }
    } else if (schema->type == SchemaType::Map && value && value->is_object()) {
        for (const auto& member : value->get_object()) {
            rows.push_back(made(path / std::string(member.key()), schema->items, &member.value()));
            rows.back().label = member.key();
            rows.back().isItem = true;
        }
    }
    return rows;
}

Result<document::Edit> formEdit(const FormRow& row, std::string_view text)
{
    if (row.hasRows() || row.input == FormInput::Lines)
        return fail(Reason::Invalid, "it is edited part by part, or in the text");
    const bool keepsEmpty = row.isItem && row.input == FormInput::Text;
    if (text.empty() && !keepsEmpty) {
        if (row.isRequired)
            return fail(Reason::Invalid, row.label + " is required");
        if (!row.isSet)
            return fail(Reason::NotFound, "nothing is set");
        return formRemove(row);
    }
    TRY_ASSIGN(auto value, readValue(row, text));
    return document::Edit(document::SetValue{row.path, std::move(value)});
}

Result<document::Edit> formAdd(const FormRow& row, const api::Value& object, std::string_view key)
{
    const auto* value = at(object, row.path);
    const auto filled = [](const Schema* schema) { return schema ? document::placeholder(*schema) : api::Value(""); };
    if (row.input == FormInput::Group)
        return document::Edit(document::SetValue{row.path, filled(row.schema)});
    if (row.input == FormInput::List) {
        const auto size = value && value->is_array() ? value->get_array().size() : 0;
        auto item = filled(row.schema->items);
        if (size == 0)
            return document::Edit(document::SetValue{row.path, api::Array{std::move(item)}});
        return document::Edit(document::SetValue{row.path / size, std::move(item)});
    }
    if (key.empty())
        return fail(Reason::Invalid, "a key is wanted");
    if (value && api::find(*value, {key}))
        return fail(Reason::AlreadyExists, fmt::format("{} has the key \"{}\" already", row.label, key));
    return document::Edit(document::SetValue{row.path / std::string(key), filled(row.schema->items)});
}

document::Edit formRemove(const FormRow& row)
{
    if (std::holds_alternative<std::size_t>(row.path.back()))
        return document::RemoveItem{row.path};
    return document::RemoveKey{row.path};
}

} // namespace keelson::design
