// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cel/cost.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace keelson::cel {

/// How many characters, items or members a value may have.
struct SizeRange {
    std::uint64_t min = 0;
    std::uint64_t max = costUnbounded;

    static SizeRange exactly(std::uint64_t size) { return {size, size}; }
    static SizeRange literal(const Value& value);
    SizeRange added(const SizeRange& other) const;
    SizeRange joined(const SizeRange& other) const;
    SizeRange multiplied(const SizeRange& other) const;
};

/// What kind of value it is, as far as that decides what functions cost.
enum class ShapeKind { Unknown, Scalar, Text, Bytes, List, Map, Object, Other };
struct Shape {
    ShapeKind kind = ShapeKind::Unknown;
    const Type* type = nullptr;              ///< Of lists, maps and objects of the document.
    std::shared_ptr<const Shape> items = {}; ///< Of lists that the expression makes.
};

/// What is known of a part of an expression.
struct Estimate {
    std::uint64_t cost = 0;
    std::optional<SizeRange> size = {};
    std::vector<std::string> path = {}; ///< Where in the document it lies; empty: nowhere.
    Shape shape = {};

    SizeRange knownSize() const
    {
        return size ? *size : shape.kind == ShapeKind::Scalar ? SizeRange::exactly(1) : SizeRange{};
    }
};

/// A function with its arguments; a target is the first of them.
struct Call {
    const Expression& node;
    std::span<const Estimate> args;
    std::function<Estimate(const Estimate&)> itemsIn; ///< Of a list: what is known of its items.
};

/// What the call itself costs, without its arguments, and of what size and shape its result is.
Estimate estimateCall(const Call& call);

} // namespace keelson::cel
