// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"

#include <fmt/format.h>

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace keelson::api {
namespace {

constexpr std::size_t labelMax = 63;
constexpr std::size_t subdomainMax = 253;

bool isLower(char c)
{
    return c >= 'a' && c <= 'z';
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isLowerOrDigit(char c)
{
    return isLower(c) || isDigit(c);
}

bool isLetterOrDigit(char c)
{
    return isLowerOrDigit(c) || (c >= 'A' && c <= 'Z');
}

/// Letters and digits at both ends, those and `inner` between them.
bool isWord(std::string_view text, bool (*edge)(char), std::string_view inner)
{
    if (text.empty() || !edge(text.front()) || !edge(text.back()))
        return false;
    return std::ranges::all_of(text, [&](char c) { return edge(c) || inner.find(c) != inner.npos; });
}

std::string tooLong(std::size_t max)
{
    return fmt::format("must be no more than {} characters", max);
}

/// Kubernetes' words for what misses a form: with examples, and the regular expression that says it.
std::string misses(std::string_view words, std::initializer_list<std::string_view> examples,
                   std::string_view expression)
{
    std::string text(words);
    text += " (e.g. ";
    for (const auto example : examples)
        text += fmt::format("{}'{}', ", example == *examples.begin() ? "" : " or ", example);
    return text + fmt::format("regex used for validation is '{}')", expression);
}

constexpr std::string_view qualifiedWords =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

std::string missesQualified(std::string_view subject)
{
    return misses(fmt::format("{} {}", subject, qualifiedWords), {"MyName", "my.name", "123-abc"},
                  "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
}

} // namespace

std::string wrongDnsSubdomain(std::string_view text)
{
    if (text.size() > subdomainMax)
        return tooLong(subdomainMax);
    bool good = !text.empty();
    for (std::size_t at = 0; good && at <= text.size();) {
        const auto stop = std::min(text.find('.', at), text.size());
        good = isWord(text.substr(at, stop - at), isLowerOrDigit, "-");
        at = stop + 1;
    }
    return good ? ""
                : misses("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
                         "'.', and "
                         "must start and end with an alphanumeric character",
                         {"example.com"}, R"([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)");
}

std::string wrongDnsLabel(std::string_view text)
{
    if (text.size() > labelMax)
        return tooLong(labelMax);
    if (isWord(text, isLowerOrDigit, "-"))
        return {};
    return wrongDnsSubdomain(text).empty() ? "must not contain dots"
                                           : misses("a lowercase RFC 1123 label must consist of lower case "
                                                    "alphanumeric characters or '-', and must start "
                                                    "and end with an alphanumeric character",
                                                    {"my-name", "123-abc"}, "[a-z0-9]([-a-z0-9]*[a-z0-9])?");
}

std::string wrongDns1035Label(std::string_view text)
{
    if (text.size() > labelMax)
        return tooLong(labelMax);
    return isWord(text, isLowerOrDigit, "-") && isLower(text.front())
               ? ""
               : misses("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
                        "alphabetic "
                        "character, and end with an alphanumeric character",
                        {"my-name", "abc-123"}, "[a-z]([-a-z0-9]*[a-z0-9])?");
}

std::string wrongPathSegment(std::string_view text)
{
    if (text == "." || text == "..")
        return fmt::format("may not be '{}'", text);
    for (const char c : {'/', '%'})
        if (text.find(c) != text.npos)
            return fmt::format("may not contain '{}'", c);
    return {};
}

std::string wrongQualifiedName(std::string_view text)
{
    const auto slash = text.find('/');
    auto name = text;
    if (slash != text.npos) {
        name = text.substr(slash + 1);
        if (name.find('/') != name.npos)
            return missesQualified("a qualified name") +
                   " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
        if (slash == 0)
            return "prefix part must be non-empty";
        if (const auto wrong = wrongDnsSubdomain(text.substr(0, slash)); !wrong.empty())
            return "prefix part " + wrong;
    }
    if (name.empty())
        return "name part must be non-empty";
    if (name.size() > labelMax)
        return "name part " + tooLong(labelMax);
    return isWord(name, isLetterOrDigit, "-_.") ? "" : missesQualified("name part");
}

std::string wrongLabelValue(std::string_view text)
{
    constexpr std::string_view must = "must ";
    if (text.size() > labelMax)
        return tooLong(labelMax);
    return text.empty() || isWord(text, isLetterOrDigit, "-_.")
               ? ""
               : misses(fmt::format("a valid label must be an empty string or {}", qualifiedWords.substr(must.size())),
                        {"MyValue", "my_value", "12345"}, "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?");
}

std::string wrongConfigKey(std::string_view text)
{
    if (text.size() > subdomainMax)
        return tooLong(subdomainMax);
    if (text == "." || text == ".." || text.starts_with(".."))
        return text.size() > 2 ? "must not start with '..'" : fmt::format("must not be '{}'", text);
    const bool good = !text.empty() && std::ranges::all_of(text, [](char c) {
        return isLetterOrDigit(c) || c == '-' || c == '_' || c == '.';
    });
    return good ? ""
                : misses("a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
                         {"key.name", "KEY_NAME", "key-name"}, "[-._a-zA-Z0-9]+");
}

std::string wrongEnvName(std::string_view text)
{
    if (text.empty())
        return "environment variable name must be non-empty";
    const bool good = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~' && c != '='; });
    return good ? ""
                : "a valid environment variable name must consist only of printable ASCII characters other than '='";
}

std::string wrongHeaderName(std::string_view text)
{
    const bool good = !text.empty() && std::ranges::all_of(text, [](char c) { return isLetterOrDigit(c) || c == '-'; });
    return good ? ""
                : misses("a valid HTTP header must consist of alphanumeric characters or '-'", {"X-Header-Name"},
                         "[-A-Za-z0-9]+");
}

std::string wrongPortName(std::string_view text)
{
    if (text.size() > 15)
        return "must be no more than 15 characters";
    if (!std::ranges::all_of(text, [](char c) { return isLowerOrDigit(c) || c == '-'; }) || text.empty())
        return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
    if (std::ranges::none_of(text, isLower))
        return "must contain at least one letter (a-z)";
    if (text.find("--") != text.npos)
        return "must not contain consecutive hyphens";
    return text.front() == '-' || text.back() == '-' ? "must not begin or end with a hyphen" : "";
}

std::string wrongPort(long long number)
{
    return number >= 1 && number <= 65535 ? "" : "must be between 1 and 65535, inclusive";
}

std::string wrongIp(std::string_view text)
{
    unsigned char bytes[16];
    const std::string address(text);
    const bool good =
        inet_pton(AF_INET, address.c_str(), bytes) == 1 || inet_pton(AF_INET6, address.c_str(), bytes) == 1;
    return good ? "" : "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
}

std::string wrongCidr(std::string_view text)
{
    const auto slash = text.find('/');
    bool good = slash != text.npos && wrongIp(text.substr(0, slash)).empty();
    if (good) {
        const auto length = text.substr(slash + 1);
        int bits = -1;
        const auto [end, code] = std::from_chars(length.data(), length.data() + length.size(), bits);
        const int max = text.find(':') == text.npos ? 32 : 128;
        good = code == std::errc{} && end == length.data() + length.size() && bits >= 0 && bits <= max;
    }
    return good ? "" : "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
}

std::string wrongWildcardSubdomain(std::string_view text)
{
    return text.starts_with("*.") && wrongDnsSubdomain(text.substr(2)).empty()
               ? ""
               : misses(
                     "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which "
                     "must "
                     "consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
                     {"*.example.com"}, R"(\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)");
}

std::string wrongDomainPath(std::string_view text)
{
    const auto slash = text.find('/');
    if (slash == text.npos || slash + 1 == text.size())
        return "must be a domain-prefixed path (such as \"acme.io/foo\")";
    return wrongDnsSubdomain(text.substr(0, slash));
}

bool isStrictSubnet(std::string_view part, std::string_view whole)
{
    struct Range {
        unsigned char bytes[16] = {};
        int bits = 0;
        bool four = false;
    };
    const auto read = [](std::string_view text) {
        Range range;
        const auto slash = text.find('/');
        const std::string address(text.substr(0, slash));
        range.four = address.find(':') == address.npos;
        inet_pton(range.four ? AF_INET : AF_INET6, address.c_str(), range.bytes);
        std::from_chars(text.data() + slash + 1, text.data() + text.size(), range.bits);
        return range;
    };
    const auto inner = read(part);
    const auto outer = read(whole);
    if (inner.four != outer.four || inner.bits <= outer.bits)
        return false;
    for (int bit = 0; bit < outer.bits; ++bit)
        if (((inner.bytes[bit / 8] ^ outer.bytes[bit / 8]) >> (7 - bit % 8) & 1) != 0)
            return false;
    return true;
}

std::string wrongPercent(std::string_view text)
{
    const bool good =
        text.size() > 1 && text.back() == '%' && std::ranges::all_of(text.substr(0, text.size() - 1), isDigit);
    return good ? ""
                : misses("a valid percent string must be a numeric string followed by an ending '%'", {"1%", "93%"},
                         "[0-9]+%");
}

} // namespace keelson::api
