// SPDX-License-Identifier: Apache-2.0
#include "customresources/rule_costs.h"

#include "cel/cost.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::customresources {
namespace {

using cel::Type;
using Form = Type::Form;

constexpr std::uint64_t requestBytesMax = std::uint64_t{3} * 1024 * 1024;
constexpr std::uint64_t quotesBytes = 2; ///< "", [] and {}

/// In JSON, with quotation marks.
constexpr std::uint64_t dateBytes = 12;
constexpr std::uint64_t timeBytesMin = 21;
constexpr std::uint64_t timeBytesMax = 32;
constexpr std::uint64_t durationBytesMin = 3;
constexpr std::uint64_t durationBytesMax = 32;

std::uint64_t orZero(std::int64_t value)
{
    return value < 0 ? 0 : static_cast<std::uint64_t>(value);
}

/// Lengths count characters, of up to four bytes each.
std::uint64_t textMax(const StructuralSchema& schema)
{
    constexpr std::uint64_t characterBytesMax = 4;
    if (schema.lengthMax)
        return cel::multipliedCosts(orZero(*schema.lengthMax), schema.format == "byte" ? 1 : characterBytesMax);
    if (schema.enumeration.empty() || schema.intOrString || schema.format == "byte")
        return requestBytesMax - quotesBytes;
    std::uint64_t longest = 0;
    for (const auto& value : schema.enumeration)
        if (const auto* text = value.if_string())
            longest = std::max<std::uint64_t>(longest, text->size());
    return longest;
}

/// Lists and maps whose parts nobody knows have no size.
bool isKnown(const Type* type)
{
    return type && type->sizeMax;
}

void boundCollection(const StructuralSchema& schema, Type& type)
{
    constexpr std::uint64_t entryBytesMin = 6; // a key, its quotation marks, colon and comma
    const bool list = type.form == Form::List;
    type.bytesMin = quotesBytes;
    if (!isKnown(type.items))
        return;
    const auto& limit = list ? schema.itemsMax : schema.membersMax;
    const auto each = type.items->bytesMin + (list ? 1 : entryBytesMin);
    type.sizeMax = limit ? orZero(*limit) : (requestBytesMax - quotesBytes) / each;
}

/// An object must have the members that are required and have no default.
void boundObject(const StructuralSchema& schema, Type& type)
{
    constexpr std::uint64_t memberBytes = 4; // quotation marks, colon and comma
    type.sizeMax = 0;
    type.bytesMin = quotesBytes;
    for (const auto& [name, part] : schema.properties)
        if (isKnown(part.expressionType) && !part.defaultValue &&
            std::ranges::find(schema.required, name) != schema.required.end())
            type.bytesMin += name.size() + part.expressionType->bytesMin + memberBytes;
}

std::string beyondBudget(std::string_view what, std::uint64_t cost, std::uint64_t max)
{
    const auto factor = static_cast<double>(cost) / static_cast<double>(max);
    return fmt::format("{} exceeds budget by factor of {} (try simplifying the rule, or adding maxItems, "
                       "maxProperties, and maxLength where arrays, maps, and strings are declared)",
                       what, factor > 100 ? "more than 100x" : fmt::format("{:.1f}x", factor));
}

} // namespace

void boundSize(const StructuralSchema& schema, Type& type)
{
    switch (type.form) {
    case Form::Dyn:
        if (schema.intOrString)
            type.sizeMax = textMax(schema);
        break;
    case Form::String:
    case Form::Bytes:
        type.sizeMax = textMax(schema);
        type.bytesMin = quotesBytes;
        break;
    case Form::Timestamp:
        type.sizeMax = schema.format == "date" ? dateBytes : timeBytesMax;
        type.bytesMin = schema.format == "date" ? dateBytes : timeBytesMin;
        break;
    case Form::Duration:
        type.sizeMax = durationBytesMax;
        type.bytesMin = durationBytesMin;
        break;
    case Form::Bool:
        type.sizeMax = 0;
        type.bytesMin = 4;
        break;
    case Form::Int:
    case Form::Double:
        type.sizeMax = 0;
        break;
    case Form::List:
    case Form::Map:
        boundCollection(schema, type);
        break;
    case Form::Object:
        boundObject(schema, type);
        break;
    }
}

Cardinality cardinalityBelow(const StructuralSchema& schema, Cardinality here)
{
    const bool list = schema.type == StructuralType::Array;
    const bool map = schema.type == StructuralType::Object && (schema.additional || schema.anyAdditional);
    if (!list && !map)
        return here;
    const auto& limit = list ? schema.itemsMax : schema.membersMax;
    if (!here || !limit)
        return std::nullopt;
    return cel::multipliedCosts(*here, orZero(*limit));
}

std::uint64_t valuesAtMost(Cardinality cardinality, const Type& type)
{
    return cardinality ? *cardinality : requestBytesMax / (type.bytesMin + 1);
}

void CostLedger::add(std::string_view what, const api::FieldPath& path, std::uint64_t cost, api::Refusals& refusals)
{
    constexpr std::size_t dearestMax = 4;
    if (cost > ruleCostMax)
        refusals.forbidden(path.child(what), beyondBudget(fmt::format("estimated {} cost", what), cost, ruleCostMax));
    m_total = cel::addedCosts(m_total, cost);
    if (cost < schemaCostMax / 100) // it hardly matters
        return;
    const auto cheaper = std::ranges::upper_bound(m_dearest, cost, std::ranges::greater{}, &Entry::cost);
    m_dearest.insert(cheaper, {path.child(what).text(), cost});
    m_dearest.resize(std::min(m_dearest.size(), dearestMax));
}

void CostLedger::close(const api::FieldPath& schema, api::Refusals& refusals)
{
    if (m_total <= schemaCostMax)
        return;
    const api::FieldPath root;
    for (const auto& entry : m_dearest)
        refusals.forbidden(root.child(entry.path), "contributed to estimated rule cost total exceeding cost limit for "
                                                   "entire OpenAPIv3 schema");
    refusals.forbidden(schema, beyondBudget("x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 "
                                            "schema",
                                            m_total, schemaCostMax));
}

} // namespace keelson::customresources
