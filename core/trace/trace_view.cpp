// SPDX-License-Identifier: Apache-2.0
#include "trace/trace_view.h"

#include <algorithm>

namespace keelson::trace {
namespace {

TracedObject readObject(const api::Value& document)
{
    const auto text = [&](std::string_view member) { return std::string(api::stringAt(document, {member})); };
    return {.group = text("group"),
            .kind = text("kind"),
            .nameSpace = text("namespace"),
            .name = text("name"),
            .uid = text("uid"),
            .owner = text("owner")};
}

Result<TracedStep> readStep(const api::Value& document, const std::vector<TracedObject>& objects)
{
    TracedStep step;
    step.step = api::stringAt(document, {"step"});
    const auto uid = api::stringAt(document, {"object"});
    const auto object = std::ranges::find(objects, uid, &TracedObject::uid);
    if (object == objects.end())
        return fail(Reason::BadRequest, "the trace has a step of an object that it does not name");
    step.object = static_cast<std::size_t>(object - objects.begin());
    step.actor = api::stringAt(document, {"actor"});
    TRY_ASSIGN(step.begin, parseTime(api::stringAt(document, {"begin"})));
    step.length = Duration{api::integerAt(document, {"nanoseconds"})};
    step.failed = api::boolAt(document, {"failed"});
    step.summary = api::stringAt(document, {"summary"});
    if (const auto* const details = api::find(document, {"details"}))
        step.details = *details;
    return step;
}

const api::Array& listAt(const api::Value& document, std::string_view member)
{
    static const api::Array none;
    const auto* const list = api::find(document, {member});
    return list && list->is_array() ? list->get_array() : none;
}

} // namespace

WallTime TraceView::begin() const
{
    return steps.empty() ? WallTime{} : steps.front().begin;
}

WallTime TraceView::end() const
{
    auto end = begin();
    for (const auto& step : steps)
        end = std::max(end, step.end());
    return end;
}

Result<TraceView> readTrace(const api::Value& document)
{
    if (api::stringAt(document, {"kind"}) != "Trace")
        return fail(Reason::BadRequest, "the server answered with something that is no trace");
    const auto* const root = api::find(document, {"object"});
    if (!root)
        return fail(Reason::NotFound, "the server knows nothing of the object's way any more: it keeps the last steps "
                                      "in memory, and forgets them when it ends");
    TraceView trace;
    trace.root = readObject(*root);
    for (const auto& object : listAt(document, "objects"))
        trace.objects.push_back(readObject(object));
    for (const auto& span : listAt(document, "spans")) {
        TRY_ASSIGN(auto step, readStep(span, trace.objects));
        trace.steps.push_back(std::move(step));
    }
    if (const auto dropped = parseTime(api::stringAt(document, {"droppedUntil"})))
        trace.droppedUntil = *dropped;
    return trace;
}

} // namespace keelson::trace
