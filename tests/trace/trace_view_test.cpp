// SPDX-License-Identifier: Apache-2.0
#include "trace/trace_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keelson::trace {
namespace {

using testing::HasSubstr;

constexpr auto* served = R"(
kind: Trace
object: {kind: Deployment, namespace: default, name: web, uid: u1}
objects:
- {kind: Deployment, namespace: default, name: web, uid: u1}
- {kind: Pod, namespace: default, name: web-a, uid: u2, owner: u1}
spans:
- {step: store, object: u1, actor: admin, begin: "2026-01-01T00:00:00.000000Z", nanoseconds: 500000, summary: created as revision 7}
- {step: image, object: u2, actor: n1, begin: "2026-01-01T00:00:01.000000Z", nanoseconds: 2000000000, failed: true, summary: no such image}
)";

TEST(TraceView, readsWhatTheServerServes)
{
    const auto trace = readTrace(api::parseYaml(served).value());
    ASSERT_TRUE(trace);
    EXPECT_EQ(trace->root.text(), "Deployment/web");
    ASSERT_EQ(trace->steps.size(), 2);
    EXPECT_EQ(trace->objects[trace->steps[1].object].name, "web-a");
    EXPECT_TRUE(trace->steps[1].failed);
    EXPECT_EQ(trace->end() - trace->begin(), std::chrono::seconds{3});
}

TEST(TraceView, isShownAsLinesWithTheirPlaceInTime)
{
    constexpr std::size_t columns = 120;
    const auto text = traceText(readTrace(api::parseYaml(served).value()).value(), columns);
    EXPECT_THAT(text, HasSubstr("Deployment/web in default: 2 steps in 3.00 s\n"));
    EXPECT_THAT(text, HasSubstr("#.......................  store          Deployment/web  created as revision 7\n"));
    EXPECT_THAT(text, HasSubstr("........!!!!!!!!!!!!!!!!  image          Pod/web-a       no such image\n"));
}

struct Wrong {
    const char* document;
    const char* message;
};
void PrintTo(const Wrong& wrong, std::ostream* out)
{
    *out << wrong.document;
}

class WrongTraces : public testing::TestWithParam<Wrong> {};

TEST_P(WrongTraces, areRefused)
{
    const auto trace = readTrace(api::parseYaml(GetParam().document).value());
    ASSERT_FALSE(trace);
    EXPECT_THAT(trace.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongTraces,
    testing::Values(Wrong{"kind: Status", "something that is no trace"},
                    Wrong{"{kind: Trace, objects: [], spans: []}", "knows nothing of the object's way any more"},
                    Wrong{"{kind: Trace, object: {uid: u}, spans: [{object: x}]}", "an object that it does not name"},
                    Wrong{"{kind: Trace, object: {uid: u}, objects: [{uid: u}], spans: [{object: u, begin: soon}]}",
                          "soon"}));

TEST(Durations, areWrittenInTheUnitThatSaysMost)
{
    using namespace std::chrono;
    EXPECT_EQ(durationText(nanoseconds{850'400}), "850 µs");
    EXPECT_EQ(durationText(microseconds{12'340}), "12.3 ms");
    EXPECT_EQ(durationText(milliseconds{4'206}), "4.21 s");
    EXPECT_EQ(durationText(seconds{185}), "3 min 5 s");
    EXPECT_EQ(durationText(seconds{600}), "10 min");
}

} // namespace
} // namespace keelson::trace
