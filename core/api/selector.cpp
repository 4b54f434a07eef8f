// SPDX-License-Identifier: Apache-2.0
#include "api/selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <tuple>

namespace keelson::api {
namespace {

using Requirement = LabelSelector::Requirement;
using Operator = LabelSelector::Operator;

bool isAlphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool isLabelValue(std::string_view text)
{
    if (text.empty())
        return true;
    if (text.size() > 63 || !isAlphanumeric(text.front()) || !isAlphanumeric(text.back()))
        return false;
    return std::ranges::all_of(text, [](char c) { return isAlphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool isLabelPrefix(std::string_view text)
{
    if (text.empty() || text.size() > 253)
        return false;
    char before = '.';
    for (const char c : text) {
        const bool letterOrDigit = isAlphanumeric(c) && !(c >= 'A' && c <= 'Z');
        if (!letterOrDigit && c != '.' && c != '-')
            return false;
        if (!letterOrDigit && before == '.')
            return false;
        if (c == '.' && before == '-')
            return false;
        before = c;
    }
    return before != '.' && before != '-';
}

bool isLabelKey(std::string_view text)
{
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
        if (!isLabelPrefix(text.substr(0, slash)))
            return false;
        text = text.substr(slash + 1);
    }
    return !text.empty() && isLabelValue(text);
}

bool readInteger(std::string_view text, std::int64_t& number)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

/// Empty when the requirement may stand, else what is wrong with it.
std::string whatIsWrong(const Requirement& requirement)
{
    if (!isLabelKey(requirement.key))
        return fmt::format(
            "key: Invalid value: \"{}\": name part must consist of alphanumeric characters, '-', '_' or '.', "
            "and must start and end with an alphanumeric character, with an optional DNS subdomain prefix "
            "and '/'",
            requirement.key);
    const bool takesSet = requirement.op == Operator::In || requirement.op == Operator::NotIn;
    if (takesSet && requirement.values.empty())
        return "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty";
    for (const auto& value : requirement.values) {
        std::int64_t number = 0;
        if ((requirement.op == Operator::GreaterThan || requirement.op == Operator::LessThan) &&
            !readInteger(value, number))
            return fmt::format(
                "values[0]: Invalid value: \"{}\": for 'Gt', 'Lt' operators, the value must be an integer", value);
        if (!isLabelValue(value))
            return fmt::format(
                "values: Invalid value: \"{}\": a valid label must be an empty string or consist of alphanumeric "
                "characters, '-', '_' or '.', and must start and end with an alphanumeric character, and "
                "must be no more than 63 characters",
                value);
    }
    return {};
}

enum class TokenKind { End, Identifier, Open, Close, Comma, Not, Equal, NotEqual, Less, Greater };

struct Token {
    TokenKind kind = TokenKind::End;
    std::string_view text;
    std::size_t place = 0; ///< Bytes from the start.
};

class LabelSelectorReader {
public:
    explicit LabelSelectorReader(std::string_view text) : m_text(text) { advance(); }

    Result<std::vector<Requirement>> read()
    {
        std::vector<Requirement> requirements;
        if (m_token.kind == TokenKind::End)
            return requirements;
        while (true) {
            TRY_ASSIGN(auto requirement, readRequirement());
            if (const auto wrong = whatIsWrong(requirement); !wrong.empty())
                return fail(Reason::BadRequest, "unable to parse requirement: " + wrong);
            requirements.push_back(std::move(requirement));
            if (m_token.kind == TokenKind::End)
                return requirements;
            if (m_token.kind != TokenKind::Comma)
                return expected("',' or 'end of string'");
            advance();
            if (m_token.kind != TokenKind::Identifier && m_token.kind != TokenKind::Not)
                return expected("identifier after ','");
        }
    }

private:
    static bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

    void advance()
    {
        while (m_at < m_text.size() && isSpace(m_text[m_at]))
            ++m_at;
        const auto start = m_at;
        const auto take = [&](TokenKind kind, std::size_t length) {
            m_at = start + length;
            m_token = {kind, m_text.substr(start, length), start};
        };
        if (start >= m_text.size())
            return take(TokenKind::End, 0);
        const bool equalNext = start + 1 < m_text.size() && m_text[start + 1] == '=';
        switch (m_text[start]) {
        case '(':
            return take(TokenKind::Open, 1);
        case ')':
            return take(TokenKind::Close, 1);
        case ',':
            return take(TokenKind::Comma, 1);
        case '<':
            return take(TokenKind::Less, 1);
        case '>':
            return take(TokenKind::Greater, 1);
        case '=':
            return take(TokenKind::Equal, equalNext ? 2 : 1);
        case '!':
            return equalNext ? take(TokenKind::NotEqual, 2) : take(TokenKind::Not, 1);
        default:
            break;
        }
        auto end = start;
        while (end < m_text.size() && !isSpace(m_text[end]) &&
               std::string_view{"(),<>=!"}.find(m_text[end]) == std::string_view::npos)
            ++end;
        take(TokenKind::Identifier, end - start);
    }

    std::unexpected<Error> expected(std::string_view what) const
    {
        return fail(Reason::BadRequest,
                    fmt::format("unable to parse requirement: found '{}' at position {}, expected: {}", m_token.text,
                                m_token.place, what));
    }

    Result<Requirement> readRequirement()
    {
        Requirement requirement;
        const bool negated = m_token.kind == TokenKind::Not;
        if (negated)
            advance();
        if (m_token.kind != TokenKind::Identifier)
            return expected(negated ? "identifier after '!'" : "!, identifier, or 'end of string'");
        requirement.key = m_token.text;
        advance();
        if (negated || m_token.kind == TokenKind::End || m_token.kind == TokenKind::Comma) {
            requirement.op = negated ? Operator::DoesNotExist : Operator::Exists;
            return requirement;
        }
        const auto word = m_token.kind == TokenKind::Identifier ? m_token.text : std::string_view{};
        switch (m_token.kind) {
        case TokenKind::Equal:
            requirement.op = Operator::In;
            break;
        case TokenKind::NotEqual:
            requirement.op = Operator::NotIn;
            break;
        case TokenKind::Greater:
            requirement.op = Operator::GreaterThan;
            break;
        case TokenKind::Less:
            requirement.op = Operator::LessThan;
            break;
        default:
            if (word != "in" && word != "notin")
                return expected("in, notin, =, ==, !=, gt, lt");
            requirement.op = word == "in" ? Operator::In : Operator::NotIn;
            advance();
            TRY_ASSIGN(requirement.values, readSet());
            return requirement;
        }
        advance();
        requirement.values.emplace_back();
        if (m_token.kind == TokenKind::Identifier) {
            requirement.values.back() = m_token.text;
            advance();
        } else if (m_token.kind != TokenKind::End && m_token.kind != TokenKind::Comma) {
            return expected("identifier");
        }
        return requirement;
    }

    Result<std::vector<std::string>> readSet()
    {
        std::vector<std::string> values;
        if (m_token.kind != TokenKind::Open)
            return expected("'('");
        advance();
        bool valueSeen = false;
        while (m_token.kind != TokenKind::Close) {
            if (m_token.kind == TokenKind::Identifier && !valueSeen) {
                values.emplace_back(m_token.text);
                valueSeen = true;
            } else if (m_token.kind == TokenKind::Comma) {
                if (!valueSeen)
                    values.emplace_back();
                valueSeen = false;
            } else {
                return expected("',' or ')'");
            }
            const bool comma = m_token.kind == TokenKind::Comma;
            advance();
            if (comma && m_token.kind == TokenKind::Close)
                values.emplace_back();
        }
        advance();
        return values;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    Token m_token;
};

template <typename Lookup>
bool requirementMatches(const Requirement& requirement, const Lookup& lookup)
{
    const std::optional<std::string_view> value = lookup(requirement.key);
    const auto among = [&] {
        return std::ranges::any_of(requirement.values, [&](const std::string& wanted) { return wanted == *value; });
    };
    switch (requirement.op) {
    case Operator::In:
        return value && among();
    case Operator::NotIn:
        return !value || !among();
    case Operator::Exists:
        return value.has_value();
    case Operator::DoesNotExist:
        return !value;
    case Operator::GreaterThan:
    case Operator::LessThan:
        break;
    }
    std::int64_t number = 0;
    std::int64_t bound = 0;
    if (!value || requirement.values.empty() || !readInteger(*value, number) ||
        !readInteger(requirement.values[0], bound))
        return false;
    return requirement.op == Operator::GreaterThan ? number > bound : number < bound;
}

std::string requirementText(const Requirement& requirement)
{
    const auto set = [&] { return fmt::format("({})", fmt::join(requirement.values, ",")); };
    const bool single = requirement.values.size() == 1;
    switch (requirement.op) {
    case Operator::In:
        return requirement.key + (single ? "=" + requirement.values[0] : " in " + set());
    case Operator::NotIn:
        return requirement.key + (single ? "!=" + requirement.values[0] : " notin " + set());
    case Operator::Exists:
        return requirement.key;
    case Operator::DoesNotExist:
        return "!" + requirement.key;
    case Operator::GreaterThan:
        return fmt::format("{}>{}", requirement.key, fmt::join(requirement.values, ","));
    case Operator::LessThan:
        return fmt::format("{}<{}", requirement.key, fmt::join(requirement.values, ","));
    }
    return {};
}

Result<Requirement> readExpression(const Object& expression)
{
    Requirement requirement;
    if (const auto* key = expression.if_contains("key"); key && key->is_string())
        requirement.key = key->get_string();
    std::string word;
    if (const auto* op = expression.if_contains("operator"); op && op->is_string())
        word = op->get_string();
    if (const auto* values = expression.if_contains("values"); values && values->is_array()) {
        for (const auto& value : values->get_array()) {
            if (value.is_string())
                requirement.values.emplace_back(value.get_string());
        }
    }
    if (word == "In")
        requirement.op = Operator::In;
    else if (word == "NotIn")
        requirement.op = Operator::NotIn;
    else if (word == "Exists")
        requirement.op = Operator::Exists;
    else if (word == "DoesNotExist")
        requirement.op = Operator::DoesNotExist;
    else
        return fail(Reason::Invalid, fmt::format("\"{}\" is not a valid label selector operator", word));
    const bool takesSet = requirement.op == Operator::In || requirement.op == Operator::NotIn;
    if (!takesSet && !requirement.values.empty())
        return fail(Reason::Invalid, "values: Invalid value: values set must be empty for exists and does not exist");
    return requirement;
}

} // namespace

LabelSelector::LabelSelector(std::vector<Requirement> requirements) : m_requirements(std::move(requirements))
{
    for (auto& requirement : m_requirements) {
        std::ranges::sort(requirement.values);
        const auto repeated = std::ranges::unique(requirement.values);
        requirement.values.erase(repeated.begin(), repeated.end());
    }
    std::ranges::sort(m_requirements, {},
                      [](const Requirement& each) { return std::tie(each.key, each.op, each.values); });
}

Result<LabelSelector> LabelSelector::parse(std::string_view text)
{
    TRY_ASSIGN(auto requirements, LabelSelectorReader{text}.read());
    return LabelSelector{std::move(requirements)};
}

Result<LabelSelector> LabelSelector::fromObject(const Value& selector)
{
    std::vector<Requirement> requirements;
    if (!selector.is_object())
        return LabelSelector{};
    const auto& object = selector.get_object();
    if (const auto* labels = object.if_contains("matchLabels"); labels && labels->is_object()) {
        for (const auto& [key, value] : labels->get_object())
            requirements.push_back(
                {std::string{key}, Operator::In, {value.is_string() ? std::string{value.get_string()} : ""}});
    }
    if (const auto* expressions = object.if_contains("matchExpressions"); expressions && expressions->is_array()) {
        for (const auto& expression : expressions->get_array()) {
            if (!expression.is_object())
                continue;
            TRY_ASSIGN(auto requirement, readExpression(expression.get_object()));
            requirements.push_back(std::move(requirement));
        }
    }
    for (const auto& requirement : requirements) {
        if (const auto wrong = whatIsWrong(requirement); !wrong.empty())
            return fail(Reason::Invalid, wrong);
    }
    return LabelSelector{std::move(requirements)};
}

LabelSelector LabelSelector::fromLabels(const Labels& labels)
{
    std::vector<Requirement> requirements;
    for (const auto& [key, value] : labels)
        requirements.push_back({key, Operator::In, {value}});
    return LabelSelector{std::move(requirements)};
}

bool LabelSelector::matches(const Labels& labels) const
{
    const auto lookup = [&](const std::string& key) -> std::optional<std::string_view> {
        const auto found = labels.find(key);
        return found == labels.end() ? std::nullopt : std::optional<std::string_view>{found->second};
    };
    return std::ranges::all_of(m_requirements, [&](const auto& each) { return requirementMatches(each, lookup); });
}

bool LabelSelector::matches(const Value* labels) const
{
    const auto* object = labels ? labels->if_object() : nullptr;
    const auto lookup = [&](const std::string& key) -> std::optional<std::string_view> {
        const auto* value = object ? object->if_contains(key) : nullptr;
        if (!value || !value->is_string())
            return std::nullopt;
        return std::string_view{value->get_string()};
    };
    return std::ranges::all_of(m_requirements, [&](const auto& each) { return requirementMatches(each, lookup); });
}

std::string LabelSelector::text() const
{
    std::string text;
    for (const auto& requirement : m_requirements)
        text += (text.empty() ? "" : ",") + requirementText(requirement);
    return text;
}

} // namespace keelson::api
