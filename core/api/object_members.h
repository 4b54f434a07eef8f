// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"

#include <algorithm>
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

/// Takes out the members that `gone` names; the others keep their order. In linear time, which `stable_erase` in a loop
/// is not.
template <typename Gone>
void eraseMembersIf(Object& object, Gone gone)
{
    if (std::ranges::none_of(object, gone))
        return;
    Object kept;
    kept.reserve(object.size());
    for (auto& member : object) {
        if (!gone(member))
            kept.emplace(member.key(), std::move(member.value()));
    }
    object = std::move(kept);
}

/// Takes out the members that are null in the patch.
inline void eraseNulled(Object& object, const Object& patch)
{
    eraseMembersIf(object, [&](const auto& member) {
        const auto* wanted = patch.if_contains(member.key());
        return wanted && wanted->is_null();
    });
}

inline Object* objectIn(Object& object, std::string_view name)
{
    auto* value = object.if_contains(name);
    return value ? value->if_object() : nullptr;
}

} // namespace keelson::api
