// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/encoding.h"

#include "api/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace keelson::document {

namespace {

constexpr std::string_view utf8Mark = "\xef\xbb\xbf";

char32_t unitAt(std::string_view bytes, std::size_t at, bool isBig)
{
    const auto first = static_cast<unsigned char>(bytes[at]);
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    return isBig ? static_cast<char32_t>(first << 8 | second) : static_cast<char32_t>(second << 8 | first);
}

void appendUtf8(std::string& out, char32_t c)
{
    const auto add = [&out](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (c < 0x80) {
        add(c);
    } else if (c < 0x800) {
        add(0xc0 | c >> 6);
        add(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        add(0xe0 | c >> 12);
        add(0x80 | (c >> 6 & 0x3f));
        add(0x80 | (c & 0x3f));
    } else {
        add(0xf0 | c >> 18);
        add(0x80 | (c >> 12 & 0x3f));
        add(0x80 | (c >> 6 & 0x3f));
        add(0x80 | (c & 0x3f));
    }
}

std::unexpected<Error> broken(std::string_view what, std::size_t byte, std::size_t line)
{
    return fail(Reason::BadRequest,
                fmt::format("the file is not {}: byte {} on line {} does not fit. Save it as UTF-8 and open it again",
                            what, byte, line + 1));
}

Result<std::string> fromUtf16(std::string_view bytes, bool isBig)
{
    std::string out;
    out.reserve(bytes.size() / 2);
    std::size_t line = 0;
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        if (at + 1 >= bytes.size())
            return broken("UTF-16", at, line);
        auto c = unitAt(bytes, at, isBig);
        const bool isLow = c >= 0xdc00 && c < 0xe000;
        const bool isHigh = c >= 0xd800 && c < 0xdc00;
        if (isLow || (isHigh && at + 3 >= bytes.size()))
            return broken("UTF-16", at, line);
        if (isHigh) {
            const auto low = unitAt(bytes, at + 2, isBig);
            if (low < 0xdc00 || low >= 0xe000)
                return broken("UTF-16", at, line);
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            at += 2;
        }
        line += c == '\n';
        appendUtf8(out, c);
    }
    return out;
}

Encoding detect(std::string_view bytes)
{
    using Form = Encoding::Form;
    if (bytes.starts_with(utf8Mark))
        return {Form::Utf8, true};
    if (bytes.starts_with("\xff\xfe"))
        return {Form::Utf16Little, true};
    if (bytes.starts_with("\xfe\xff"))
        return {Form::Utf16Big, true};
    if (bytes.size() >= 2 && bytes[0] == '\0' && bytes[1] != '\0')
        return {Form::Utf16Big, false};
    if (bytes.size() >= 2 && bytes[0] != '\0' && bytes[1] == '\0')
        return {Form::Utf16Little, false};
    return {};
}

} // namespace

Result<DecodedText> decode(std::string_view bytes)
{
    const auto encoding = detect(bytes);
    if (encoding.form == Encoding::Form::Utf8) {
        const auto text = bytes.substr(encoding.hasMark ? utf8Mark.size() : 0);
        if (const auto valid = api::utf8Prefix(text); valid < text.size())
            return broken("UTF-8", valid + (bytes.size() - text.size()),
                          static_cast<std::size_t>(std::ranges::count(text.substr(0, valid), '\n')));
        return DecodedText{std::string(text), encoding};
    }
    TRY_ASSIGN(auto text, fromUtf16(bytes.substr(encoding.hasMark ? 2 : 0), encoding.form == Encoding::Form::Utf16Big));
    return DecodedText{std::move(text), encoding};
}

std::string encode(std::string_view text, const Encoding& encoding)
{
    if (encoding.form == Encoding::Form::Utf8)
        return std::string(encoding.hasMark ? utf8Mark : std::string_view()) + std::string(text);
    const bool isBig = encoding.form == Encoding::Form::Utf16Big;
    std::string out;
    out.reserve(text.size() * 2 + 2);
    const auto put = [&](std::uint32_t unit) {
        const auto high = static_cast<char>(static_cast<unsigned char>(unit >> 8));
        const auto low = static_cast<char>(static_cast<unsigned char>(unit));
        out += isBig ? high : low;
        out += isBig ? low : high;
    };
    if (encoding.hasMark)
        put(0xfeff);
    for (std::size_t at = 0; at < text.size();) {
        const auto first = static_cast<unsigned char>(text[at]);
        const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        std::uint32_t c = length == 1 ? first : first & (0xffU >> (length + 1));
        for (std::size_t i = 1; i < length && at + i < text.size(); ++i)
            c = c << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3fU);
        at += length;
        if (c < 0x10000) {
            put(c);
        } else {
            put(0xd800 + ((c - 0x10000) >> 10));
            put(0xdc00 + ((c - 0x10000) & 0x3ff));
        }
    }
    return out;
}

std::string encodingName(const Encoding& encoding)
{
    const char* form = encoding.form == Encoding::Form::Utf8          ? "UTF-8"
                       : encoding.form == Encoding::Form::Utf16Little ? "UTF-16 LE"
                                                                      : "UTF-16 BE";
    return std::string(form) + (encoding.hasMark ? " with BOM" : "");
}

} // namespace keelson::document
