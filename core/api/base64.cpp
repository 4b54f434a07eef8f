// SPDX-License-Identifier: Apache-2.0
#include "api/base64.h"

#include <cstdint>

namespace keelson::api {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int valueOf(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

} // namespace

std::string encodeBase64(std::string_view bytes)
{
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = group << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            text += at + i > bytes.size() ? '=' : alphabet[group >> (18 - 6 * i) & 63];
    }
    return text;
}

std::optional<std::string> decodeBase64(std::string_view text)
{
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::uint32_t group = 0;
    int count = 0;
    int padding = 0;
    for (const char c : text) {
        if (c == '\n' || c == '\r')
            continue;
        const int value = valueOf(c);
        if (c == '=' && count + padding >= 2 && count + padding < 4)
            ++padding;
        else if (value < 0 || padding > 0)
            return std::nullopt;
        else {
            group = group << 6 | static_cast<std::uint32_t>(value);
            ++count;
        }
        if (count + padding < 4)
            continue;
        group <<= 6 * padding;
        for (int i = 0; i < 3 - padding; ++i)
            bytes += static_cast<char>(group >> (16 - 8 * i) & 0xff);
        group = 0;
        count = 0;
        if (padding > 0)
            count = 4; // Nothing may follow.
    }
    if (count != 0 && !(count == 4 && padding > 0))
        return std::nullopt;
    return bytes;
}

} // namespace keelson::api
