// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace keelson::log {

enum class Level { Debug, Info, Warning, Error };

/// Which lines are written, to standard error: `2026-01-31T12:00:00.123Z info scheduler: bound default/web-x7k9d to
/// n1`. Call once, at the start of `main`. Below `level` nothing is formatted.
void start(Level level);
bool enabled(Level level);
void write(Level level, std::string_view component, std::string_view message);

template <typename... Arguments>
void debug(std::string_view component, fmt::format_string<Arguments...> format, Arguments&&... arguments)
{
    if (enabled(Level::Debug))
        write(Level::Debug, component, fmt::format(format, std::forward<Arguments>(arguments)...));
}

template <typename... Arguments>
void info(std::string_view component, fmt::format_string<Arguments...> format, Arguments&&... arguments)
{
    if (enabled(Level::Info))
        write(Level::Info, component, fmt::format(format, std::forward<Arguments>(arguments)...));
}

template <typename... Arguments>
void warning(std::string_view component, fmt::format_string<Arguments...> format, Arguments&&... arguments)
{
    if (enabled(Level::Warning))
        write(Level::Warning, component, fmt::format(format, std::forward<Arguments>(arguments)...));
}

template <typename... Arguments>
void error(std::string_view component, fmt::format_string<Arguments...> format, Arguments&&... arguments)
{
    if (enabled(Level::Error))
        write(Level::Error, component, fmt::format(format, std::forward<Arguments>(arguments)...));
}

} // namespace keelson::log
