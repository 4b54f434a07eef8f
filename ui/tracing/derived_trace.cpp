// SPDX-License-Identifier: GPL-3.0-or-later
#include "tracing/derived_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace keelson::ui {
namespace {

using trace::TracedObject;
using trace::TracedStep;
using trace::TraceView;

const api::Array& listAt(const api::Value& document, std::initializer_list<std::string_view> path)
{
    static const api::Array none;
    const auto* const list = api::find(document, path);
    return list && list->is_array() ? list->get_array() : none;
}

std::optional<WallTime> timeAt(const api::Value& document, std::initializer_list<std::string_view> path)
{
    const auto time = parseTime(api::stringAt(document, path));
    return time ? std::optional(*time) : std::nullopt;
}

TracedObject objectOf(const api::Value& document)
{
    const std::string version(api::stringAt(document, {"apiVersion"}));
    const auto slash = version.find('/');
    const auto text = [&](std::string_view member) {
        return std::string(api::stringAt(document, {"metadata", member}));
    };
    TracedObject object{.group = slash == std::string::npos ? std::string() : version.substr(0, slash),
                        .kind = std::string(api::stringAt(document, {"kind"})),
                        .nameSpace = text("namespace"),
                        .name = text("name"),
                        .uid = text("uid"),
                        .owner = {}};
    for (const auto& owner : listAt(document, {"metadata", "ownerReferences"})) {
        if (api::boolAt(owner, {"controller"}))
            object.owner = api::stringAt(owner, {"uid"});
    }
    return object;
}

/// Collects the steps of one trace.
class Steps {
public:
    explicit Steps(TraceView& trace) : m_trace(trace) {}

    void add(std::string step, std::size_t object, std::string actor, WallTime begin, WallTime end, std::string summary,
             bool failed = false)
    {
        m_trace.steps.push_back({.step = std::move(step),
                                 .object = object,
                                 .actor = std::move(actor),
                                 .begin = begin,
                                 .length = std::max(Duration{0}, Duration(end - begin)),
                                 .failed = failed,
                                 .summary = std::move(summary),
                                 .details = nullptr});
    }

private:
    TraceView& m_trace;
};

/// Who wrote the object, as its managed fields say; they keep the last write of each manager.
void addWrites(const api::Value& document, std::size_t object, Steps& steps)
{
    if (const auto created = timeAt(document, {"metadata", "creationTimestamp"}))
        steps.add("store", object, "", *created, *created, "created");
    for (const auto& entry : listAt(document, {"metadata", "managedFields"})) {
        const auto time = timeAt(entry, {"time"});
        if (!time)
            continue;
        const std::string manager(api::stringAt(entry, {"manager"}));
        const auto part = api::stringAt(entry, {"subresource"});
        steps.add("store", object, manager, *time, *time,
                  fmt::format("last write of {}{}{}", manager, part.empty() ? "" : " to ", part));
    }
}

void addPodConditions(const api::Value& pod, std::size_t object, Steps& steps)
{
    std::optional<WallTime> started;
    for (const auto& status : listAt(pod, {"status", "containerStatuses"})) {
        const auto at = timeAt(status, {"state", "running", "startedAt"});
        if (at)
            started = started ? std::max(*started, *at) : *at;
    }
    for (const auto& condition : listAt(pod, {"status", "conditions"})) {
        const auto at = timeAt(condition, {"lastTransitionTime"});
        if (at && api::stringAt(condition, {"type"}) == "Ready" && api::stringAt(condition, {"status"}) == "True")
            steps.add("probe", object, std::string(api::stringAt(pod, {"spec", "nodeName"})), started.value_or(*at),
                      *at, "the pod is ready");
    }
}

/// The step that an event's reason belongs to, or null.
const char* stepOf(std::string_view reason)
{
    static const std::map<std::string_view, const char*> known{{"Scheduled", "scheduling"},
                                                               {"FailedScheduling", "scheduling"},
                                                               {"Pulling", "image"},
                                                               {"Pulled", "image"},
                                                               {"Failed", "image"},
                                                               {"BackOff", "container"},
                                                               {"Created", "container"},
                                                               {"Started", "container"},
                                                               {"Killing", "container"},
                                                               {"Unhealthy", "probe"},
                                                               {"InspectFailed", "image"},
                                                               {"FailedMount", "sandbox"},
                                                               {"SandboxChanged", "sandbox"},
                                                               {"FailedCreatePodSandBox", "sandbox"},
                                                               {"SuccessfulCreate", "controller"},
                                                               {"SuccessfulDelete", "controller"},
                                                               {"FailedCreate", "controller"},
                                                               {"ScalingReplicaSet", "controller"}};
    const auto found = known.find(reason);
    return found == known.end() ? nullptr : found->second;
}

void addEvent(const api::Value& event, std::size_t object, Steps& steps)
{
    const auto* const step = stepOf(api::stringAt(event, {"reason"}));
    auto first = timeAt(event, {"firstTimestamp"});
    if (!first)
        first = timeAt(event, {"eventTime"});
    if (!step || !first)
        return;
    auto source = std::string(api::stringAt(event, {"source", "component"}));
    if (source.empty())
        source = api::stringAt(event, {"reportingComponent"});
    steps.add(step, object, std::move(source), *first, timeAt(event, {"lastTimestamp"}).value_or(*first),
              std::string(api::stringAt(event, {"message"})), api::stringAt(event, {"type"}) == "Warning");
}

} // namespace

TraceView derivedTrace(const std::vector<api::Value>& objects, const std::vector<api::Value>& events)
{
    TraceView trace;
    Steps steps(trace);
    for (const auto& document : objects) {
        const auto index = trace.objects.size();
        trace.objects.push_back(objectOf(document));
        addWrites(document, index, steps);
        if (trace.objects.back().kind == "Pod")
            addPodConditions(document, index, steps);
    }
    if (!trace.objects.empty())
        trace.root = trace.objects.front();
    for (const auto& event : events) {
        const auto uid = api::stringAt(event, {"involvedObject", "uid"});
        const auto object = std::ranges::find(trace.objects, uid, &TracedObject::uid);
        if (object != trace.objects.end())
            addEvent(event, static_cast<std::size_t>(object - trace.objects.begin()), steps);
    }
    std::ranges::sort(trace.steps, {}, &TracedStep::begin);
    return trace;
}

} // namespace keelson::ui
