// SPDX-License-Identifier: Apache-2.0
#include "cel/functions.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>

namespace keelson::cel {
namespace {

using Args = std::span<const Value>;

/// What calls on texts begin with: all arguments but numbers are texts.
bool areTexts(Args args)
{
    return std::ranges::all_of(args, [](const Value& value) { return value.as<std::string>() != nullptr; });
}

const std::string& text(const Value& value)
{
    return *value.as<std::string>();
}

std::int64_t wholeOr(Args args, std::size_t at, std::int64_t otherwise)
{
    return at < args.size() && args[at].as<std::int64_t>() ? *args[at].as<std::int64_t>() : otherwise;
}

/// Characters before a byte.
std::int64_t characters(std::string_view text)
{
    return static_cast<std::int64_t>(charactersOf(text).size());
}

Result<Value> size(Args args)
{
    const auto count = args[0].size();
    if (count < 0)
        return noOverload("size");
    return count;
}

template <auto test>
Result<Value> tested(Args args)
{
    if (!areTexts(args))
        return noOverload("string test");
    return (std::string_view(text(args[0])).*test)(std::string_view(text(args[1])));
}

Result<Value> matches(Args args)
{
    if (!areTexts(args))
        return noOverload("matches");
    re2::RE2::Options options;
    options.set_log_errors(false);
    const re2::RE2 expression(text(args[1]), options);
    if (!expression.ok())
        return fail(Reason::Invalid, fmt::format("error parsing regexp: {}", expression.error()));
    return re2::RE2::PartialMatch(text(args[0]), expression);
}

Result<Value> find(Args args)
{
    if (!areTexts(args))
        return noOverload("find");
    re2::RE2::Options options;
    options.set_log_errors(false);
    const re2::RE2 expression("(" + text(args[1]) + ")", options);
    std::string found;
    if (!expression.ok())
        return fail(Reason::Invalid, fmt::format("error parsing regexp: {}", expression.error()));
    re2::RE2::PartialMatch(text(args[0]), expression, &found);
    return found;
}

/// Matches that do not overlap, the first `limit` of them; an empty one does not follow right behind another.
Result<Value> findAll(Args args)
{
    if (!areTexts(args.first(2)))
        return noOverload("findAll");
    re2::RE2::Options options;
    options.set_log_errors(false);
    const re2::RE2 expression(text(args[1]), options);
    if (!expression.ok())
        return fail(Reason::Invalid, fmt::format("error parsing regexp: {}", expression.error()));
    const auto limit = wholeOr(args, 2, -1);
    const re2::StringPiece whole(text(args[0]));
    std::vector<Value> found;
    re2::StringPiece part;
    std::size_t begin = 0;
    std::size_t last = whole.npos; // the end of the match before
    while (begin <= whole.size() && (limit < 0 || static_cast<std::int64_t>(found.size()) < limit) &&
           expression.Match(whole, begin, whole.size(), re2::RE2::UNANCHORED, &part, 1)) {
        const auto at = static_cast<std::size_t>(part.data() - whole.data());
        if (!part.empty() || at != last)
            found.emplace_back(std::string(part.data(), part.size()));
        last = at + part.size();
        begin = part.empty() ? last + 1 : last;
    }
    return Value::list(std::move(found));
}

template <bool upper>
Result<Value> inCase(Args args)
{
    if (!areTexts(args))
        return noOverload(upper ? "upperAscii" : "lowerAscii");
    auto changed = text(args[0]);
    for (auto& c : changed)
        if (upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z')
            c = static_cast<char>(upper ? c - 'a' + 'A' : c - 'A' + 'a');
    return changed;
}

Result<Value> trim(Args args)
{
    if (!areTexts(args))
        return noOverload("trim");
    const auto& whole = text(args[0]);
    constexpr std::string_view space = " \t\r\n\f\v";
    const auto begin = whole.find_first_not_of(space);
    if (begin == whole.npos)
        return std::string();
    return whole.substr(begin, whole.find_last_not_of(space) - begin + 1);
}

Result<Value> replace(Args args)
{
    if (!areTexts(args.first(3)))
        return noOverload("replace");
    std::string changed;
    std::string_view rest = text(args[0]);
    const auto& from = text(args[1]);
    for (auto left = wholeOr(args, 3, -1); left != 0 && !from.empty(); --left) {
        const auto at = rest.find(from);
        if (at == rest.npos)
            break;
        changed.append(rest.substr(0, at)).append(text(args[2]));
        rest.remove_prefix(at + from.size());
    }
    return changed.append(rest);
}

Result<Value> split(Args args)
{
    if (!areTexts(args.first(2)))
        return noOverload("split");
    const auto limit = wholeOr(args, 2, -1);
    std::vector<Value> parts;
    std::string_view rest = text(args[0]);
    const std::string_view separator = text(args[1]);
    if (limit == 0)
        return Value::list({});
    if (separator.empty()) {
        for (const auto character : charactersOf(rest))
            parts.emplace_back(std::string(character));
        return Value::list(std::move(parts));
    }
    while (limit < 0 || static_cast<std::int64_t>(parts.size()) + 1 < limit) {
        const auto at = rest.find(separator);
        if (at == rest.npos)
            break;
        parts.emplace_back(std::string(rest.substr(0, at)));
        rest.remove_prefix(at + separator.size());
    }
    parts.emplace_back(std::string(rest));
    return Value::list(std::move(parts));
}

Result<Value> join(Args args)
{
    if (!args[0].isList() || !areTexts(args.subspan(1)))
        return noOverload("join");
    std::string joined;
    for (std::int64_t index = 0; index < args[0].size(); ++index) {
        const auto item = args[0].item(index);
        if (!item.as<std::string>())
            return noOverload("join");
        if (index > 0 && args.size() > 1)
            joined += text(args[1]);
        joined += text(item);
    }
    return joined;
}

Result<Value> substring(Args args)
{
    if (!args[0].as<std::string>() || !args[1].as<std::int64_t>())
        return noOverload("substring");
    const auto all = charactersOf(text(args[0]));
    const auto count = static_cast<std::int64_t>(all.size());
    const auto begin = wholeOr(args, 1, 0);
    const auto end = wholeOr(args, 2, count);
    if (begin < 0 || end > count || begin > end)
        return fail(Reason::Invalid, fmt::format("index out of range: {}", begin < 0 || begin > count ? begin : end));
    std::string part;
    for (auto at = begin; at < end; ++at)
        part += all[static_cast<std::size_t>(at)];
    return part;
}

Result<Value> charAt(Args args)
{
    if (!args[0].as<std::string>() || !args[1].as<std::int64_t>())
        return noOverload("charAt");
    const auto all = charactersOf(text(args[0]));
    const auto at = wholeOr(args, 1, 0);
    if (at < 0 || at > static_cast<std::int64_t>(all.size()))
        return fail(Reason::Invalid, fmt::format("index out of range: {}", at));
    return at == static_cast<std::int64_t>(all.size()) ? std::string() : std::string(all[static_cast<std::size_t>(at)]);
}

template <bool last>
Result<Value> indexOf(Args args)
{
    if (args[0].isList()) {
        std::int64_t found = -1;
        for (std::int64_t index = 0; index < args[0].size() && (last || found < 0); ++index)
            if (args[0].item(index) == args[1])
                found = index;
        return found;
    }
    if (!areTexts(args))
        return noOverload("indexOf");
    const std::string_view whole = text(args[0]);
    const auto at = last ? whole.rfind(text(args[1])) : whole.find(text(args[1]));
    return at == whole.npos ? std::int64_t{-1} : characters(whole.substr(0, at));
}

/// "%s of %d": as Go's, with what rules use of it.
Result<Value> format(Args args)
{
    if (!args[0].as<std::string>() || !args[1].isList())
        return noOverload("format");
    std::string out;
    std::int64_t used = 0;
    const auto& pattern = text(args[0]);
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] != '%') {
            out += pattern[at];
            continue;
        }
        at = pattern.find_first_not_of("0123456789.", at + 1);
        if (at == pattern.npos)
            return fail(Reason::Invalid, "unexpected end of format string");
        if (pattern[at] == '%') {
            out += '%';
            continue;
        }
        if (used >= args[1].size())
            return fail(Reason::Invalid, fmt::format("index {} out of range", used));
        const auto shown = textOf(args[1].item(used++));
        if (!shown || std::string_view("sdf").find(pattern[at]) == std::string_view::npos)
            return fail(Reason::Invalid, fmt::format("could not parse formatting clause: {}", pattern[at]));
        out += *shown;
    }
    return out;
}

constexpr auto begins =
    static_cast<bool (std::string_view::*)(std::string_view) const noexcept>(&std::string_view::starts_with);
constexpr auto ends =
    static_cast<bool (std::string_view::*)(std::string_view) const noexcept>(&std::string_view::ends_with);
constexpr auto holds =
    static_cast<bool (std::string_view::*)(std::string_view) const noexcept>(&std::string_view::contains);

constexpr std::array table{
    Function{"size", false, 1, 1, size},
    Function{"size", true, 1, 1, size},
    Function{"startsWith", true, 2, 2, tested<begins>},
    Function{"endsWith", true, 2, 2, tested<ends>},
    Function{"contains", true, 2, 2, tested<holds>},
    Function{"matches", true, 2, 2, matches, Type::Form::Bool},
    Function{"matches", false, 2, 2, matches, Type::Form::Bool},
    Function{"find", true, 2, 2, find, Type::Form::String},
    Function{"findAll", true, 2, 3, findAll, Type::Form::List},
    Function{"lowerAscii", true, 1, 1, inCase<false>},
    Function{"upperAscii", true, 1, 1, inCase<true>},
    Function{"trim", true, 1, 1, trim},
    Function{"replace", true, 3, 4, replace},
    Function{"split", true, 2, 3, split},
    Function{"join", true, 1, 2, join},
    Function{"substring", true, 2, 3, substring},
    Function{"charAt", true, 2, 2, charAt},
    Function{"indexOf", true, 2, 2, indexOf<false>},
    Function{"lastIndexOf", true, 2, 2, indexOf<true>},
    Function{"format", true, 2, 2, format},
};

} // namespace

std::span<const Function> textFunctions()
{
    return table;
}

} // namespace keelson::cel
