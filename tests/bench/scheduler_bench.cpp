// SPDX-License-Identifier: Apache-2.0
// A backlog of pods on simulated nodes: how fast the scheduler decides and binds, with a store in memory that costs
// little.
#include "api/core_v1.h"
#include "bench/figures.h"
#include "scheduler/scheduler.h"
#include "support/fake_client.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>

namespace {

using namespace keelson;
using std::chrono::milliseconds;

constexpr int nodeCount = 1000;
constexpr int podCount = 5000;
constexpr std::chrono::minutes limit{2};

void fill(test::FakeClient& server)
{
    for (int i = 0; i < nodeCount; ++i)
        server.createYaml(
            fmt::format("{{apiVersion: v1, kind: Node, metadata: {{name: node-{0}, labels: {{kubernetes.io/hostname: "
                        "node-{0}}}}}, status: {{allocatable: {{cpu: '32', memory: 64Gi, pods: '110'}}}}}}",
                        i));
    const auto pod =
        api::parseYaml("{apiVersion: v1, kind: Pod, metadata: {generateName: web-, namespace: default, labels: {app: "
                       "web}}, spec: {containers: [{name: app, image: 'app:1', resources: {requests: {cpu: 100m, "
                       "memory: 128Mi}}}]}}");
    for (const auto& created : server.createEach(api::kindOf<api::Pod>(), std::vector<api::Value>(podCount, *pod))) {
        if (!created)
            std::abort();
    }
}

/// Seconds from start until all pods are bound, the first list of pods and nodes included.
double measure()
{
    const SystemClock clock;
    SystemRandom random;
    test::FakeClient server(clock, random);
    fill(server);
    ThreadLoop watchLoop("watch", clock);
    ThreadExecutor executor("bind", 4);
    ThreadLoop loop("scheduler", clock);
    scheduler::Scheduler scheduler(server, loop, executor, random);
    std::promise<void> allBound;
    const auto start = clock.steady();
    std::function<void()> look = [&] {
        if (scheduler.counters().bound == podCount)
            allBound.set_value();
        else
            watchLoop.after(milliseconds{1}, [&] { look(); });
    };
    scheduler.start();
    watchLoop.post([&] { look(); });
    if (allBound.get_future().wait_for(limit) != std::future_status::ready) {
        fmt::print(stderr, "scheduler_bench: only {} of {} pods were bound\n", scheduler.counters().bound, podCount);
        std::exit(1);
    }
    const std::chrono::duration<double> took = clock.steady() - start;
    scheduler.stop();
    loop.stop();
    return took.count();
}

} // namespace

int main()
{
    std::vector<bench::Figure> figures;
    for (int run = 1; run <= 3; ++run)
        figures.push_back({.name = fmt::format("backlog of {} pods, {} nodes, run {}", podCount, nodeCount, run),
                           .value = podCount / measure(),
                           .unit = "pods/s",
                           .target = "5,000"});
    bench::print("scheduler", figures);
    return 0;
}
