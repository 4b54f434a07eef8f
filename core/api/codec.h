// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/boxed.h"
#include "api/int_or_string.h"
#include "api/quantity.h"
#include "api/value.h"
#include "base/clock.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// How the typed structs that `schemac` generates are read from documents and written to them: by tables of members, so
/// that a struct costs data and no code. What struct users call is at the end: `toJson` and `fromJson`.
namespace keelson::api {
namespace codec {

struct Type;

/// A member of a struct.
struct Member {
    std::string_view name; ///< In JSON.
    std::size_t offset;
    const Type* type;
    bool always; ///< Written even when empty.
};

/// What is known of a type: functions over its address, and what they need.
struct Type {
    Value (*write)(const Type&, const void*);
    Result<Done> (*read)(const Type&, const Value&, void*);
    bool (*isEmpty)(const Type&, const void*);
    std::span<const Member> members = {};       ///< Struct: in the order in which they are written.
    std::span<const std::uint16_t> byName = {}; ///< Struct: the members' indexes in name order.
    const Type* item = nullptr;                 ///< List, map, optional.
    std::size_t (*size)(const void*) = nullptr; ///< List; optional: 0 or 1.
    const void* (*at)(const void*, std::size_t) = nullptr;
    void* (*grow)(void*) = nullptr; ///< Adds an item (optional: emplaces) and gives its address.
    void (*clear)(void*) = nullptr;
    void* (*insert)(void*, std::string_view) = nullptr; ///< Map.
    void (*each)(const void*, void* context,
                 void (*visit)(void* context, const std::string& key, const void* item)) = nullptr;
};

Value writeStruct(const Type& type, const void* from);
Result<Done> readStruct(const Type& type, const Value& value, void* to);
bool isStructEmpty(const Type& type, const void* from);
Value writeList(const Type& type, const void* from);
Result<Done> readList(const Type& type, const Value& value, void* to);
bool isListEmpty(const Type& type, const void* from);
Value writeMap(const Type& type, const void* from);
Result<Done> readMap(const Type& type, const Value& value, void* to);
Value writeOptional(const Type& type, const void* from);
Result<Done> readOptional(const Type& type, const Value& value, void* to);

constexpr Type structType(std::span<const Member> members, std::span<const std::uint16_t> byName)
{
    return {.write = writeStruct, .read = readStruct, .isEmpty = isStructEmpty, .members = members, .byName = byName};
}

// Tags for types that several forms in JSON share in C++, or that are written in a word.
struct Text {
    using Native = std::string;
};
struct Bytes {
    using Native = std::string;
};
struct Flag {
    using Native = bool;
};
struct Int32 {
    using Native = std::int32_t;
};
struct Int64 {
    using Native = std::int64_t;
};
struct Real {
    using Native = double;
};
struct Time {
    using Native = std::optional<WallTime>;
};
struct MicroTime {
    using Native = std::optional<WallTime>;
};
struct Span {
    using Native = Duration;
};
struct Any {
    using Native = Value;
};
struct Number {
    using Native = IntOrString;
};
struct Amount {
    using Native = Quantity;
};
template <typename Struct>
struct Of {
    using Native = Struct;
};
template <typename Tag>
struct ListOf {
    using Native = std::vector<typename Tag::Native>;
};
template <typename Tag>
struct MapOf {
    using Native = std::map<std::string, typename Tag::Native, std::less<>>;
};
template <typename Tag>
struct OptionalOf {
    using Native = std::optional<typename Tag::Native>;
};

template <typename Tag>
struct BoxedOf {
    using Native = Boxed<typename Tag::Native>;
};

/// The table of a tag; of structs in the generated sources.
template <typename Tag>
struct TypeOf;

template <>
struct TypeOf<Text> {
    static const Type value;
};
template <>
struct TypeOf<Bytes> {
    static const Type value;
};
template <>
struct TypeOf<Flag> {
    static const Type value;
};
template <>
struct TypeOf<Int32> {
    static const Type value;
};
template <>
struct TypeOf<Int64> {
    static const Type value;
};
template <>
struct TypeOf<Real> {
    static const Type value;
};
template <>
struct TypeOf<Time> {
    static const Type value;
};
template <>
struct TypeOf<MicroTime> {
    static const Type value;
};
template <>
struct TypeOf<Span> {
    static const Type value;
};
template <>
struct TypeOf<Any> {
    static const Type value;
};
template <>
struct TypeOf<Number> {
    static const Type value;
};
template <>
struct TypeOf<Amount> {
    static const Type value;
};

template <typename Tag>
struct TypeOf<ListOf<Tag>> {
    using Native = typename ListOf<Tag>::Native;
    static constexpr Type value{
        .write = writeList,
        .read = readList,
        .isEmpty = isListEmpty,
        .item = &TypeOf<Tag>::value,
        .size = [](const void* from) { return static_cast<const Native*>(from)->size(); },
        .at = [](const void* from, std::size_t at) -> const void* { return &(*static_cast<const Native*>(from))[at]; },
        .grow = [](void* to) -> void* { return &static_cast<Native*>(to)->emplace_back(); },
        .clear = [](void* to) { static_cast<Native*>(to)->clear(); }};
};

/// What OptionalOf and BoxedOf share: a part that is there or not.
template <typename Tag, typename NativeForm>
struct TypeOfAbsent {
    using Native = NativeForm;
    static constexpr Type value{
        .write = writeOptional,
        .read = readOptional,
        .isEmpty = isListEmpty,
        .item = &TypeOf<Tag>::value,
        .size = [](const void* from) -> std::size_t { return static_cast<const Native*>(from)->has_value() ? 1 : 0; },
        .at = [](const void* from, std::size_t) -> const void* { return &**static_cast<const Native*>(from); },
        .grow = [](void* to) -> void* { return &static_cast<Native*>(to)->emplace(); },
        .clear = [](void* to) { static_cast<Native*>(to)->reset(); }};
};
template <typename Tag>
struct TypeOf<OptionalOf<Tag>> : TypeOfAbsent<Tag, typename OptionalOf<Tag>::Native> {};
template <typename Tag>
struct TypeOf<BoxedOf<Tag>> : TypeOfAbsent<Tag, typename BoxedOf<Tag>::Native> {};

template <typename Tag>
struct TypeOf<MapOf<Tag>> {
    using Native = typename MapOf<Tag>::Native;
    static constexpr Type value{
        .write = writeMap,
        .read = readMap,
        .isEmpty = isListEmpty,
        .item = &TypeOf<Tag>::value,
        .size = [](const void* from) { return static_cast<const Native*>(from)->size(); },
        .clear = [](void* to) { static_cast<Native*>(to)->clear(); },
        .insert = [](void* to, std::string_view key) -> void* {
            return &(*static_cast<Native*>(to))[std::string(key)];
        },
        .each =
            [](const void* from, void* context, void (*visit)(void*, const std::string&, const void*)) {
                for (const auto& [key, item] : *static_cast<const Native*>(from))
                    visit(context, key, &item);
            }};
};

Value withEnvelope(std::string_view group, std::string_view version, std::string_view kind, Value value);

} // namespace codec

/// The document of a generated struct; with apiVersion and kind when it is a kind. Empty members are left out.
template <typename T>
Value toJson(const T& object)
{
    const auto& type = codec::TypeOf<codec::Of<T>>::value;
    if constexpr (requires { T::kindName; })
        return codec::withEnvelope(T::group, T::version, T::kindName, type.write(type, &object));
    else
        return type.write(type, &object);
}

/// The struct of a document. Members that the struct does not know are passed over, nulls are absent. `BadRequest`
/// names the member that does not fit: "spec.replicas: an integer is wanted, not a string".
template <typename T>
Result<T> fromJson(const Value& value)
{
    T object;
    const auto& type = codec::TypeOf<codec::Of<T>>::value;
    TRY_OK(type.read(type, value, &object));
    return object;
}

} // namespace keelson::api
