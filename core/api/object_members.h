// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"

#include <string_view>

namespace keelson::api {

inline std::string_view view(const boost::json::string& text)
{
    return {text.data(), text.size()};
}

inline std::string_view textIn(const Object& object, std::string_view name)
{
    const auto* value = object.if_contains(name);
    return value && value->is_string() ? view(value->get_string()) : std::string_view{};
}

inline bool isTrue(const Object& object, std::string_view name)
{
    const auto* value = object.if_contains(name);
    return value && value->is_bool() && value->get_bool();
}

/// Absent, null or "".
inline bool isUnset(const Object& object, std::string_view name)
{
    const auto* value = object.if_contains(name);
    return !value || value->is_null() || (value->is_string() && value->get_string().empty());
}

inline void setIfUnset(Object& object, std::string_view name, Value value)
{
    if (isUnset(object, name))
        object[name] = std::move(value);
}

inline Object* objectIn(Object& object, std::string_view name)
{
    auto* value = object.if_contains(name);
    return value ? value->if_object() : nullptr;
}

} // namespace keelson::api
