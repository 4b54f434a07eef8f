// SPDX-License-Identifier: Apache-2.0
#include "cel/value.h"

#include "api/base64.h"
#include "api/duration.h"
#include "api/object_members.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace keelson::cel {
namespace {

/// A text of a document, by its type.
Value textValue(std::string_view text, const Type& type)
{
    if (type.form == Type::Form::Bytes)
        if (auto bytes = api::decodeBase64(text))
            return Bytes{*std::move(bytes)};
    if (type.form == Type::Form::Timestamp)
        if (const auto time = parseTime(text))
            return *time;
    if (type.form == Type::Form::Duration)
        if (const auto duration = api::parseDuration(text))
            return *duration;
    return std::string(text);
}

/// The member of an object under its name in expressions.
const api::Value* memberOf(const api::Object& object, const Type& type, std::string_view name)
{
    const auto known = type.names.find(name);
    return object.if_contains(known == type.names.end() ? name : std::string_view(known->second));
}

const Type& memberType(const Type& type, std::string_view name)
{
    const auto member = type.members.find(name);
    if (member != type.members.end())
        return *member->second;
    return type.items ? *type.items : dynType();
}

bool equalLists(const Value& left, const Value& right)
{
    if (left.size() != right.size())
        return false;
    for (std::int64_t index = 0; index < left.size(); ++index)
        if (!(left.item(index) == right.item(index)))
            return false;
    return true;
}

bool equalMaps(const Value& left, const Value& right)
{
    if (left.size() != right.size())
        return false;
    return std::ranges::all_of(left.keys(), [&](const Value& key) {
        const auto mine = left.find(key);
        const auto other = right.find(key);
        return mine && other && *mine == *other;
    });
}

int sign(auto difference)
{
    return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}

} // namespace

const Type& dynType()
{
    static const Type type;
    return type;
}

Value Value::of(const api::Value& json, const Type& type)
{
    switch (json.kind()) {
    case boost::json::kind::null:
        return Null{};
    case boost::json::kind::bool_:
        return json.get_bool();
    case boost::json::kind::string:
        return textValue(api::view(json.get_string()), type);
    case boost::json::kind::array:
    case boost::json::kind::object:
        return Json{&json, &type};
    case boost::json::kind::double_:
        if (type.form == Type::Form::Int)
            return static_cast<std::int64_t>(json.get_double());
        return json.get_double();
    default:
        if (type.form == Type::Form::Double)
            return json.to_number<double>();
        return json.to_number<std::int64_t>();
    }
}

bool Value::isList() const
{
    const auto* json = as<Json>();
    return as<ListPtr>() || (json && json->value->is_array());
}

bool Value::isMap() const
{
    const auto* json = as<Json>();
    return as<MapPtr>() || (json && json->value->is_object());
}

bool Value::isNumber() const
{
    return as<std::int64_t>() || as<std::uint64_t>() || as<double>();
}

double Value::number() const
{
    if (const auto* whole = as<std::int64_t>())
        return static_cast<double>(*whole);
    if (const auto* whole = as<std::uint64_t>())
        return static_cast<double>(*whole);
    const auto* fraction = as<double>();
    return fraction ? *fraction : 0;
}

std::int64_t Value::size() const
{
    const auto length = [](const auto& container) { return static_cast<std::int64_t>(container.size()); };
    if (const auto* json = as<Json>())
        return json->value->is_array() ? length(json->value->get_array()) : length(json->value->get_object());
    if (const auto* list = as<ListPtr>())
        return length(**list);
    if (const auto* map = as<MapPtr>())
        return length(**map);
    if (const auto* text = as<std::string>())
        return std::ranges::count_if(*text,
                                     [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; });
    const auto* bytes = as<Bytes>();
    return bytes ? length(bytes->bytes) : -1;
}

Value Value::item(std::int64_t index) const
{
    const auto at = static_cast<std::size_t>(index);
    if (const auto* list = as<ListPtr>())
        return (**list)[at];
    const auto& json = *as<Json>();
    return of(json.value->get_array()[at], json.type->items ? *json.type->items : dynType());
}

std::vector<Value> Value::keys() const
{
    std::vector<Value> keys;
    if (const auto* map = as<MapPtr>()) {
        for (const auto& [key, value] : **map)
            keys.push_back(key);
        return keys;
    }
    for (const auto& member : as<Json>()->value->get_object())
        keys.emplace_back(std::string(member.key()));
    return keys;
}

std::unique_ptr<Value> Value::find(const Value& key) const
{
    if (const auto* map = as<MapPtr>()) {
        const auto found = std::ranges::find_if(**map, [&](const auto& entry) { return entry.first == key; });
        return found == (*map)->end() ? nullptr : std::make_unique<Value>(found->second);
    }
    const auto* name = key.as<std::string>();
    const auto* json = as<Json>();
    const auto* member = name && json ? memberOf(json->value->get_object(), *json->type, *name) : nullptr;
    return member ? std::make_unique<Value>(of(*member, memberType(*json->type, *name))) : nullptr;
}

std::string_view Value::typeName() const
{
    if (isList())
        return "list";
    if (isMap())
        return "map";
    if (const auto* opaque = as<OpaquePtr>())
        return (*opaque)->typeName();
    constexpr std::array<std::string_view, std::variant_size_v<Data> - 1> names{"null_type",
                                                                                "bool",
                                                                                "int",
                                                                                "uint",
                                                                                "double",
                                                                                "string",
                                                                                "bytes",
                                                                                "map",
                                                                                "list",
                                                                                "map",
                                                                                "google.protobuf.Duration",
                                                                                "google.protobuf.Timestamp",
                                                                                "optional_type",
                                                                                "type",
                                                                                "kubernetes.Quantity"};
    return names.at(m_data.index());
}

bool Value::operator==(const Value& other) const
{
    if (isList() && other.isList())
        return equalLists(*this, other);
    if (isMap() && other.isMap())
        return equalMaps(*this, other);
    if (const auto* left = as<Optional>()) {
        const auto* right = other.as<Optional>();
        return right && (left->value ? right->value && *left->value == *right->value : !right->value);
    }
    if (const auto* left = as<OpaquePtr>()) {
        const auto* right = other.as<OpaquePtr>();
        return right && (*left)->equals(**right);
    }
    if (const auto order = compare(*this, other))
        return *order == 0;
    if (as<Null>() || as<TypeName>())
        return (as<Null>() && other.as<Null>()) ||
               (as<TypeName>() && other.as<TypeName>() && *as<TypeName>() == *other.as<TypeName>());
    return false;
}

std::optional<int> compare(const Value& left, const Value& right)
{
    if (left.isNumber() && right.isNumber()) {
        const auto* a = left.as<std::int64_t>();
        const auto* b = right.as<std::int64_t>();
        if (a && b)
            return *a < *b ? -1 : *a > *b ? 1 : 0;
        if (std::isnan(left.number()) || std::isnan(right.number()))
            return std::nullopt;
        return sign(left.number() - right.number());
    }
    const auto same = [&]<typename T>(const T*) -> std::optional<int> {
        const auto* a = left.as<T>();
        const auto* b = right.as<T>();
        if (!a || !b)
            return std::nullopt;
        return *a < *b ? -1 : *b < *a ? 1 : 0;
    };
    if (const auto order = same(static_cast<std::string*>(nullptr)))
        return order;
    if (const auto order = same(static_cast<bool*>(nullptr)))
        return order;
    if (const auto order = same(static_cast<WallTime*>(nullptr)))
        return order;
    if (const auto order = same(static_cast<keelson::Duration*>(nullptr)))
        return order;
    if (const auto order = same(static_cast<api::Quantity*>(nullptr)))
        return order;
    const auto* a = left.as<Bytes>();
    const auto* b = right.as<Bytes>();
    return a && b ? std::optional(sign(a->bytes.compare(b->bytes))) : std::nullopt;
}

std::optional<std::string> textOf(const Value& value)
{
    if (const auto* text = value.as<std::string>())
        return *text;
    if (const auto* flag = value.as<bool>())
        return *flag ? "true" : "false";
    if (const auto* whole = value.as<std::int64_t>())
        return fmt::to_string(*whole);
    if (const auto* whole = value.as<std::uint64_t>())
        return fmt::to_string(*whole);
    if (const auto* fraction = value.as<double>())
        return fmt::format("{}", *fraction);
    if (const auto* bytes = value.as<Bytes>())
        return bytes->bytes;
    if (const auto* time = value.as<WallTime>())
        return formatTime(*time);
    if (const auto* quantity = value.as<api::Quantity>())
        return quantity->text();
    if (const auto* opaque = value.as<OpaquePtr>())
        return (*opaque)->text();
    if (const auto* duration = value.as<keelson::Duration>())
        return fmt::format("{}s", std::chrono::duration<double>(*duration).count());
    return std::nullopt;
}

std::vector<std::string_view> charactersOf(std::string_view text)
{
    std::vector<std::string_view> characters;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at + 1;
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
            ++end;
        characters.push_back(text.substr(at, end - at));
        at = end;
    }
    return characters;
}

} // namespace keelson::cel
