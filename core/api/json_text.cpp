// SPDX-License-Identifier: Apache-2.0
#include "api/json_text.h"

#include <fmt/format.h>

namespace keelson::api {
namespace {

/// The text of a member of the object that is next; empty when it has none of that name.
std::string_view memberOf(std::string_view object, std::string_view name)
{
    JsonScanner scanner(object);
    if (!scanner.take('{'))
        return {};
    do {
        const auto key = scanner.string();
        if (!key || !scanner.take(':'))
            return {};
        const auto value = scanner.value();
        if (!value || *key == name)
            return value.value_or(std::string_view{});
    } while (scanner.take(','));
    return {};
}

} // namespace

void JsonScanner::passSpace()
{
    while (m_at < m_text.size() &&
           (m_text[m_at] == ' ' || m_text[m_at] == '\n' || m_text[m_at] == '\t' || m_text[m_at] == '\r'))
        ++m_at;
}

bool JsonScanner::take(char wanted)
{
    passSpace();
    if (m_at >= m_text.size() || m_text[m_at] != wanted)
        return false;
    ++m_at;
    return true;
}

std::optional<std::string_view> JsonScanner::string()
{
    if (!take('"'))
        return std::nullopt;
    const auto begin = m_at;
    for (; m_at < m_text.size() && m_text[m_at] != '"'; ++m_at) {
        if (m_text[m_at] == '\\')
            ++m_at;
    }
    if (m_at >= m_text.size())
        return std::nullopt;
    return m_text.substr(begin, m_at++ - begin);
}

std::optional<std::string_view> JsonScanner::value()
{
    passSpace();
    const auto begin = m_at;
    std::size_t depth = 0;
    while (m_at < m_text.size()) {
        const char c = m_text[m_at];
        if (c == '"') {
            if (!string())
                return std::nullopt;
        } else if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
            break;
        } else {
            if (c == '{' || c == '[')
                ++depth;
            if (c == '}' || c == ']')
                --depth;
            ++m_at;
        }
        if (depth == 0 && (c == '"' || c == '}' || c == ']'))
            break;
    }
    if (depth > 0 || m_at == begin)
        return std::nullopt;
    return m_text.substr(begin, m_at - begin);
}

bool JsonScanner::atEnd()
{
    passSpace();
    return m_at >= m_text.size();
}

void appendJsonString(std::string& out, std::string_view text)
{
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < ' ') {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    out += '"';
}

std::string_view managedFieldsIn(std::string_view object)
{
    return memberOf(memberOf(object, "metadata"), "managedFields");
}

std::string withoutManagedFields(std::string_view object)
{
    const auto fields = managedFieldsIn(object);
    if (fields.empty())
        return std::string(object);
    constexpr std::string_view name = "\"managedFields\":";
    auto begin = static_cast<std::size_t>(fields.data() - object.data()) - name.size();
    auto end = begin + name.size() + fields.size();
    if (object[begin - 1] == ',')
        --begin;
    else if (object[end] == ',')
        ++end;
    return std::string(object.substr(0, begin)).append(object.substr(end));
}

} // namespace keelson::api
