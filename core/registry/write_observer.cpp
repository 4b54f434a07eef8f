// SPDX-License-Identifier: Apache-2.0
#include "registry/write_observer.h"

namespace keelson::registry {
namespace {

/// A member name as a part of a JSON pointer (RFC 6901).
std::string escaped(std::string_view name)
{
    std::string part;
    for (const char letter : name) {
        if (letter == '~')
            part += "~0";
        else if (letter == '/')
            part += "~1";
        else
            part += letter;
    }
    return part;
}

void collect(const std::string& path, const Value& before, const Value& after, api::Array& changes);

void collectMembers(const std::string& path, const api::Object& before, const api::Object& after, api::Array& changes)
{
    for (const auto& [name, value] : after) {
        const auto at = path + "/" + escaped(name);
        if (const auto* const was = before.if_contains(name))
            collect(at, *was, value, changes);
        else
            changes.push_back(api::Object{{"path", at}, {"value", value}});
    }
    for (const auto& [name, value] : before) {
        if (!after.contains(name))
            changes.push_back(api::Object{{"path", path + "/" + escaped(name)}});
    }
}

void collectElements(const std::string& path, const api::Array& before, const api::Array& after, api::Array& changes)
{
    for (std::size_t i = 0; i < after.size(); ++i) {
        const auto at = path + "/" + std::to_string(i);
        if (i < before.size())
            collect(at, before[i], after[i], changes);
        else
            changes.push_back(api::Object{{"path", at}, {"value", after[i]}});
    }
    for (auto i = after.size(); i < before.size(); ++i)
        changes.push_back(api::Object{{"path", path + "/" + std::to_string(i)}});
}

void collect(const std::string& path, const Value& before, const Value& after, api::Array& changes)
{
    if (before.is_object() && after.is_object())
        collectMembers(path, before.get_object(), after.get_object(), changes);
    else if (before.is_array() && after.is_array())
        collectElements(path, before.get_array(), after.get_array(), changes);
    else if (before != after)
        changes.push_back(api::Object{{"path", path}, {"value", after}});
}

} // namespace

api::Array changesBetween(const Value& before, const Value& after)
{
    api::Array changes;
    collect({}, before, after, changes);
    return changes;
}

} // namespace keelson::registry
