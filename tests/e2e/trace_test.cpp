// SPDX-License-Identifier: Apache-2.0
// What a trace tells of a real rollout: every step, in its order, and times that a stopwatch outside agrees with.
#include "e2e/cluster.h"

#include "support/tree.h"

#include "api/value.h"
#include "base/clock.h"
#include "trace/trace_view.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace keelson::e2e {
namespace {

using testing::HasSubstr;

constexpr auto* path = "/trace/v1/apis/apps/v1/namespaces/default/deployments/web";

/// The first begin and the last end of each step, and what is said of it.
struct StepTimes {
    WallTime begin = WallTime::max();
    WallTime end = WallTime::min();
    std::string summaries;
};

std::map<std::string, StepTimes> stepsIn(const api::Value& trace)
{
    std::map<std::string, StepTimes> steps;
    for (const auto& span : trace.at("spans").as_array()) {
        auto& step = steps[std::string(api::stringAt(span, {"step"}))];
        const auto begin = parseTime(api::stringAt(span, {"begin"})).value();
        step.begin = std::min(step.begin, begin);
        step.end = std::max(step.end, begin + Duration{api::integerAt(span, {"nanoseconds"})});
        step.summaries.append(api::stringAt(span, {"summary"})).append("\n");
    }
    return steps;
}

TEST(Trace, tellsEveryStepFromApplyToReady)
{
    const support::DockerEngine engine;
    const support::ImageRegistry registry;
    const auto image = pushWebImage(engine, registry);
    Cluster cluster(engine, {.nodes = 1});
    const SystemClock clock;
    const auto before = clock.wall();
    cluster.out({"apply", "-f", "-"}, webManifest("Deployment", "web", image, 2) + "---" + serviceManifest("web"));
    ASSERT_TRUE(cluster.shows({"get", "deployment", "web", "-o", "jsonpath={.status.readyReplicas}"}, "2"));
    const auto after = clock.wall();

    std::map<std::string, StepTimes> steps;
    api::Value trace;
    const std::vector<std::string> order{"authentication", "authorization", "admission", "store",
                                         "controller",     "scheduling",    "sandbox",   "image",
                                         "container",      "probe",         "proxy",     "dns"};
    for (int attempt = 0; attempt < 50 && steps.size() < order.size(); ++attempt) { // the last ones follow readiness
        trace = api::parseJson(cluster.out({"get", "--raw", path})).value();
        steps = stepsIn(trace);
    }
    for (const auto& step : order)
        EXPECT_TRUE(steps.contains(step)) << step << " is missing\n" << api::writeYaml(trace);
    for (std::size_t i = 1; i < order.size(); ++i)
        EXPECT_LE(steps[order[i - 1]].begin, steps[order[i]].begin) << order[i - 1] << ", " << order[i];
    EXPECT_GE(steps["authentication"].begin, before);
    EXPECT_LE(steps["probe"].end, after);
    EXPECT_THAT(steps["authentication"].summaries, HasSubstr("by client certificate"));
    EXPECT_THAT(steps["authorization"].summaries, HasSubstr("the group system:masters may do everything"));
    EXPECT_THAT(steps["admission"].summaries, HasSubstr("ServiceAccount"));
    EXPECT_THAT(steps["controller"].summaries, HasSubstr("2 pods are wanted, 0 are there: creates 2"));
    EXPECT_THAT(steps["scheduling"].summaries, HasSubstr(cluster.nodeName(0) + " is the only node that fits"));

    std::set<std::string> kinds;
    for (const auto& object : trace.at("objects").as_array())
        kinds.emplace(api::stringAt(object, {"kind"}));
    for (const auto* const kind : {"Deployment", "ReplicaSet", "Pod", "EndpointSlice"})
        EXPECT_TRUE(kinds.contains(kind)) << kind;

    // A new image is a new declaration: the trace begins with it.
    const auto changed = clock.wall();
    cluster.out({"set", "env", "deployment/web", "A=b"});
    ASSERT_TRUE(cluster.shows({"rollout", "status", "deployment/web"}, "deployment \"web\" successfully rolled out"));
    const auto rollout = stepsIn(api::parseJson(cluster.out({"get", "--raw", path})).value());
    EXPECT_GE(rollout.at("authentication").begin, changed);
    EXPECT_THAT(rollout.at("controller").summaries, HasSubstr("scales web-"));

    EXPECT_THAT(cluster.out({"get", "--raw", std::string(path) + "?format=otlp"}), HasSubstr("keelson-scheduler"));
    EXPECT_THAT(cluster.kubectl({"get", "--raw", std::string(path) + "x"}).error, HasSubstr("NotFound"));

    const auto admin = (cluster.folder() / "server" / "admin.kubeconfig").string();
    const auto shown =
        support::run({support::binaryFolder() + "/bin/keelsonctl", "trace", "deploy/web", "--kubeconfig", admin});
    EXPECT_THAT(shown.output, HasSubstr("Deployment/web in default: "));
    EXPECT_THAT(shown.output, HasSubstr("rules lead to"));

    // Who may get the Deployment alone sees its steps alone.
    const auto jane = cluster.kubeconfigFor("jane", "dev").string();
    const auto asJane = [&] { return support::run({"kubectl", "--kubeconfig", jane, "get", "--raw", path}); };
    EXPECT_THAT(asJane().error, HasSubstr("Forbidden"));
    cluster.out({"create", "role", "reader", "--verb=get", "--resource=deployments.apps"});
    cluster.out({"create", "rolebinding", "jane", "--role=reader", "--user=jane"});
    const auto seen = api::parseJson(asJane().output).value();
    EXPECT_EQ(seen.at("objects").as_array().size(), 1);
    EXPECT_EQ(api::stringAt(seen, {"object", "kind"}), "Deployment");
}

/// How much of the time until `end` some of the steps were at work, each moment counted once.
Duration coveredUntil(WallTime end, const trace::TraceView& trace)
{
    Duration sum{0};
    auto until = trace.begin();
    for (const auto& step : trace.steps) { // by their begin
        const auto from = std::max(until, step.begin);
        const auto to = std::min(end, step.end());
        if (from < to) {
            sum += to - from;
            until = to;
        }
    }
    return sum;
}

/// When the pod became ready. Its steps on the node come after each other, so that together they took no longer than
/// the stopwatch says.
WallTime expectStepsAddUp(const trace::TraceView& trace, std::size_t pod, Duration stopwatch)
{
    Duration sum{0};
    auto before = trace.begin();
    auto ready = before;
    for (const auto* const name : {"scheduling", "sandbox", "image", "container", "probe"}) {
        WallTime begin = WallTime::max();
        Duration length{0};
        for (const auto& step : trace.steps) {
            if (step.object != pod || step.step != name)
                continue;
            begin = std::min(begin, step.begin);
            length = std::max(length, step.length); // volumes are prepared beside the sandbox
            ready = std::max(ready, step.end());
        }
        EXPECT_GE(begin, before) << trace.objects[pod].text() << ", " << name;
        before = begin;
        sum += length;
    }
    EXPECT_LE(sum, stopwatch) << trace.objects[pod].text();
    return ready;
}

TEST(Trace, addsUpToWhatAStopwatchSays)
{
    const support::DockerEngine engine;
    const support::ImageRegistry registry;
    const auto image = pushWebImage(engine, registry);
    Cluster cluster(engine, {.nodes = 1});
    const SystemClock clock;

    // The stopwatch: when the apply was sent and answered, when the last look found it not ready, and when one did.
    const auto sent = clock.wall();
    cluster.out({"apply", "-f", "-"}, webManifest("Deployment", "web", image, 2) + "---" + serviceManifest("web"));
    const auto answered = clock.wall();
    WallTime missed = sent;
    WallTime look = sent;
    ASSERT_TRUE(support::eventually(std::chrono::seconds{60}, [&] {
        missed = std::exchange(look, clock.wall());
        return cluster.out({"get", "deployment", "web", "-o", "jsonpath={.status.readyReplicas}"}) == "2";
    })) << cluster.logs();
    const auto seen = clock.wall();
    const auto document = api::parseJson(cluster.out({"get", "--raw", path})).value();
    const auto trace = trace::readTrace(document).value();

    EXPECT_GE(trace.begin(), sent);
    const auto isWrite = [&](const trace::TracedStep& step) { return step.step == "store" && step.object == 0; };
    const auto first = std::ranges::find_if(trace.steps, isWrite);
    ASSERT_NE(first, trace.steps.end());
    EXPECT_LE(first->end(), answered);
    EXPECT_TRUE(std::ranges::any_of(
        trace.steps, [&](const auto& step) { return isWrite(step) && step.end() >= missed && step.end() <= seen; }))
        << "no write of the Deployment where it became ready\n"
        << api::writeYaml(document);

    std::size_t pods = 0;
    auto ready = trace.begin();
    for (std::size_t i = 0; i < trace.objects.size(); ++i) {
        if (trace.objects[i].kind != "Pod")
            continue;
        ++pods;
        ready = std::max(ready, expectStepsAddUp(trace, i, seen - sent));
    }
    EXPECT_EQ(pods, 2);
    EXPECT_LE(ready, seen);
    // The steps explain where the time went: what lies between them is handing over.
    EXPECT_GE(coveredUntil(ready, trace), (ready - trace.begin()) * 3 / 4) << api::writeYaml(document);
}

} // namespace
} // namespace keelson::e2e
