// SPDX-License-Identifier: Apache-2.0
#include "api/utf8.h"

#include <cstdint>

namespace keelson::api {

std::size_t utf8Prefix(std::string_view text)
{
    std::size_t at = 0;
    while (at < text.size()) {
        const auto lead = static_cast<std::uint8_t>(text[at]);
        const std::size_t length = lead < 0x80                   ? 1
                                   : lead >= 0xc2 && lead < 0xe0 ? 2
                                   : lead >= 0xe0 && lead < 0xf0 ? 3
                                   : lead >= 0xf0 && lead < 0xf5 ? 4
                                                                 : 0;
        if (length == 0 || at + length > text.size())
            return at;
        std::uint32_t point = length == 1 ? lead : lead & (0xffU >> (length + 1));
        for (std::size_t i = 1; i < length; ++i) {
            const auto next = static_cast<std::uint8_t>(text[at + i]);
            if ((next & 0xc0) != 0x80)
                return at;
            point = point << 6 | (next & 0x3f);
        }
        const bool overlong = (length == 3 && point < 0x800) || (length == 4 && (point < 0x10000 || point > 0x10ffff));
        if (overlong || (point >= 0xd800 && point < 0xe000))
            return at;
        at += length;
    }
    return at;
}

std::string toUtf8(std::string_view text)
{
    constexpr std::string_view replacement = "\xef\xbf\xbd";
    std::string result;
    for (;;) {
        const auto good = utf8Prefix(text);
        result += text.substr(0, good);
        if (good == text.size())
            return result;
        result += replacement;
        text.remove_prefix(good + 1);
    }
}

} // namespace keelson::api
