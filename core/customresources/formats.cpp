// SPDX-License-Identifier: Apache-2.0
#include "customresources/formats.h"

#include "api/base64.h"
#include "api/duration.h"
#include "api/name_forms.h"
#include "base/clock.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <string>

namespace keelson::customresources {
namespace {

bool matches(std::string_view text, const re2::RE2& expression)
{
    return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), expression);
}

bool isDateTime(std::string_view text)
{
    return parseTime(text).has_value();
}

bool isDate(std::string_view text)
{
    static const re2::RE2 form(R"(\d{4}-\d{2}-\d{2})");
    return matches(text, form) && parseTime(std::string(text) + "T00:00:00Z").has_value();
}

/// As Go writes it ("1h30m"), or a number and a unit in words ("3 days").
bool isDuration(std::string_view text)
{
    static const re2::RE2 words(
        R"((?i)\s*\d+\s*(ns|nanos?|us|µs|micros?|ms|millis?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)\s*)");
    return api::parseDuration(text).has_value() || matches(text, words);
}

bool isByte(std::string_view text)
{
    return api::decodeBase64(text).has_value();
}

bool isIpv4(std::string_view text)
{
    return text.find(':') == text.npos && api::wrongIp(text).empty();
}

bool isIpv6(std::string_view text)
{
    return text.find(':') != text.npos && api::wrongIp(text).empty();
}

bool isIp(std::string_view text)
{
    return api::wrongIp(text).empty();
}

bool isCidr(std::string_view text)
{
    return api::wrongCidr(text).empty();
}

bool isHostname(std::string_view text)
{
    static const re2::RE2 form(
        R"([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*)");
    constexpr std::size_t lengthMax = 255;
    return text.size() <= lengthMax && matches(text, form);
}

bool isEmail(std::string_view text)
{
    static const re2::RE2 form(R"([^@\s<>]+@[^@\s<>]+)");
    return matches(text, form);
}

bool isUri(std::string_view text)
{
    static const re2::RE2 form(R"(([a-zA-Z][a-zA-Z0-9+.-]*:\S+)|(/\S*))");
    return matches(text, form);
}

bool isMac(std::string_view text)
{
    static const re2::RE2 form(R"(([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}[:-][0-9a-fA-F]{2})?)");
    return matches(text, form);
}

bool isUuid(std::string_view text)
{
    static const re2::RE2 form(R"((?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})");
    return matches(text, form);
}

bool isHexColor(std::string_view text)
{
    static const re2::RE2 form(R"(#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6}))");
    return matches(text, form);
}

struct Format {
    std::string_view name;
    bool (*has)(std::string_view);
};

constexpr std::array formats{
    Format{"byte", isByte},         Format{"cidr", isCidr},
    Format{"date", isDate},         Format{"date-time", isDateTime},
    Format{"datetime", isDateTime}, Format{"duration", isDuration},
    Format{"email", isEmail},       Format{"hexcolor", isHexColor},
    Format{"hostname", isHostname}, Format{"ip", isIp},
    Format{"ipv4", isIpv4},         Format{"ipv6", isIpv6},
    Format{"mac", isMac},           Format{"uri", isUri},
    Format{"uuid", isUuid},
};

} // namespace

bool hasFormat(std::string_view text, std::string_view format)
{
    const auto found = std::ranges::find(formats, format, &Format::name);
    return found == formats.end() || found->has(text);
}

} // namespace keelson::customresources
