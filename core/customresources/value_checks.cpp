// SPDX-License-Identifier: Apache-2.0
#include "customresources/value_checks.h"

#include "api/rules.h"
#include "customresources/formats.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace keelson::customresources {
namespace {

using api::Array;
using api::FieldPath;
using api::Object;
using api::Refusals;

bool isWhole(const Value& value)
{
    return value.is_int64() || value.is_uint64() ||
           (value.is_double() && std::trunc(value.get_double()) == value.get_double());
}

std::string_view typeWordOf(const Value& value)
{
    switch (value.kind()) {
    case boost::json::kind::null:
        return "null";
    case boost::json::kind::bool_:
        return "boolean";
    case boost::json::kind::string:
        return "string";
    case boost::json::kind::array:
        return "array";
    case boost::json::kind::object:
        return "object";
    default:
        return isWhole(value) ? "integer" : "number";
    }
}

bool fits(StructuralType type, const Value& value)
{
    switch (type) {
    case StructuralType::Object:
        return value.is_object();
    case StructuralType::Array:
        return value.is_array();
    case StructuralType::String:
        return value.is_string();
    case StructuralType::Integer:
        return value.is_number() && isWhole(value);
    case StructuralType::Number:
        return value.is_number();
    case StructuralType::Boolean:
        return value.is_bool();
    case StructuralType::Unset:
        break;
    }
    return true;
}

/// "spec.replicas in body"
std::string inBody(const FieldPath& path)
{
    return path.text() + " in body";
}

/// False when the value is of another type: then nothing else is said of it.
bool checkType(const StructuralSchema& schema, const Value& value, const FieldPath& path, Refusals& refusals)
{
    if (value.is_null() && schema.nullable)
        return false;
    const bool either = schema.intOrString && schema.type == StructuralType::Unset;
    if (either ? value.is_string() || fits(StructuralType::Integer, value) : fits(schema.type, value))
        return true;
    const auto wanted = either ? "integer,string" : typeWord(schema.type);
    const auto given = typeWordOf(value);
    refusals.wrongType(path, Value(given), fmt::format("{} must be of type {}: \"{}\"", inBody(path), wanted, given));
    return false;
}

void checkEnumeration(const StructuralSchema& schema, const Value& value, const FieldPath& path, Refusals& refusals)
{
    if (schema.enumeration.empty() || std::ranges::find(schema.enumeration, value) != schema.enumeration.end())
        return;
    std::vector<std::string> supported;
    for (const auto& one : schema.enumeration)
        supported.push_back(one.is_string() ? std::string(one.get_string()) : api::writeJson(one));
    refusals.notSupported(path, value, std::move(supported));
}

void checkNumber(const StructuralSchema& schema, const Value& value, const FieldPath& path, Refusals& refusals)
{
    const auto number = value.to_number<double>();
    const auto refuse = [&](std::string_view what, double bound) {
        refusals.invalid(path, value, fmt::format("{} should be {} {}", inBody(path), what, bound));
    };
    if (schema.minimum && (schema.exclusiveMinimum ? number <= *schema.minimum : number < *schema.minimum))
        refuse(schema.exclusiveMinimum ? "greater than" : "greater than or equal to", *schema.minimum);
    if (schema.maximum && (schema.exclusiveMaximum ? number >= *schema.maximum : number > *schema.maximum))
        refuse(schema.exclusiveMaximum ? "less than" : "less than or equal to", *schema.maximum);
    if (schema.multipleOf && *schema.multipleOf > 0) {
        const auto times = number / *schema.multipleOf;
        if (times != std::trunc(times))
            refuse("a multiple of", *schema.multipleOf);
    }
    const bool isSmall = schema.format != "int32" || (number >= INT32_MIN && number <= INT32_MAX);
    if (!isSmall)
        refusals.invalid(path, value,
                         fmt::format("Checked value must be of type integer with format int32 in {}", path.text()));
}

/// Characters, not bytes.
std::int64_t lengthOf(std::string_view text)
{
    return std::ranges::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; });
}

void checkText(const StructuralSchema& schema, const Value& value, const FieldPath& path, Refusals& refusals)
{
    const auto text = api::textOf(value);
    const auto length = schema.lengthMin || schema.lengthMax ? lengthOf(text) : 0;
    if (schema.lengthMax && length > *schema.lengthMax)
        refusals.tooLong(path, static_cast<std::size_t>(*schema.lengthMax));
    if (schema.lengthMin && length < *schema.lengthMin)
        refusals.invalid(path, value,
                         fmt::format("{} should be at least {} chars long", inBody(path), *schema.lengthMin));
    if (schema.expression && !re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *schema.expression))
        refusals.invalid(path, value, fmt::format("{} should match '{}'", inBody(path), schema.pattern));
    if (!schema.format.empty() && !hasFormat(text, schema.format))
        refusals.wrongType(
            path, value, fmt::format("{} must be of type {}: {}", inBody(path), schema.format, api::writeJson(value)));
}

Value keysOf(const StructuralSchema& list, const Value& item)
{
    Object keys;
    const auto* object = item.if_object();
    for (const auto& name : list.listMapKeys) {
        const auto* given = object ? object->if_contains(name) : nullptr;
        const auto* declared = list.items ? list.items->property(name) : nullptr;
        if (given)
            keys[name] = *given;
        else if (declared && declared->defaultValue)
            keys[name] = *declared->defaultValue;
    }
    return keys;
}

void checkUnique(const StructuralSchema& schema, const Array& list, const FieldPath& path, Refusals& refusals)
{
    if (schema.listType != api::ListType::Set && schema.listType != api::ListType::Map)
        return;
    std::set<std::string> seen;
    for (std::size_t index = 0; index < list.size(); ++index) {
        const auto what = schema.listType == api::ListType::Set ? list[index] : keysOf(schema, list[index]);
        if (!seen.insert(api::writeJson(what)).second)
            refusals.duplicate(path.index(index), what);
    }
}

void checkArray(const StructuralSchema& schema, const Array& list, const Value* old, const FieldPath& path,
                Refusals& refusals)
{
    const auto size = static_cast<std::int64_t>(list.size());
    if (schema.itemsMin && size < *schema.itemsMin)
        refusals.invalid(path, Value(size),
                         fmt::format("{} should have at least {} items", inBody(path), *schema.itemsMin));
    if (schema.itemsMax && size > *schema.itemsMax)
        refusals.tooMany(path, list.size(), static_cast<std::size_t>(*schema.itemsMax));
    checkUnique(schema, list, path, refusals);
    if (!schema.items)
        return;
    const ItemsBefore before(schema, old);
    for (std::size_t index = 0; index < list.size(); ++index)
        checkValue(*schema.items, list[index], before.find(list[index]), path.index(index), refusals);
}

void checkObject(const StructuralSchema& schema, const Object& object, const Value* old, const FieldPath& path,
                 Refusals& refusals)
{
    const auto size = static_cast<std::int64_t>(object.size());
    if (schema.membersMin && size < *schema.membersMin)
        refusals.invalid(path, Value(size),
                         fmt::format("{} should have at least {} properties", inBody(path), *schema.membersMin));
    if (schema.membersMax && size > *schema.membersMax)
        refusals.tooMany(path, object.size(), static_cast<std::size_t>(*schema.membersMax));
    for (const auto& name : schema.required)
        if (!object.contains(name))
            refusals.required(path.child(name));
    const auto* before = old ? old->if_object() : nullptr;
    for (const auto& member : object) {
        const auto* part = schema.property(member.key());
        if (!part)
            part = schema.additional.get();
        if (part)
            checkValue(*part, member.value(), before ? before->if_contains(member.key()) : nullptr,
                       path.child(member.key()), refusals);
    }
}

std::vector<Cause> refusalsOf(const StructuralSchema& schema, const Value& value, const FieldPath& path)
{
    Refusals refusals;
    checkValue(schema, value, nullptr, path, refusals);
    return refusals.take();
}

/// Kubernetes names no field for these.
void refuseAsWhole(const FieldPath& path, std::string_view what, Refusals& refusals)
{
    refusals.add("FieldValueInvalid", FieldPath().child("<nil>"),
                 fmt::format("Invalid value: \"\": \"{}\" must {}", path.text(), what));
}

void addAll(std::vector<Cause> causes, Refusals& refusals)
{
    for (auto& cause : causes) {
        const FieldPath root;
        refusals.add(cause.reason, root.child(cause.field), std::move(cause.message));
    }
}

/// How many of the alternatives fit; the refusals of the one that is nearest when none does.
std::size_t countFitting(const std::vector<StructuralSchema>& alternatives, const Value& value, const FieldPath& path,
                         std::vector<Cause>& nearest)
{
    std::size_t count = 0;
    for (const auto& alternative : alternatives) {
        auto causes = refusalsOf(alternative, value, path);
        if (causes.empty())
            ++count;
        else if (nearest.empty() || causes.size() < nearest.size())
            nearest = std::move(causes);
    }
    return count;
}

void checkAlternatives(const StructuralSchema& schema, const Value& value, const FieldPath& path, Refusals& refusals)
{
    if (!schema.anyOf.empty()) {
        std::vector<Cause> nearest;
        if (countFitting(schema.anyOf, value, path, nearest) == 0) {
            refuseAsWhole(path, "validate at least one schema (anyOf)", refusals);
            addAll(std::move(nearest), refusals);
        }
    }
    if (!schema.oneOf.empty()) {
        std::vector<Cause> nearest;
        const auto count = countFitting(schema.oneOf, value, path, nearest);
        if (count == 0) {
            refuseAsWhole(path, "validate one and only one schema (oneOf). Found none valid", refusals);
            addAll(std::move(nearest), refusals);
        } else if (count > 1) {
            refuseAsWhole(path,
                          fmt::format("validate one and only one schema (oneOf). Found {} valid alternatives", count),
                          refusals);
        }
    }
    if (!schema.allOf.empty()) {
        std::vector<Cause> nearest;
        if (countFitting(schema.allOf, value, path, nearest) != schema.allOf.size()) {
            refuseAsWhole(path, "validate all the schemas (allOf)", refusals);
            for (const auto& part : schema.allOf)
                addAll(refusalsOf(part, value, path), refusals);
        }
    }
    if (schema.negated && refusalsOf(*schema.negated, value, path).empty())
        refuseAsWhole(path, "not validate the schema (not)", refusals);
}

} // namespace

std::string_view typeWord(StructuralType type)
{
    switch (type) {
    case StructuralType::Object:
        return "object";
    case StructuralType::Array:
        return "array";
    case StructuralType::String:
        return "string";
    case StructuralType::Integer:
        return "integer";
    case StructuralType::Number:
        return "number";
    case StructuralType::Boolean:
        return "boolean";
    case StructuralType::Unset:
        break;
    }
    return "";
}

void checkValue(const StructuralSchema& schema, const Value& value, const Value* old, const FieldPath& path,
                Refusals& refusals)
{
    if (refusals.full() || (old && *old == value) || !checkType(schema, value, path, refusals))
        return;
    checkEnumeration(schema, value, path, refusals);
    if (const auto* object = value.if_object())
        checkObject(schema, *object, old, path, refusals);
    else if (const auto* array = value.if_array())
        checkArray(schema, *array, old, path, refusals);
    else if (value.is_string())
        checkText(schema, value, path, refusals);
    else if (value.is_number())
        checkNumber(schema, value, path, refusals);
    checkAlternatives(schema, value, path, refusals);
}

ItemsBefore::ItemsBefore(const StructuralSchema& list, const Value* old) : m_list(list)
{
    const auto* before = old ? old->if_array() : nullptr;
    if (!before || list.listType != api::ListType::Map)
        return;
    for (const auto& item : *before)
        m_items.emplace(api::writeJson(keysOf(list, item)), &item);
}

const Value* ItemsBefore::find(const Value& item) const
{
    if (m_items.empty())
        return nullptr;
    const auto found = m_items.find(api::writeJson(keysOf(m_list, item)));
    return found == m_items.end() ? nullptr : found->second;
}

} // namespace keelson::customresources
