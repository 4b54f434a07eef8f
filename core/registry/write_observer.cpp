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

void follow(const std::string& path, Value& known, const Value& now, api::Array& changes);

void followMembers(const std::string& path, api::Object& known, const api::Object& now, api::Array& changes)
{
    for (const auto& [name, value] : now) {
        const auto at = path + "/" + escaped(name);
        if (auto* const was = known.if_contains(name)) {
            follow(at, *was, value, changes);
        } else {
            changes.push_back(api::Object{{"path", at}, {"value", value}});
            known.emplace(name, value);
        }
    }
    for (auto* member = known.begin(); known.size() > now.size() && member != known.end();) {
        if (now.contains(member->key())) {
            ++member;
            continue;
        }
        changes.push_back(api::Object{{"path", path + "/" + escaped(member->key())}});
        member = known.stable_erase(member);
    }
}

void followElements(const std::string& path, api::Array& known, const api::Array& now, api::Array& changes)
{
    for (std::size_t i = 0; i < now.size(); ++i) {
        const auto at = path + "/" + std::to_string(i);
        if (i < known.size()) {
            follow(at, known[i], now[i], changes);
        } else {
            changes.push_back(api::Object{{"path", at}, {"value", now[i]}});
            known.push_back(now[i]);
        }
    }
    for (auto i = now.size(); i < known.size(); ++i)
        changes.push_back(api::Object{{"path", path + "/" + std::to_string(i)}});
    known.resize(now.size());
}

void follow(const std::string& path, Value& known, const Value& now, api::Array& changes)
{
    if (known == now) // mostly: paths are made where something differs
        return;
    if (known.is_object() && now.is_object()) {
        followMembers(path, known.get_object(), now.get_object(), changes);
    } else if (known.is_array() && now.is_array()) {
        followElements(path, known.get_array(), now.get_array(), changes);
    } else {
        changes.push_back(api::Object{{"path", path}, {"value", now}});
        known = now;
    }
}

} // namespace

api::Array followChanges(Value& known, const Value& now)
{
    api::Array changes;
    follow({}, known, now, changes);
    return changes;
}

} // namespace keelson::registry
