// SPDX-License-Identifier: Apache-2.0
#include "apiserver/warning_headers.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace keelson::apiserver {
namespace {

/// Whether a byte of UTF-8 begins a code point.
bool isFirstByte(char byte)
{
    constexpr unsigned mask = 0xC0;
    constexpr unsigned following = 0x80;
    return (static_cast<unsigned char>(byte) & mask) != following;
}

std::size_t lengthOf(std::string_view text)
{
    return static_cast<std::size_t>(std::ranges::count_if(text, isFirstByte));
}

/// The first `length` code points.
std::string_view cut(std::string_view text, std::size_t length)
{
    std::size_t seen = 0;
    const auto end = std::ranges::find_if(text, [&](char byte) { return isFirstByte(byte) && seen++ == length; });
    return {text.begin(), end};
}

std::string quoted(std::string_view text)
{
    std::string quoted;
    for (const char letter : text) {
        if (letter == '"' || letter == '\\')
            quoted += '\\';
        if (static_cast<unsigned char>(letter) >= ' ')
            quoted += letter;
    }
    return fmt::format("299 - \"{}\"", quoted);
}

} // namespace

std::vector<std::string> warningHeaders(const std::vector<std::string>& texts)
{
    std::vector<std::string_view> different;
    std::set<std::string_view> known;
    std::size_t length = 0;
    for (const auto& text : texts) {
        if (text.empty() || !known.insert(text).second)
            continue;
        different.push_back(text);
        length += lengthOf(text);
    }
    const bool tooLong = length > warningsLengthMax;
    std::vector<std::string> headers;
    std::size_t written = 0;
    for (const auto text : different) {
        if (tooLong && written >= warningsLengthMax)
            break;
        const auto told = tooLong ? cut(text, warningLengthMax) : text;
        written += lengthOf(told);
        headers.push_back(quoted(told));
    }
    return headers;
}

} // namespace keelson::apiserver
