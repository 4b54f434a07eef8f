// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>

namespace keelson::log {
namespace {

spdlog::level::level_enum spdlogLevel(Level level)
{
    switch (level) {
    case Level::Debug:
        return spdlog::level::debug;
    case Level::Info:
        return spdlog::level::info;
    case Level::Warning:
        return spdlog::level::warn;
    case Level::Error:
        return spdlog::level::err;
    }
    return spdlog::level::info;
}

spdlog::logger& logger()
{
    static spdlog::logger instance = [] {
        spdlog::logger made("keelson", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
        made.set_level(spdlog::level::warn);
        made.flush_on(spdlog::level::debug);
        return made;
    }();
    return instance;
}

bool isControl(char each)
{
    constexpr unsigned char del = 0x7f;
    const auto code = static_cast<unsigned char>(each);
    return code < ' ' || code == del;
}

/// One line, whatever names and texts of others are in it: nobody writes lines of their own into the log.
std::string singleLine(std::string_view message)
{
    std::string text;
    for (const char each : message) {
        if (each == '\n')
            text += "\\n";
        else if (isControl(each))
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(each));
        else
            text += each;
    }
    return text;
}

} // namespace

void start(Level level)
{
    logger().set_level(spdlogLevel(level));
}

bool enabled(Level level)
{
    return logger().should_log(spdlogLevel(level));
}

void write(Level level, std::string_view component, std::string_view message)
{
    if (std::ranges::none_of(message, isControl))
        logger().log(spdlogLevel(level), "{}: {}", component, message);
    else
        logger().log(spdlogLevel(level), "{}: {}", component, singleLine(message));
}

} // namespace keelson::log
