// SPDX-License-Identifier: Apache-2.0
#include "bench/figures.h"

#include <fmt/format.h>

#include <chrono>
#include <ctime>

#include <sys/utsname.h>
#include <thread>

namespace keelson::bench {
namespace {

std::string grouped(double value)
{
    if (value < 100)
        return fmt::format("{:.3g}", value);
    auto text = fmt::format("{:.0f}", value);
    for (auto at = static_cast<int>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

} // namespace

void print(const std::string& bench, const std::vector<Figure>& figures)
{
    fmt::print("{:<44} {:>12} {:<11} {:>9} {:>9} {:>9}  {}\n", bench, "value", "", "p50 ms", "p99 ms", "max ms",
               "target");
    for (const auto& figure : figures) {
        fmt::print("{:<44} {:>12} {:<11}", figure.name, grouped(figure.value), figure.unit);
        if (figure.max > 0)
            fmt::print(" {:>9.2f} {:>9.2f} {:>9.2f}", figure.p50, figure.p99, figure.max);
        else
            fmt::print(" {:>9} {:>9} {:>9}", "", "", "");
        fmt::print("  {}\n", figure.target);
    }
    utsname machine{};
    uname(&machine);
    const auto now = std::time(nullptr);
    char date[32];
    std::strftime(date, sizeof date, "%Y-%m-%d", std::gmtime(&now));
    std::string rows;
    for (const auto& figure : figures)
        rows += fmt::format(R"({}{{"name":"{}","value":{},"unit":"{}","p50":{},"p99":{},"max":{}}})",
                            rows.empty() ? "" : ",", figure.name, figure.value, figure.unit, figure.p50, figure.p99,
                            figure.max);
    fmt::print(R"({{"bench":"{}","date":"{}","machine":"{} {}","cores":{},"build":"{}","commit":"{}","figures":[{}]}})"
               "\n",
               bench, date, machine.machine, machine.release, std::thread::hardware_concurrency(), KEELSON_BUILD,
               KEELSON_COMMIT, rows);
}

} // namespace keelson::bench
