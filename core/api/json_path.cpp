// SPDX-License-Identifier: Apache-2.0
#include "api/json_path.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>

namespace keelson::api {
namespace {

using Values = std::vector<const Value*>;

Values members(const Values& values, std::string_view name)
{
    Values found;
    for (const auto* value : values) {
        const auto* object = value->if_object();
        if (const auto* member = object ? object->if_contains(name) : nullptr)
            found.push_back(member);
    }
    return found;
}

Values children(const Values& values)
{
    Values found;
    for (const auto* value : values) {
        if (const auto* array = value->if_array()) {
            for (const auto& each : *array)
                found.push_back(&each);
        } else if (const auto* object = value->if_object()) {
            for (const auto& member : *object)
                found.push_back(&member.value());
        }
    }
    return found;
}

Values elements(const Values& values, std::ptrdiff_t index)
{
    Values found;
    for (const auto* value : values) {
        const auto* array = value->if_array();
        const auto size = array ? static_cast<std::ptrdiff_t>(array->size()) : 0;
        const auto at = index < 0 ? index + size : index;
        if (at >= 0 && at < size)
            found.push_back(&(*array)[static_cast<std::size_t>(at)]);
    }
    return found;
}

std::string_view trimmed(std::string_view text)
{
    while (text.starts_with(' '))
        text.remove_prefix(1);
    while (text.ends_with(' '))
        text.remove_suffix(1);
    return text;
}

bool isQuoted(std::string_view text)
{
    return text.size() >= 2 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0];
}

std::string scalarText(const Value& value)
{
    return value.is_string() ? std::string{value.get_string()} : boost::json::serialize(value);
}

/// `@.type=="Ready"`, `@.count!=0`, `@.name`.
Values filtered(const Values& values, std::string_view condition)
{
    auto at = condition.find("==");
    const bool wantEqual = at != std::string_view::npos;
    if (!wantEqual)
        at = condition.find("!=");
    auto left = trimmed(condition.substr(0, at));
    if (!left.starts_with('@'))
        return {};
    left.remove_prefix(1);
    auto right = at == std::string_view::npos ? std::string_view{} : trimmed(condition.substr(at + 2));
    if (isQuoted(right))
        right = right.substr(1, right.size() - 2);
    Values found;
    for (const auto* each : children(values)) {
        const auto named = evaluateJsonPath(*each, left);
        const bool equal = !named.empty() && scalarText(*named.front()) == right;
        if (at == std::string_view::npos ? !named.empty() : equal == wantEqual)
            found.push_back(each);
    }
    return found;
}

/// The text inside a bracket that `path` begins with; takes it off `path`. Empty when it does not close.
std::string_view takeBracket(std::string_view& path)
{
    char quote = 0;
    for (std::size_t at = 1; at < path.size(); ++at) {
        const char c = path[at];
        if (quote != 0) {
            quote = c == quote ? '\0' : quote;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == ']') {
            const auto inside = path.substr(1, at - 1);
            path.remove_prefix(at + 1);
            return trimmed(inside);
        }
    }
    return {};
}

Values bracket(const Values& values, std::string_view inside)
{
    if (inside == "*")
        return children(values);
    if (isQuoted(inside))
        return members(values, inside.substr(1, inside.size() - 2));
    if (inside.starts_with("?(") && inside.ends_with(")"))
        return filtered(values, inside.substr(2, inside.size() - 3));
    std::ptrdiff_t index = 0;
    const auto [end, error] = std::from_chars(inside.data(), inside.data() + inside.size(), index);
    return error == std::errc{} && end == inside.data() + inside.size() ? elements(values, index) : Values{};
}

/// A member's name up to the next step; `\.` is a dot of the name.
std::string takeName(std::string_view& path)
{
    std::string name;
    std::size_t at = 0;
    for (; at < path.size() && path[at] != '.' && path[at] != '['; ++at) {
        if (path[at] == '\\' && at + 1 < path.size())
            ++at;
        name += path[at];
    }
    path.remove_prefix(at);
    return name;
}

} // namespace

std::string wrongJsonPath(std::string_view path)
{
    while (!path.empty()) {
        if (path.front() == '[') {
            const auto whole = path;
            const auto inside = takeBracket(path);
            if (inside.empty())
                return path.size() == whole.size() ? "unterminated array" : "invalid array index";
            std::int64_t index = 0;
            const auto [end, error] = std::from_chars(inside.data(), inside.data() + inside.size(), index);
            const bool number = error == std::errc{} && end == inside.data() + inside.size();
            const bool slice = inside.find_first_not_of("0123456789-:") == inside.npos;
            const bool filter = inside.starts_with("?(") && inside.ends_with(")");
            if (!number && !slice && !filter && inside != "*" && !isQuoted(inside))
                return "invalid array index " + std::string(inside);
            continue;
        }
        if (path.front() != '.')
            return "unrecognized character in action: " + std::string(path.substr(0, 1));
        path.remove_prefix(path.starts_with("..") ? 2 : 1);
        if (!path.starts_with('['))
            takeName(path);
    }
    return {};
}

std::vector<const Value*> evaluateJsonPath(const Value& value, std::string_view path)
{
    path = trimmed(path);
    if (path.starts_with('{') && path.ends_with('}'))
        path = trimmed(path.substr(1, path.size() - 2));
    if (path.starts_with('$'))
        path.remove_prefix(1);
    Values values{&value};
    while (!path.empty() && !values.empty()) {
        if (path[0] == '[') {
            const auto inside = takeBracket(path);
            if (inside.empty())
                return {};
            values = bracket(values, inside);
            continue;
        }
        if (path[0] == '.')
            path.remove_prefix(1);
        if (path.starts_with('['))
            continue;
        const auto name = takeName(path);
        if (name.empty())
            return path.empty() ? values : Values{};
        values = name == "*" ? children(values) : members(values, name);
    }
    return values;
}

} // namespace keelson::api
