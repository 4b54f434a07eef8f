// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

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
    logger().log(spdlogLevel(level), "{}: {}", component, message);
}

} // namespace keelson::log
