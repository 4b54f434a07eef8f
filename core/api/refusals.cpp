// SPDX-License-Identifier: Apache-2.0
#include "api/refusals.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::api {
namespace {

/// A value as refusals show it: texts in quotes, numbers bare, parts as JSON.
std::string shown(const Value& value)
{
    return value.is_number() ? numberText(value) : writeJson(value);
}

} // namespace

void Refusals::add(std::string_view reason, const FieldPath& path, std::string message)
{
    if (!full())
        m_causes.push_back({std::string(reason), std::move(message), path.text()});
}

void Refusals::required(const FieldPath& path, std::string_view detail)
{
    add("FieldValueRequired", path, detail.empty() ? "Required value" : fmt::format("Required value: {}", detail));
}

void Refusals::invalid(const FieldPath& path, const Value& value, std::string_view detail)
{
    add("FieldValueInvalid", path, fmt::format("Invalid value: {}: {}", shown(value), detail));
}

void Refusals::invalid(const FieldPath& path, std::string_view detail)
{
    add("FieldValueInvalid", path, fmt::format("Invalid value: {}", detail));
}

void Refusals::wrongType(const FieldPath& path, const Value& value, std::string_view detail)
{
    add("FieldValueTypeInvalid", path, fmt::format("Invalid value: {}: {}", shown(value), detail));
}

void Refusals::notSupported(const FieldPath& path, const Value& value, std::vector<std::string> supported)
{
    std::ranges::sort(supported);
    std::string list;
    for (const auto& word : supported)
        list += (list.empty() ? "" : ", ") + writeJson(Value(word));
    add("FieldValueNotSupported", path, fmt::format("Unsupported value: {}: supported values: {}", shown(value), list));
}

void Refusals::duplicate(const FieldPath& path, const Value& value)
{
    add("FieldValueDuplicate", path, fmt::format("Duplicate value: {}", shown(value)));
}

void Refusals::notFound(const FieldPath& path, const Value& value)
{
    add("FieldValueNotFound", path, fmt::format("Not found: {}", shown(value)));
}

void Refusals::forbidden(const FieldPath& path, std::string_view detail)
{
    add("FieldValueForbidden", path, fmt::format("Forbidden: {}", detail));
}

void Refusals::tooLong(const FieldPath& path, std::size_t max)
{
    add("FieldValueTooLong", path, fmt::format("Too long: may not be more than {} bytes", max));
}

void Refusals::tooMany(const FieldPath& path, std::size_t count, std::size_t max)
{
    add("FieldValueTooMany", path, fmt::format("Too many: {}: must have at most {} items", count, max));
}

} // namespace keelson::api
