// SPDX-License-Identifier: Apache-2.0
#include "api/codec.h"

#include "api/base64.h"
#include "api/duration.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace keelson::api::codec {
namespace {

std::string_view view(const boost::json::string& text)
{
    return {text.data(), text.size()};
}

std::string_view kindName(const Value& value)
{
    switch (value.kind()) {
    case boost::json::kind::null:
        return "null";
    case boost::json::kind::bool_:
        return "a boolean";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_:
        return "a number";
    case boost::json::kind::string:
        return "a string";
    case boost::json::kind::array:
        return "an array";
    case boost::json::kind::object:
        return "an object";
    }
    return "a value";
}

std::unexpected<Error> unfit(std::string_view wanted, const Value& value)
{
    return fail(Reason::BadRequest, fmt::format("{} is wanted, not {}", wanted, kindName(value)));
}

/// The error of a part, told from its whole: "spec" and "replicas: ..." are "spec.replicas: ...".
std::unexpected<Error> within(std::string_view name, Error error)
{
    const bool atStart = error.message.find(": ") == std::string::npos;
    const bool index = error.message.starts_with('[');
    error.message = fmt::format("{}{}{}", name, atStart ? ": " : index ? "" : ".", error.message);
    return std::unexpected(std::move(error));
}

template <typename T>
const T& as(const void* from)
{
    return *static_cast<const T*>(from);
}

Result<std::int64_t> readInteger(const Value& value, std::int64_t min, std::int64_t max)
{
    std::int64_t number = 0;
    if (const auto* integer = value.if_int64())
        number = *integer;
    else if (const auto* real = value.if_double();
             real && *real == static_cast<double>(static_cast<std::int64_t>(*real)))
        number = static_cast<std::int64_t>(*real);
    else
        return unfit("an integer", value);
    if (number < min || number > max)
        return fail(Reason::BadRequest, fmt::format("{} is out of range", number));
    return number;
}

template <typename Integer>
Result<Done> readIntegerInto(const Type&, const Value& value, void* to)
{
    using Limits = std::numeric_limits<Integer>;
    TRY_ASSIGN(const auto number, readInteger(value, Limits::min(), Limits::max()));
    *static_cast<Integer*>(to) = static_cast<Integer>(number);
    return Done{};
}

template <typename T>
bool isZero(const Type&, const void* from)
{
    return as<T>(from) == T{};
}

Result<Done> readTime(const Type&, const Value& value, void* to)
{
    const auto* text = value.if_string();
    if (!text)
        return unfit("a time", value);
    auto time = parseTime(view(*text));
    if (!time)
        return fail(Reason::BadRequest, time.error().message);
    *static_cast<std::optional<WallTime>*>(to) = *time;
    return Done{};
}

Result<Done> readQuantity(const Type&, const Value& value, void* to)
{
    if (!value.is_string() && !value.is_number())
        return unfit("a quantity", value);
    auto quantity = Quantity::parse(value.is_string() ? std::string(view(value.get_string())) : numberText(value));
    if (!quantity)
        return fail(Reason::BadRequest, quantity.error().message);
    *static_cast<Quantity*>(to) = *quantity;
    return Done{};
}

Result<Done> readIntOrString(const Type&, const Value& value, void* to)
{
    if (const auto* text = value.if_string()) {
        *static_cast<IntOrString*>(to) = IntOrString::of(std::string(view(*text)));
        return Done{};
    }
    using Limits = std::numeric_limits<std::int32_t>;
    TRY_ASSIGN(const auto number, readInteger(value, Limits::min(), Limits::max()));
    *static_cast<IntOrString*>(to) = IntOrString::of(static_cast<std::int32_t>(number));
    return Done{};
}

Result<Done> readBytes(const Type&, const Value& value, void* to)
{
    const auto* text = value.if_string();
    auto bytes = text ? decodeBase64(view(*text)) : std::nullopt;
    if (!bytes)
        return unfit("base64", value);
    *static_cast<std::string*>(to) = *std::move(bytes);
    return Done{};
}

} // namespace

constinit const Type TypeOf<Text>::value{
    .write = [](const Type&, const void* from) -> Value { return Value(as<std::string>(from)); },
    .read = [](const Type&, const Value& value, void* to) -> Result<Done> {
        const auto* text = value.if_string();
        if (!text)
            return unfit("a string", value);
        static_cast<std::string*>(to)->assign(text->data(), text->size());
        return Done{};
    },
    .isEmpty = [](const Type&, const void* from) { return as<std::string>(from).empty(); }};

constinit const Type TypeOf<Bytes>::value{
    .write = [](const Type&, const void* from) -> Value { return Value(encodeBase64(as<std::string>(from))); },
    .read = readBytes,
    .isEmpty = [](const Type&, const void* from) { return as<std::string>(from).empty(); }};

constinit const Type TypeOf<Flag>::value{.write = [](const Type&, const void* from) -> Value { return as<bool>(from); },
                                         .read = [](const Type&, const Value& value, void* to) -> Result<Done> {
                                             if (!value.is_bool())
                                                 return unfit("a boolean", value);
                                             *static_cast<bool*>(to) = value.get_bool();
                                             return Done{};
                                         },
                                         .isEmpty = isZero<bool>};

constinit const Type TypeOf<Int32>::value{
    .write = [](const Type&, const void* from) -> Value { return as<std::int32_t>(from); },
    .read = readIntegerInto<std::int32_t>,
    .isEmpty = isZero<std::int32_t>};

constinit const Type TypeOf<Int64>::value{
    .write = [](const Type&, const void* from) -> Value { return as<std::int64_t>(from); },
    .read = readIntegerInto<std::int64_t>,
    .isEmpty = isZero<std::int64_t>};

constinit const Type TypeOf<Real>::value{
    .write = [](const Type&, const void* from) -> Value { return as<double>(from); },
    .read = [](const Type&, const Value& value, void* to) -> Result<Done> {
        if (!value.is_number())
            return unfit("a number", value);
        *static_cast<double*>(to) = value.to_number<double>();
        return Done{};
    },
    .isEmpty = isZero<double>};

constinit const Type TypeOf<Time>::value{.write = [](const Type&, const void* from) -> Value {
                                             const auto& time = as<std::optional<WallTime>>(from);
                                             return time ? Value(formatTime(*time)) : Value();
                                         },
                                         .read = readTime,
                                         .isEmpty = isZero<std::optional<WallTime>>};

constinit const Type TypeOf<MicroTime>::value{.write = [](const Type&, const void* from) -> Value {
                                                  const auto& time = as<std::optional<WallTime>>(from);
                                                  return time ? Value(formatMicroTime(*time)) : Value();
                                              },
                                              .read = readTime,
                                              .isEmpty = isZero<std::optional<WallTime>>};

constinit const Type TypeOf<Span>::value{
    .write = [](const Type&, const void* from) -> Value { return Value(formatDuration(as<Duration>(from))); },
    .read = [](const Type&, const Value& value, void* to) -> Result<Done> {
        const auto* text = value.if_string();
        if (!text)
            return unfit("a duration", value);
        TRY_ASSIGN(*static_cast<Duration*>(to), parseDuration(view(*text)));
        return Done{};
    },
    .isEmpty = isZero<Duration>};

constinit const Type TypeOf<Any>::value{
    .write = [](const Type&, const void* from) -> Value { return as<Value>(from); },
    .read = [](const Type&, const Value& value, void* to) -> Result<Done> {
        *static_cast<Value*>(to) = value;
        return Done{};
    },
    .isEmpty = [](const Type&, const void* from) { return as<Value>(from).is_null(); }};

constinit const Type TypeOf<Number>::value{.write = [](const Type&, const void* from) -> Value {
                                               const auto& either = as<IntOrString>(from);
                                               return either.isString ? Value(either.text) : Value(either.number);
                                           },
                                           .read = readIntOrString,
                                           .isEmpty = isZero<IntOrString>};

constinit const Type TypeOf<Amount>::value{
    .write = [](const Type&, const void* from) -> Value { return Value(as<Quantity>(from).text()); },
    .read = readQuantity,
    .isEmpty = [](const Type&, const void* from) { return as<Quantity>(from).isZero(); }};

Value writeStruct(const Type& type, const void* from)
{
    Object object;
    for (const auto& member : type.members) {
        const auto* at = static_cast<const std::byte*>(from) + member.offset;
        if (!member.always && member.type->isEmpty(*member.type, at))
            continue;
        auto value = member.type->write(*member.type, at);
        if (!value.is_null())
            object.emplace(member.name, std::move(value));
    }
    return object;
}

Result<Done> readStruct(const Type& type, const Value& value, void* to)
{
    const auto* object = value.if_object();
    if (!object)
        return unfit("an object", value);
    for (const auto& entry : *object) {
        if (entry.value().is_null())
            continue;
        const auto name = std::string_view(entry.key());
        const auto found = std::ranges::lower_bound(type.byName, name, {},
                                                    [&](std::uint16_t index) { return type.members[index].name; });
        if (found == type.byName.end() || type.members[*found].name != name)
            continue;
        const auto& member = type.members[*found];
        if (auto read = member.type->read(*member.type, entry.value(), static_cast<std::byte*>(to) + member.offset);
            !read)
            return within(name, std::move(read).error());
    }
    return Done{};
}

bool isStructEmpty(const Type& type, const void* from)
{
    return std::ranges::all_of(type.members, [&](const Member& member) {
        return !member.always &&
               member.type->isEmpty(*member.type, static_cast<const std::byte*>(from) + member.offset);
    });
}

Value writeList(const Type& type, const void* from)
{
    Array array;
    const auto size = type.size(from);
    array.reserve(size);
    for (std::size_t at = 0; at < size; ++at)
        array.push_back(type.item->write(*type.item, type.at(from, at)));
    return array;
}

Result<Done> readList(const Type& type, const Value& value, void* to)
{
    const auto* array = value.if_array();
    if (!array)
        return unfit("an array", value);
    type.clear(to);
    for (std::size_t at = 0; at < array->size(); ++at) {
        auto* item = type.grow(to);
        if ((*array)[at].is_null())
            continue;
        if (auto read = type.item->read(*type.item, (*array)[at], item); !read)
            return within(fmt::format("[{}]", at), std::move(read).error());
    }
    return Done{};
}

bool isListEmpty(const Type& type, const void* from)
{
    return type.size(from) == 0;
}

Value writeMap(const Type& type, const void* from)
{
    struct Context {
        const Type& item;
        Object object;
    } context{*type.item, {}};
    type.each(from, &context, [](void* opaque, const std::string& key, const void* item) {
        auto& to = *static_cast<Context*>(opaque);
        to.object.emplace(key, to.item.write(to.item, item));
    });
    return std::move(context.object);
}

Result<Done> readMap(const Type& type, const Value& value, void* to)
{
    const auto* object = value.if_object();
    if (!object)
        return unfit("an object", value);
    type.clear(to);
    for (const auto& entry : *object) {
        auto* item = type.insert(to, entry.key());
        if (entry.value().is_null())
            continue;
        if (auto read = type.item->read(*type.item, entry.value(), item); !read)
            return within(entry.key(), std::move(read).error());
    }
    return Done{};
}

Value writeOptional(const Type& type, const void* from)
{
    return type.size(from) == 0 ? Value() : type.item->write(*type.item, type.at(from, 0));
}

Result<Done> readOptional(const Type& type, const Value& value, void* to)
{
    type.clear(to);
    return value.is_null() ? Result<Done>{} : type.item->read(*type.item, value, type.grow(to));
}

Value withEnvelope(std::string_view group, std::string_view version, std::string_view kind, Value value)
{
    Object object;
    object.emplace("apiVersion", group.empty() ? std::string(version) : fmt::format("{}/{}", group, version));
    object.emplace("kind", kind);
    for (auto& member : value.get_object())
        object.emplace(member.key(), std::move(member.value()));
    return object;
}

} // namespace keelson::api::codec
