// SPDX-License-Identifier: Apache-2.0
#include "trace/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace keelson::trace {
namespace {

using Uids = std::set<std::string, std::less<>>;

/// Whether a span belongs to one of the objects; an object that one of them controls becomes one of them.
bool belongs(std::string_view uid, std::string_view owner, std::span<const std::string> related, Uids& uids)
{
    if (uids.contains(uid))
        return true;
    if (uids.contains(owner)) {
        uids.emplace(uid);
        return true;
    }
    return std::ranges::any_of(related, [&](const auto& each) { return uids.contains(each); });
}

/// Those of the objects, and of what they control. Several threads record: what a pod's scheduling says may stand
/// before the first word of the ReplicaSet that made it, so this looks again until nothing comes to the objects.
std::vector<SpanSourcePtr> sourcesOf(std::vector<SpanSourcePtr> all, Uids& uids)
{
    auto rest = all.begin();
    std::size_t known = 0;
    while (known != uids.size()) {
        known = uids.size();
        rest = std::partition(rest, all.end(), [&](const auto& source) {
            return belongs(source->uid(), source->owner(), source->related(), uids);
        });
    }
    all.erase(rest, all.end());
    return all;
}

/// When the object was last declared anew, the request that did it included.
std::optional<WallTime> lastDeclared(const std::vector<Span>& spans, std::string_view uid)
{
    std::uint64_t revision = 0;
    for (const auto& span : spans) {
        if (span.declares && span.subject->uid == uid)
            revision = std::max(revision, span.revision);
    }
    std::optional<WallTime> begin;
    for (const auto& span : spans) {
        if (revision != 0 && span.revision == revision)
            begin = begin ? std::min(*begin, span.begin) : span.begin;
    }
    return begin;
}

api::Object identityOf(const Subject& subject)
{
    api::Object identity{{"group", subject.group},
                         {"kind", subject.kind},
                         {"namespace", subject.nameSpace},
                         {"name", subject.name},
                         {"uid", subject.uid}};
    if (!subject.owner.empty())
        identity["owner"] = subject.owner;
    return identity;
}

api::Object documentOf(const Span& span)
{
    api::Object document{
        {"step", std::string(nameOf(span.step))}, {"object", span.subject->uid},        {"actor", span.actor},
        {"begin", formatMicroTime(span.begin)},   {"nanoseconds", span.length.count()}, {"summary", span.summary}};
    if (span.failed)
        document["failed"] = true;
    if (span.declares)
        document["declares"] = true;
    if (span.revision != 0)
        document["revision"] = span.revision;
    if (!span.details.empty())
        document["details"] = api::parseJson(span.details).value_or(nullptr);
    if (!span.related.empty()) {
        api::Array related;
        for (const auto& uid : span.related)
            related.emplace_back(uid);
        document["related"] = std::move(related);
    }
    return document;
}

WallTime endOf(const Trace& trace)
{
    auto end = trace.spans.front().begin;
    for (const auto& span : trace.spans)
        end = std::max(end, span.begin + span.length);
    return end;
}

api::Object attribute(std::string_view key, const std::string& value)
{
    return {{"key", std::string(key)}, {"value", {{"stringValue", value}}}};
}

std::string unixNano(WallTime time)
{
    return std::to_string(time.time_since_epoch().count());
}

/// The uid is 32 hex digits, as a trace id is.
std::string traceIdOf(const Trace& trace)
{
    for (const auto& span : trace.spans) {
        if (!span.request.empty())
            return span.request;
    }
    auto id = trace.root->uid;
    std::erase(id, '-');
    return id;
}

/// Which service OpenTelemetry should show.
std::string serviceOf(const Span& span)
{
    switch (span.step) {
    case Step::Authentication:
    case Step::Authorization:
    case Step::Admission:
    case Step::Store:
        return "keelson-apiserver";
    case Step::Controller:
        return "keelson-controllers";
    case Step::Scheduling:
        return "keelson-scheduler";
    default:
        return "keelson-agent";
    }
}

constexpr int spanKindInternal = 1;
constexpr int statusError = 2;

} // namespace

Trace traceOf(const SpanStore& store, std::string_view uid, const Selection& selection)
{
    Trace trace;
    trace.droppedUntil = store.droppedUntil();
    Uids uids{std::string(uid)};
    for (const auto& source : sourcesOf(store.sources(), uids)) {
        for (auto& span : source->spans()) {
            if (belongs(span.subject->uid, span.subject->owner, span.related, uids))
                trace.spans.push_back(std::move(span));
        }
    }
    if (const auto begin = selection.all ? std::nullopt : lastDeclared(trace.spans, uid))
        std::erase_if(trace.spans, [&](const Span& span) { return span.begin + span.length < *begin; });
    if (selection.shows)
        std::erase_if(trace.spans, [&](const Span& span) { return !selection.shows(*span.subject); });
    std::ranges::sort(trace.spans, {}, [](const Span& span) { return std::pair(span.begin, span.step); });
    Uids seen;
    for (const auto& span : trace.spans) {
        if (span.subject->uid == uid)
            trace.root = span.subject;
        if (seen.insert(span.subject->uid).second)
            trace.objects.push_back(span.subject);
    }
    const auto root = std::ranges::find(trace.objects, trace.root);
    if (root != trace.objects.end())
        std::rotate(trace.objects.begin(), root, root + 1);
    return trace;
}

api::Value documentOf(const Trace& trace)
{
    api::Object document{{"apiVersion", "trace.keelson.dev/v1"}, {"kind", "Trace"}};
    if (trace.root)
        document["object"] = identityOf(*trace.root);
    if (!trace.spans.empty()) {
        document["begin"] = formatMicroTime(trace.spans.front().begin);
        document["end"] = formatMicroTime(endOf(trace));
    }
    if (trace.droppedUntil)
        document["droppedUntil"] = formatMicroTime(*trace.droppedUntil);
    api::Array objects;
    for (const auto& subject : trace.objects)
        objects.emplace_back(identityOf(*subject));
    document["objects"] = std::move(objects);
    api::Array spans;
    for (const auto& span : trace.spans)
        spans.emplace_back(documentOf(span));
    document["spans"] = std::move(spans);
    return document;
}

api::Value otlpOf(const Trace& trace)
{
    if (!trace.root || trace.spans.empty())
        return api::Object{{"resourceSpans", api::Array{}}};
    const auto traceId = traceIdOf(trace);
    std::uint64_t number = 1;
    const auto spanId = [](std::uint64_t id) { return fmt::format("{:016x}", id); };
    const auto rootId = spanId(number);
    std::map<std::string, api::Array> services;
    services["keelson-apiserver"].push_back(
        api::Object{{"traceId", traceId},
                    {"spanId", rootId},
                    {"name", fmt::format("{} {}/{}", trace.root->kind, trace.root->nameSpace, trace.root->name)},
                    {"kind", spanKindInternal},
                    {"startTimeUnixNano", unixNano(trace.spans.front().begin)},
                    {"endTimeUnixNano", unixNano(endOf(trace))}});
    for (const auto& span : trace.spans) {
        const auto& subject = *span.subject;
        api::Array attributes{attribute("keelson.actor", span.actor),
                              attribute("keelson.summary", span.summary),
                              attribute("k8s.object.kind", subject.kind),
                              attribute("k8s.object.name", subject.name),
                              attribute("k8s.namespace.name", subject.nameSpace),
                              attribute("k8s.object.uid", subject.uid)};
        if (!span.details.empty())
            attributes.emplace_back(attribute("keelson.details", span.details));
        api::Object one{{"traceId", traceId},
                        {"spanId", spanId(++number)},
                        {"parentSpanId", rootId},
                        {"name", fmt::format("{} {}", nameOf(span.step), subject.name)},
                        {"kind", spanKindInternal},
                        {"startTimeUnixNano", unixNano(span.begin)},
                        {"endTimeUnixNano", unixNano(span.begin + span.length)},
                        {"attributes", std::move(attributes)}};
        if (span.failed)
            one["status"] = {{"code", statusError}, {"message", span.summary}};
        services[serviceOf(span)].emplace_back(std::move(one));
    }
    api::Array resources;
    for (auto& [service, spans] : services)
        resources.push_back(api::Object{{"resource", {{"attributes", api::Array{attribute("service.name", service)}}}},
                                        {"scopeSpans", api::Array{api::Object{{"scope", {{"name", "keelson.trace"}}},
                                                                              {"spans", std::move(spans)}}}}});
    return api::Object{{"resourceSpans", std::move(resources)}};
}

} // namespace keelson::trace
