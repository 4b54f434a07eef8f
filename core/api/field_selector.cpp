// SPDX-License-Identifier: Apache-2.0
#include "api/selector.h"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace keelson::api {
namespace {

/// Up to the next comma that is not escaped.
std::string_view takeTerm(std::string_view& rest)
{
    std::size_t at = 0;
    while (at < rest.size() && rest[at] != ',')
        at += rest[at] == '\\' ? 2 : 1;
    at = std::min(at, rest.size());
    const auto term = rest.substr(0, at);
    rest.remove_prefix(std::min(at + 1, rest.size()));
    return term;
}

Result<std::string> unescape(std::string_view text)
{
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\') {
            ++at;
            if (at == text.size() || std::string_view{"\\,="}.find(text[at]) == std::string_view::npos)
                return fail(Reason::BadRequest,
                            fmt::format("invalid field selector: invalid escape sequence in value: {}", text));
        } else if (text[at] == '=') {
            return fail(Reason::BadRequest, fmt::format("invalid field selector: unescaped '=' in value: {}", text));
        }
        plain += text[at];
    }
    return plain;
}

std::string scalarText(const Value& value)
{
    if (value.is_string())
        return std::string{value.get_string()};
    if (value.is_null() || value.is_structured())
        return {};
    return boost::json::serialize(value);
}

std::string fieldText(const Value& object, std::string_view path)
{
    const Value* at = &object;
    while (at) {
        const auto* members = at->if_object();
        if (!members)
            return {};
        const auto dot = path.find('.');
        at = members->if_contains(path.substr(0, dot));
        if (dot == std::string_view::npos)
            return at ? scalarText(*at) : std::string{};
        path.remove_prefix(dot + 1);
    }
    return {};
}

} // namespace

Result<FieldSelector> FieldSelector::parse(std::string_view text)
{
    FieldSelector selector;
    while (!text.empty()) {
        const auto term = takeTerm(text);
        if (term.empty())
            continue;
        const auto at = term.find_first_of("=!");
        const auto operation = at == std::string_view::npos ? std::string_view{} : term.substr(at);
        Requirement requirement;
        std::size_t length = 0;
        if (operation.starts_with("!=") || operation.starts_with("=="))
            length = 2;
        else if (operation.starts_with("="))
            length = 1;
        if (length == 0 || at == 0)
            return fail(Reason::BadRequest,
                        fmt::format("invalid field selector: '{}'; can't understand '{}'", term, term));
        requirement.equal = operation[0] == '=';
        requirement.field = term.substr(0, at);
        TRY_ASSIGN(requirement.value, unescape(operation.substr(length)));
        selector.m_requirements.push_back(std::move(requirement));
    }
    return selector;
}

bool FieldSelector::matches(const Value& object) const
{
    return std::ranges::all_of(m_requirements, [&](const Requirement& requirement) {
        return (fieldText(object, requirement.field) == requirement.value) == requirement.equal;
    });
}

} // namespace keelson::api
