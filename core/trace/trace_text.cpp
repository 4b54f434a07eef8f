// SPDX-License-Identifier: Apache-2.0
#include "trace/trace_view.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::trace {
namespace {

constexpr std::size_t barColumns = 24;
constexpr std::size_t summaryColumnsMin = 30;

/// Where the step lies in the whole, as a bar of `barColumns`.
std::string bar(const TraceView& trace, const TracedStep& step)
{
    const auto whole = std::max<std::int64_t>(1, (trace.end() - trace.begin()).count());
    const auto place = [&](WallTime time) {
        return static_cast<std::size_t>((time - trace.begin()).count() * static_cast<std::int64_t>(barColumns) / whole);
    };
    const auto first = std::min(place(step.begin), barColumns - 1);
    const auto last = std::clamp(place(step.end()), first + 1, barColumns);
    return std::string(first, '.') + std::string(last - first, step.failed ? '!' : '#') +
           std::string(barColumns - last, '.');
}

std::string cut(const std::string& text, std::size_t columns)
{
    return text.size() <= columns ? text : text.substr(0, columns - 3) + "...";
}

} // namespace

std::string durationText(Duration length)
{
    using namespace std::chrono;
    const auto in = [&](auto unit) { return duration<double, typename decltype(unit)::period>(length).count(); };
    if (length < milliseconds{1})
        return fmt::format("{:.0f} µs", in(microseconds{}));
    if (length < seconds{1})
        return fmt::format("{:.1f} ms", in(milliseconds{}));
    if (length < minutes{1})
        return fmt::format("{:.2f} s", in(seconds{}));
    const auto whole = duration_cast<minutes>(length).count();
    const auto rest = duration_cast<seconds>(length).count() % 60;
    return rest == 0 ? fmt::format("{} min", whole) : fmt::format("{} min {} s", whole, rest);
}

std::string traceText(const TraceView& trace, std::size_t columns)
{
    std::size_t objectColumns = 0;
    for (const auto& object : trace.objects)
        objectColumns = std::max(objectColumns, object.text().size());
    const auto fixed = barColumns + objectColumns + 40;
    const auto summaryColumns = std::max(summaryColumnsMin, columns > fixed ? columns - fixed : 0);
    auto text = fmt::format("{} in {}: {} steps in {}\n", trace.root.text(),
                            trace.root.nameSpace.empty() ? "the cluster" : trace.root.nameSpace, trace.steps.size(),
                            durationText(trace.end() - trace.begin()));
    if (trace.droppedUntil && *trace.droppedUntil >= trace.begin())
        text += "What came first is not kept any more.\n";
    text += fmt::format("{:>10} {:>10}  {:<{}}  {:<14} {:<{}}  {}\n", "AT", "TOOK", "", barColumns, "STEP", "OBJECT",
                        objectColumns, "WHAT");
    for (const auto& step : trace.steps)
        text += fmt::format("{:>10} {:>10}  {}  {:<14} {:<{}}  {}\n", durationText(step.begin - trace.begin()),
                            durationText(step.length), bar(trace, step), step.step, trace.objects[step.object].text(),
                            objectColumns, cut(step.summary, summaryColumns));
    return text;
}

} // namespace keelson::trace
