// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/path.h"

#include <algorithm>

namespace keelson::document {

namespace {

Step bracketed(std::string_view inner)
{
    constexpr std::size_t digitsMax = 9;
    const bool isIndex = !inner.empty() && inner.size() <= digitsMax &&
                         std::ranges::all_of(inner, [](char c) { return c >= '0' && c <= '9'; });
    if (isIndex)
        return static_cast<std::size_t>(std::stoul(std::string(inner)));
    return std::string(inner);
}

} // namespace

Path parsePath(std::string_view text)
{
    Path path;
    std::size_t at = 0;
    while (at < text.size()) {
        if (text[at] == '.') {
            ++at;
            continue;
        }
        if (text[at] == '[') {
            const auto close = std::min(text.find(']', at), text.size());
            path.push_back(bracketed(text.substr(at + 1, close - at - 1)));
            at = std::min(close + 1, text.size());
            continue;
        }
        const auto stop = std::min(text.find_first_of(".[", at), text.size());
        path.emplace_back(std::string(text.substr(at, stop - at)));
        at = stop;
    }
    return path;
}

std::string pathText(const Path& path)
{
    std::string text;
    for (const auto& step : path) {
        if (const auto* index = std::get_if<std::size_t>(&step)) {
            text += "[" + std::to_string(*index) + "]";
            continue;
        }
        const auto& name = std::get<std::string>(step);
        if (name.find_first_of("./[]") != std::string::npos)
            text += "[" + name + "]";
        else
            text += (text.empty() ? "" : ".") + name;
    }
    return text;
}

Path operator/(Path path, std::string name)
{
    path.emplace_back(std::move(name));
    return path;
}

Path operator/(Path path, const char* name)
{
    path.emplace_back(std::string(name));
    return path;
}

Path operator/(Path path, std::size_t index)
{
    path.emplace_back(index);
    return path;
}

Path operator/(Path path, int index)
{
    path.emplace_back(static_cast<std::size_t>(index));
    return path;
}

} // namespace keelson::document
