// SPDX-License-Identifier: Apache-2.0
#include "trace/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

namespace keelson::trace {
namespace {

using testing::ElementsAre;

SubjectPtr subject(std::string kind, std::string name, std::string owner = {})
{
    return std::make_shared<const Subject>(Subject{.group = {},
                                                   .kind = std::move(kind),
                                                   .nameSpace = "default",
                                                   .name = name,
                                                   .uid = "uid-" + name,
                                                   .owner = owner.empty() ? std::string() : "uid-" + owner});
}

Span span(Step step, SubjectPtr about, int second, std::vector<std::string> related = {})
{
    return {.step = step,
            .subject = std::move(about),
            .related = std::move(related),
            .actor = "somebody",
            .begin = WallTime{std::chrono::seconds{second}},
            .length = Milliseconds{250}};
}

std::vector<std::string> told(const Trace& trace)
{
    std::vector<std::string> lines;
    for (const auto& each : trace.spans)
        lines.push_back(fmt::format("{} {}", nameOf(each.step), each.subject->name));
    return lines;
}

/// A Deployment that became a pod behind a Service, and another one.
class Traces : public testing::Test {
protected:
    Traces()
    {
        auto declared = span(Step::Store, subject("Deployment", "web"), 1);
        declared.declares = true;
        declared.revision = 7;
        auto asked = span(Step::Authentication, subject("Deployment", "web"), 0);
        asked.declares = true;
        asked.revision = 7;
        store.record(asked);
        store.record(declared);
        store.record(span(Step::Controller, subject("Deployment", "web"), 2));
        store.record(span(Step::Store, subject("ReplicaSet", "web-1", "web"), 3));
        store.record(span(Step::Store, subject("Pod", "web-1-a", "web-1"), 4));
        store.record(span(Step::Store, subject("Pod", "other", "else"), 4));
        store.record(span(Step::Scheduling, subject("Pod", "web-1-a", "web-1"), 5));
        store.record(span(Step::Proxy, subject("Node", "n1"), 7, {"uid-web-1-a", "uid-other"}));
        store.record(span(Step::Store, subject("EndpointSlice", "web-x", "svc"), 6, {"uid-web-1-a"}));
    }

    SpanStore store;
};

TEST_F(Traces, followOwnersDownAndWhatLeadsToTheirPods)
{
    const auto trace = traceOf(store, "uid-web", {});
    EXPECT_THAT(told(trace), ElementsAre("authentication web", "store web", "controller web", "store web-1",
                                         "store web-1-a", "scheduling web-1-a", "store web-x", "proxy n1"));
    ASSERT_TRUE(trace.root);
    EXPECT_EQ(trace.root->kind, "Deployment");
    EXPECT_EQ(trace.objects.front()->name, "web");
    EXPECT_EQ(trace.objects.size(), 5);
    EXPECT_FALSE(trace.droppedUntil);
}

TEST_F(Traces, findWhatWasRecordedBeforeItsOwner)
{
    store.record(span(Step::Scheduling, subject("Pod", "web-2-a", "web-2"), 8));
    store.record(span(Step::Store, subject("ReplicaSet", "web-2", "web"), 7));
    EXPECT_THAT(told(traceOf(store, "uid-web", {})), testing::Contains("scheduling web-2-a"));
}

TEST_F(Traces, beginWithTheLastDeclaration)
{
    auto again = span(Step::Store, subject("Deployment", "web"), 10);
    again.declares = true;
    again.revision = 9;
    store.record(again);
    EXPECT_THAT(told(traceOf(store, "uid-web", {})), ElementsAre("store web"));
    EXPECT_EQ(traceOf(store, "uid-web", {.all = true, .shows = {}}).spans.size(), 9);
}

TEST_F(Traces, showWhatTheReaderMaySee)
{
    const auto trace = traceOf(
        store, "uid-web", {.all = false, .shows = [](const Subject& about) { return about.kind == "Deployment"; }});
    EXPECT_THAT(told(trace), ElementsAre("authentication web", "store web", "controller web"));
}

TEST_F(Traces, ofNobodyAreEmpty)
{
    const auto trace = traceOf(store, "uid-nobody", {});
    EXPECT_FALSE(trace.root);
    EXPECT_TRUE(trace.spans.empty());
    EXPECT_EQ(api::writeJson(otlpOf(trace)), R"({"resourceSpans":[]})");
    EXPECT_EQ(api::writeJson(documentOf(trace)),
              R"({"apiVersion":"trace.keelson.dev/v1","kind":"Trace","objects":[],"spans":[]})");
}

TEST_F(Traces, areServedWithTimesInWords)
{
    const auto document = documentOf(traceOf(store, "uid-web", {}));
    EXPECT_EQ(api::stringAt(document, {"begin"}), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(api::stringAt(document, {"end"}), "1970-01-01T00:00:07.250000Z");
    const auto& first = document.at("spans").at(0);
    EXPECT_EQ(api::stringAt(first, {"object"}), "uid-web");
    EXPECT_EQ(api::integerAt(first, {"nanoseconds"}), 250'000'000);
    EXPECT_TRUE(api::boolAt(first, {"declares"}));
    EXPECT_EQ(api::stringAt(document.at("objects").at(1), {"owner"}), "uid-web");
}

TEST_F(Traces, areExportedForOpenTelemetry)
{
    auto failed = span(Step::Image, subject("Pod", "web-1-a", "web-1"), 8);
    failed.failed = true;
    failed.summary = "no such image";
    failed.request = "0af7651916cd43dd8448eb211c80319c";
    store.record(failed);
    const auto document = otlpOf(traceOf(store, "uid-web", {}));
    const auto& resources = document.at("resourceSpans").as_array();
    std::vector<std::string> services;
    for (const auto& resource : resources)
        services.emplace_back(api::stringAt(resource.at("resource").at("attributes").at(0), {"value", "stringValue"}));
    EXPECT_THAT(services,
                ElementsAre("keelson-agent", "keelson-apiserver", "keelson-controllers", "keelson-scheduler"));
    const auto& image = resources[0].at("scopeSpans").at(0).at("spans").at(1);
    EXPECT_EQ(api::stringAt(image, {"traceId"}), failed.request);
    EXPECT_EQ(api::stringAt(image, {"parentSpanId"}), "0000000000000001");
    EXPECT_EQ(api::stringAt(image, {"startTimeUnixNano"}), "8000000000");
    EXPECT_EQ(api::stringAt(image, {"endTimeUnixNano"}), "8250000000");
    EXPECT_EQ(api::integerAt(image, {"status", "code"}), 2);
}

TEST(SpanStore, forgetsTheOldestWhenItIsFull)
{
    constexpr std::size_t limit = 10'000;
    SpanStore store(limit);
    constexpr int count = 200;
    for (int i = 0; i < count; ++i)
        store.record(span(Step::Store, subject("Pod", "p"), i));
    EXPECT_LE(store.bytes(), limit);
    std::vector<int> kept;
    for (const auto& source : store.sources()) {
        const auto begin = source->spans().front().begin;
        kept.push_back(static_cast<int>(std::chrono::floor<std::chrono::seconds>(begin).time_since_epoch().count()));
    }
    ASSERT_GT(kept.size(), 5U);
    EXPECT_EQ(kept.back(), count - 1);
    ASSERT_TRUE(store.droppedUntil());
    EXPECT_EQ(*store.droppedUntil() + std::chrono::seconds{1}, WallTime{std::chrono::seconds{kept.front()}});
}

} // namespace
} // namespace keelson::trace
