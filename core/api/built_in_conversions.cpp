// SPDX-License-Identifier: Apache-2.0
#include "api/conversion.h"

#include "api/refusals.h"
#include "api/validation.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace keelson::api {
namespace {

/// Members of an Event in events.k8s.io/v1, and what v1 calls them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> eventMembers{{
    {"deprecatedCount", "count"},
    {"deprecatedFirstTimestamp", "firstTimestamp"},
    {"deprecatedLastTimestamp", "lastTimestamp"},
    {"deprecatedSource", "source"},
    {"note", "message"},
    {"regarding", "involvedObject"},
    {"reportingController", "reportingComponent"},
}};

void rename(Object& object, std::string_view from, std::string_view to)
{
    auto* const found = object.find(from);
    if (found == object.end())
        return;
    Value moved = std::move(found->value());
    object.stable_erase(found);
    object[to] = std::move(moved);
}

Value eventFromStored(Value event)
{
    for (const auto& [name, stored] : eventMembers)
        rename(event.as_object(), stored, name);
    return event;
}

void checkSeries(const Value& event, Refusals& refusals)
{
    const FieldPath root;
    const auto series = root.child("series");
    if (!find(event, {"series"}))
        return;
    if (integerAt(event, {"series", "count"}) < 2)
        refusals.invalid(series.child("count"), "should be at least 2");
    if (stringAt(event, {"series", "lastObservedTime"}).empty())
        refusals.required(series.child("lastObservedTime"));
}

/// Members of the stored form that its new form has no use for.
constexpr std::array<std::string_view, 4> deprecatedMembers{"firstTimestamp", "lastTimestamp", "count", "source"};
/// What of an Event never changes.
constexpr std::array<std::string_view, 13> lastingMembers{
    "involvedObject", "reason", "message",   "source",  "firstTimestamp",     "lastTimestamp",    "count",
    "type",           "action", "eventTime", "related", "reportingComponent", "reportingInstance"};

void checkNewEvent(const Value& event, Refusals& refusals)
{
    const FieldPath root;
    checkSeries(event, refusals);
    if (stringAt(event, {"eventTime"}).empty())
        refusals.required(root.child("eventTime"));
    if (const auto type = stringAt(event, {"type"}); type != "Normal" && type != "Warning")
        refusals.invalid(root.child("type"), Value(""), fmt::format("has invalid value: {}", type));
    for (const auto member : deprecatedMembers) {
        const auto* const given = find(event, {member});
        const bool isUnset = !given || (given->is_object() && given->get_object().empty());
        if (!isUnset)
            refusals.invalid(root.child(member), Value(""), "needs to be unset");
    }
}

std::vector<Cause> checkEvent(const Value& event, const Value* before)
{
    Refusals refusals;
    if (!before) {
        checkNewEvent(event, refusals);
        return refusals.take();
    }
    const auto member = [](const Value& object, std::string_view name) {
        const auto* const found = find(object, {name});
        return found ? *found : Value();
    };
    if (member(event, "series") != member(*before, "series"))
        checkSeries(event, refusals);
    const FieldPath root;
    for (const auto name : lastingMembers) {
        if (const auto now = member(event, name); now != member(*before, name))
            refusals.invalid(root.child(name), now, "field is immutable");
    }
    return refusals.take();
}

/// Between a version and the one that is stored, which are all there are.
class BuiltInConversion : public Conversion {
public:
    using Step = Value (*)(Value object);
    using Check = std::vector<Cause> (*)(const Value& object, const Value* before);

    constexpr BuiltInConversion(Step toStored, Step fromStored, Check check)
        : m_toStored(toStored), m_fromStored(fromStored), m_check(check)
    {
    }

    Result<std::vector<Value>> convert(std::vector<Value> objects, const Kind& to) const override
    {
        for (auto& object : objects) {
            object = (to.storedAs ? m_fromStored : m_toStored)(std::move(object));
            object.as_object()["apiVersion"] = to.groupVersion.text();
            normalize(to, object);
        }
        return objects;
    }
    std::vector<Cause> check(const Value& object, const Value* before) const override
    {
        return m_check ? m_check(object, before) : std::vector<Cause>();
    }

private:
    const Step m_toStored;
    const Step m_fromStored;
    const Check m_check; ///< May be null.
};

} // namespace

Value eventToStored(Value event)
{
    for (const auto& [name, stored] : eventMembers)
        rename(event.as_object(), name, stored);
    return event;
}

const Conversion* builtInConversion(std::string_view name)
{
    static const BuiltInConversion autoscaler(autoscalerToStored, autoscalerFromStored, nullptr);
    static const BuiltInConversion event(eventToStored, eventFromStored, checkEvent);
    if (name == "autoscaler")
        return &autoscaler;
    return name == "event" ? &event : nullptr;
}

} // namespace keelson::api
