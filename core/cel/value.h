// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/quantity.h"
#include "api/value.h"
#include "base/clock.h"
#include "base/result.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace keelson::cel {

/// What is known of a value before it is there: for checks of expressions, and to read documents. A tree that outlives
/// what refers to it.
struct Type {
    enum class Form { Dyn, Bool, Int, Double, String, Bytes, Timestamp, Duration, List, Map, Object };
    Form form = Form::Dyn;
    const Type* items = nullptr;                             ///< List and Map: of the values.
    std::map<std::string, const Type*, std::less<>> members; ///< Object: by name as in expressions.
    std::map<std::string, std::string, std::less<>> names;   ///< Object: from there to the name in the document.
    /// Characters, items or members at most; 0 for what has none; nothing when it is not known.
    std::optional<std::uint64_t> sizeMax = std::nullopt;
    std::uint64_t bytesMin = 1; ///< In JSON.
};
/// Of anything.
const Type& dynType();

class Value;
struct Null {
    bool operator==(const Null&) const = default;
};
struct Bytes {
    std::string bytes;
    bool operator==(const Bytes&) const = default;
};
/// A list or a map of a document, which outlives it.
struct Json {
    const api::Value* value = nullptr;
    const Type* type = nullptr;
};
using ListPtr = std::shared_ptr<const std::vector<Value>>;
using MapPtr = std::shared_ptr<const std::vector<std::pair<Value, Value>>>;
/// Maybe a value; null: none.
struct Optional {
    std::shared_ptr<const Value> value;
};
struct TypeName {
    std::string name;
    bool operator==(const TypeName&) const = default;
};

/// A value of a library, or of who asks: an address, a URL, an authorizer. Immutable; its functions know its class.
class Opaque {
public:
    virtual ~Opaque() = default;
    /// "net.IP"
    virtual std::string_view typeName() const = 0;
    /// As the function string() gives it; nothing when it has none.
    virtual std::optional<std::string> text() const { return std::nullopt; }
    virtual bool equals(const Opaque& /*other*/) const { return false; }
    /// Where members are made when they are asked for; none by default.
    virtual Result<Optional> member(std::string_view /*name*/) const { return Optional{}; }
};
using OpaquePtr = std::shared_ptr<const Opaque>;

/// A value of an expression. Cheap to copy.
class Value {
public:
    using Data = std::variant<Null, bool, std::int64_t, std::uint64_t, double, std::string, Bytes, Json, ListPtr,
                              MapPtr, keelson::Duration, WallTime, Optional, TypeName, api::Quantity, OpaquePtr>;

    Value() = default;
    template <typename T>
        requires std::is_constructible_v<Data, T>
    Value(T data) : m_data(std::move(data)) // NOLINT: values become values
    {
    }
    /// Of a document, read by its type.
    static Value of(const api::Value& json, const Type& type);
    static Value list(std::vector<Value> items)
    {
        return ListPtr(std::make_shared<std::vector<Value>>(std::move(items)));
    }

    template <typename T>
    const T* as() const
    {
        return std::get_if<T>(&m_data);
    }
    /// As a class derived from Opaque; null when it is none of that class.
    template <typename T>
    const T* opaque() const
    {
        const auto* value = as<OpaquePtr>();
        return value ? dynamic_cast<const T*>(value->get()) : nullptr;
    }
    bool isList() const;
    bool isMap() const;
    bool isNumber() const;
    /// Of a number.
    double number() const;
    /// Items of a list, keys of a map, characters of a text, bytes; -1 for others.
    std::int64_t size() const;
    /// Item of a list; the index is in range.
    Value item(std::int64_t index) const;
    /// Keys of a map, in its order.
    std::vector<Value> keys() const;
    /// Null pointer when the map has no such key.
    std::unique_ptr<Value> find(const Value& key) const;
    /// "int", "string", "list", ...
    std::string_view typeName() const;

    bool operator==(const Value& other) const;

private:
    Data m_data;
};

/// Less than 0, 0 or more; nothing when the two have no order.
std::optional<int> compare(const Value& left, const Value& right);
/// As the function string() gives it; nothing when it has none.
std::optional<std::string> textOf(const Value& value);
/// Characters (code points) of UTF-8.
std::vector<std::string_view> charactersOf(std::string_view text);

} // namespace keelson::cel
