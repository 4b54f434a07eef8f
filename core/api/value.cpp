// SPDX-License-Identifier: Apache-2.0
#include "api/value.h"

#include <boost/json/serialize.hpp>

#include <fmt/format.h>

namespace keelson::api {

std::string writeJson(const Value& value)
{
    return boost::json::serialize(value);
}

std::string numberText(const Value& number)
{
    return number.is_double() ? fmt::format("{}", number.get_double()) : writeJson(number);
}

const Value* find(const Value& value, std::initializer_list<std::string_view> path)
{
    const auto* at = &value;
    for (const auto name : path) {
        const auto* object = at->if_object();
        at = object ? object->if_contains(name) : nullptr;
        if (!at)
            return nullptr;
    }
    return at;
}

Value* find(Value& value, std::initializer_list<std::string_view> path)
{
    auto* at = &value;
    for (const auto name : path) {
        auto* object = at->if_object();
        at = object ? object->if_contains(name) : nullptr;
        if (!at)
            return nullptr;
    }
    return at;
}

std::string_view stringAt(const Value& value, std::initializer_list<std::string_view> path)
{
    const auto* found = find(value, path);
    const auto* text = found ? found->if_string() : nullptr;
    return text ? std::string_view{text->data(), text->size()} : std::string_view{};
}

std::int64_t integerAt(const Value& value, std::initializer_list<std::string_view> path, std::int64_t otherwise)
{
    const auto* found = find(value, path);
    const auto* number = found ? found->if_int64() : nullptr;
    return number ? *number : otherwise;
}

bool boolAt(const Value& value, std::initializer_list<std::string_view> path, bool otherwise)
{
    const auto* found = find(value, path);
    const auto* flag = found ? found->if_bool() : nullptr;
    return flag ? *flag : otherwise;
}

Object& objectAt(Value& value, std::initializer_list<std::string_view> path)
{
    auto* at = &value;
    if (!at->is_object())
        at->emplace_object();
    for (const auto name : path) {
        at = &at->get_object()[name];
        if (!at->is_object())
            at->emplace_object();
    }
    return at->get_object();
}

} // namespace keelson::api
