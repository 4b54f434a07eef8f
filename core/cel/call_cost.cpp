// SPDX-License-Identifier: Apache-2.0
#include "cel/call_cost.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace keelson::cel {
namespace {

constexpr double traversal = 0.1;  ///< Of a character or an item.
constexpr double ofPattern = 0.25; ///< Steps of a regular expression for each of its characters.

std::uint64_t scaled(std::uint64_t size, double factor)
{
    const double made = std::ceil(static_cast<double>(size) * factor);
    return made >= static_cast<double>(costUnbounded) ? costUnbounded : static_cast<std::uint64_t>(made);
}

bool isOneOf(std::string_view name, std::span<const std::string_view> names)
{
    return std::ranges::find(names, name) != names.end();
}

bool isTextual(const Estimate& arg)
{
    return arg.shape.kind == ShapeKind::Text || arg.shape.kind == ShapeKind::Bytes;
}

bool anyIs(std::span<const Estimate> args, ShapeKind kind)
{
    return std::ranges::any_of(args, [&](const Estimate& arg) { return arg.shape.kind == kind; });
}

Shape textShape()
{
    return {.kind = ShapeKind::Text};
}

Shape textList()
{
    return {.kind = ShapeKind::List, .type = nullptr, .items = std::make_shared<Shape>(textShape())};
}

/// Of what functions give, as far as it does not follow from their arguments.
Shape resultShape(std::string_view name, std::span<const Estimate> args)
{
    constexpr std::array<std::string_view, 14> texts{"string",    "lowerAscii", "upperAscii",  "trim",   "replace",
                                                     "join",      "substring",  "charAt",      "format", "find",
                                                     "getScheme", "getHost",    "getHostname", "getPort"};
    constexpr std::array<std::string_view, 3> moreTexts{"getEscapedPath", "reason", "error"};
    constexpr std::array<std::string_view, 13> others{"quantity", "url",   "ip",  "cidr",        "masked",
                                                      "type",     "add",   "sub", "optional.of", "optional.none",
                                                      "value",    "check", "or"};
    if (isOneOf(name, texts) || isOneOf(name, moreTexts))
        return textShape();
    if (name == "split" || name == "findAll")
        return textList();
    if (name == "bytes")
        return {.kind = ShapeKind::Bytes};
    if (name == "getQuery")
        return {.kind = ShapeKind::Map};
    if (name == "dyn" || name == "orValue")
        return args.back().shape;
    return {.kind = isOneOf(name, others) ? ShapeKind::Other : ShapeKind::Scalar};
}

Estimate ofCost(std::uint64_t cost, std::optional<SizeRange> size = {}, Shape shape = {.kind = ShapeKind::Scalar})
{
    return {.cost = cost, .size = size, .path = {}, .shape = std::move(shape)};
}

/// `+` of texts and lists makes longer ones.
Estimate sum(std::span<const Estimate> args)
{
    const auto size = args[0].knownSize().added(args[1].knownSize());
    if (anyIs(args, ShapeKind::Scalar) || anyIs(args, ShapeKind::Other))
        return ofCost(1);
    if (anyIs(args, ShapeKind::List))
        return ofCost(1, size, args[0].shape.kind == ShapeKind::List ? args[0].shape : args[1].shape);
    return ofCost(scaled(size.max, traversal), size, isTextual(args[0]) ? args[0].shape : args[1].shape);
}

/// Equality looks at as much as the smaller has; so does the order of texts.
Estimate comparison(std::string_view name, std::span<const Estimate> args)
{
    const bool equality = name == "_==_" || name == "_!=_";
    if (!equality && (anyIs(args, ShapeKind::Scalar) || anyIs(args, ShapeKind::Other)))
        return ofCost(1);
    return ofCost(scaled(std::min(args[0].knownSize().max, args[1].knownSize().max), traversal));
}

std::uint64_t patternCost(const Estimate& text, const Estimate& pattern)
{
    const auto steps = scaled(addedCosts(text.knownSize().max, 1), traversal); // even an empty text is read
    return multipliedCosts(steps, scaled(pattern.knownSize().max, ofPattern));
}

/// Each item once; texts also by their length.
Estimate listWalk(const Call& call)
{
    const auto& list = call.args[0];
    const auto size = list.knownSize().max;
    if (list.shape.kind != ShapeKind::List)
        return ofCost(scaled(size, traversal));
    const auto item = call.itemsIn(list);
    const auto each = isTextual(item) ? addedCosts(1, scaled(item.knownSize().max, traversal)) : 1;
    const bool isItem = call.node.name == "min" || call.node.name == "max" || call.node.name == "sum";
    return ofCost(multipliedCosts(size, each), {}, isItem ? item.shape : Shape{.kind = ShapeKind::Scalar});
}

SizeRange replacedSize(const SizeRange& text, const SizeRange& old, const SizeRange& with)
{
    const auto times = [](std::uint64_t size, std::uint64_t part) {
        return scaled(size, 1 / static_cast<double>(part));
    };
    std::uint64_t most = 0;
    std::uint64_t kept = text.max;
    if (old.min == 0) {
        most = addedCosts(text.max, 1); // between all characters
    } else if (with.max > old.min) {
        most = times(text.max, old.min);
        kept = 0;
    }
    return {0, addedCosts(multipliedCosts(most, with.max), kept)};
}

Estimate replacement(std::span<const Estimate> args)
{
    const auto text = args[0].knownSize();
    return ofCost(scaled(text.max, 2 * traversal), replacedSize(text, args[1].knownSize(), args[2].knownSize()),
                  textShape());
}

Estimate splitting(const Call& call)
{
    const auto text = call.args[0].knownSize().max;
    auto most = text; // at the empty text: each character
    if (call.node.args.size() > 2)
        if (const auto* limit = call.node.args[2].literal.as<std::int64_t>(); limit && *limit >= 0)
            most = static_cast<std::uint64_t>(*limit);
    return ofCost(scaled(text, 2 * traversal), SizeRange{0, most}, textList());
}

Estimate joining(const Call& call)
{
    const auto list = call.args[0].knownSize();
    auto size = list.multiplied(call.itemsIn(call.args[0]).knownSize());
    if (call.args.size() > 1) {
        const SizeRange gaps{list.min > 0 ? list.min - 1 : 0, list.max > 0 ? list.max - 1 : 0};
        size = size.added(call.args[1].knownSize().multiplied(gaps));
    }
    return ofCost(scaled(size.max, traversal), size, textShape());
}

/// Whether an address lies in a range: an address has up to 16 bytes.
Estimate containment(const Call& call)
{
    constexpr std::uint64_t addressBytes = 16;
    const bool ranges = call.node.name == "containsCIDR";
    auto cost = scaled(2 * addressBytes, traversal) + (ranges ? scaled(addressBytes, traversal) + 1 : 0);
    if (call.args[1].shape.kind == ShapeKind::Text)
        cost = addedCosts(cost, scaled(call.args[1].knownSize().max, traversal));
    return ofCost(cost);
}

Estimate ofTexts(const Call& call)
{
    const auto& name = call.node.name;
    const auto args = call.args;
    const auto first = args[0].knownSize();
    if (name == "startsWith" || name == "endsWith")
        return ofCost(scaled(args[1].knownSize().max, traversal));
    if (name == "contains")
        return ofCost(multipliedCosts(scaled(first.max, traversal), scaled(args[1].knownSize().max, traversal)));
    if (name == "matches")
        return ofCost(call.node.hasTarget ? patternCost(args[0], args[1]) : 1);
    if (name == "find" || name == "findAll")
        return ofCost(patternCost(args[0], args[1]), SizeRange{0, first.max}, resultShape(name, args));
    if (name == "format")
        return ofCost(scaled(first.max, traversal), {}, textShape());
    if (name == "bytes")
        return ofCost(scaled(first.max, traversal), SizeRange{first.min, multipliedCosts(first.max, 4)},
                      resultShape(name, args));
    if (name == "string")
        return args[0].shape.kind == ShapeKind::Bytes ? ofCost(scaled(first.max, traversal), first, textShape())
                                                      : ofCost(1, {}, textShape());
    if (name == "dyn")
        return ofCost(1, args[0].size, args[0].shape);
    return ofCost(scaled(first.max, traversal), first, textShape()); // lowerAscii and the like
}

} // namespace

SizeRange SizeRange::literal(const Value& value)
{
    return value.as<std::string>() || value.as<Bytes>() ? exactly(static_cast<std::uint64_t>(value.size()))
                                                        : exactly(1);
}

SizeRange SizeRange::added(const SizeRange& other) const
{
    return {addedCosts(min, other.min), addedCosts(max, other.max)};
}

SizeRange SizeRange::joined(const SizeRange& other) const
{
    return {std::min(min, other.min), std::max(max, other.max)};
}

SizeRange SizeRange::multiplied(const SizeRange& other) const
{
    return {multipliedCosts(min, other.min), multipliedCosts(max, other.max)};
}

Estimate estimateCall(const Call& call)
{
    constexpr std::array<std::string_view, 6> comparisons{"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"};
    constexpr std::array<std::string_view, 6> walks{"isSorted", "sum", "max", "min", "indexOf", "lastIndexOf"};
    constexpr std::array<std::string_view, 14> texts{"startsWith", "endsWith", "contains",  "matches",   "find",
                                                     "findAll",    "format",   "bytes",     "string",    "dyn",
                                                     "lowerAscii", "trim",     "substring", "upperAscii"};
    constexpr std::uint64_t accessCheck = 350'000; // at most two fit into one expression
    constexpr double ofFormat = 32;                // the longest pattern of a named format
    const auto& name = call.node.name;
    const auto args = call.args;
    if (isOneOf(name, comparisons))
        return comparison(name, args);
    if (isOneOf(name, walks))
        return listWalk(call);
    if (isOneOf(name, texts))
        return ofTexts(call);
    if (name == "_+_")
        return sum(args);
    if (name == "in")
        return ofCost(anyIs(args.subspan(1), ShapeKind::Map) || anyIs(args.subspan(1), ShapeKind::Object)
                          ? 1
                          : args[1].knownSize().max);
    if (name == "replace")
        return replacement(args);
    if (name == "split")
        return splitting(call);
    if (name == "join")
        return joining(call);
    if (name == "containsIP" || name == "containsCIDR")
        return containment(call);
    if (name == "url")
        return ofCost(scaled(args[0].knownSize().max, traversal), {}, resultShape(name, args));
    if (name == "validate")
        return ofCost(scaled(scaled(args[1].knownSize().max, traversal), ofFormat), {}, {.kind = ShapeKind::Other});
    if (name == "check")
        return ofCost(accessCheck, {}, {.kind = ShapeKind::Other});
    if (name.starts_with("sets."))
        return ofCost(addedCosts(1, multipliedCosts(multipliedCosts(args[0].knownSize().max, args[1].knownSize().max),
                                                    name == "sets.equivalent" ? 2 : 1)));
    return ofCost(1, {}, resultShape(name, args));
}

} // namespace keelson::cel
