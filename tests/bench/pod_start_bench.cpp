// SPDX-License-Identifier: Apache-2.0
// pod_start_bench: a Deployment of 1, 10 and 30 busybox pods, from its creation to all Ready, on one real node; image
// present.
#include "bench/bench_server.h"
#include "e2e/cluster.h"
#include "support/tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <stdexcept>

namespace keelson::bench {
namespace {

using Clock = std::chrono::steady_clock;
using support::eventually;

constexpr auto image = "keelson/bench:1";

std::string deployment(const std::string& name, int replicas)
{
    return fmt::format(
        R"({{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"{0}"}},"spec":{{"replicas":{1},)"
        R"("selector":{{"matchLabels":{{"app":"{0}"}}}},"template":{{"metadata":{{"labels":{{"app":"{0}"}}}},"spec":{{)"
        R"("terminationGracePeriodSeconds":0,"containers":[{{"name":"c","image":"{2}","command":["sleep","3600"]}}]}}}}}}}})",
        name, replicas, image);
}

double secondsToReady(const Target& target, int replicas, int round)
{
    const std::string folder = "/apis/apps/v1/namespaces/default/deployments";
    const auto name = fmt::format("d{}-{}", replicas, round);
    const auto start = Clock::now();
    const auto created = httpsRequest(target, request("POST", folder, deployment(name, replicas)));
    if (!created.starts_with("HTTP/1.1 201"))
        throw std::runtime_error(created);
    const auto wanted = fmt::format("\"readyReplicas\":{}", replicas);
    const auto end = start + std::chrono::seconds{120};
    std::string told;
    // A watch: asking again and again would take the cores that the pods start on.
    httpsStream(target, request("GET", folder + "?watch=true&fieldSelector=metadata.name%3D" + name),
                [&](std::string_view bytes) {
                    told += bytes;
                    return !told.contains(wanted) && Clock::now() < end;
                });
    if (!told.contains(wanted))
        throw std::runtime_error("not Ready after two minutes: " + told);
    const auto seconds = std::chrono::duration<double>(Clock::now() - start).count();
    httpsRequest(target, request("DELETE", folder + "/" + name));
    eventually(std::chrono::seconds{60}, [&] {
        return httpsRequest(target, request("GET", "/api/v1/namespaces/default/pods?labelSelector=app%3D" + name))
                   .find("\"items\":[]") != std::string::npos;
    });
    return seconds;
}

std::vector<Figure> benchPodStart()
{
    constexpr int rounds = 3;
    const support::DockerEngine engine;
    const auto made = support::run({support::sourceFolder() + "/tools/sample_image", image},
                                   {.input = {}, .environment = {{"DOCKER_HOST", engine.address()}}});
    if (!made.ok())
        throw std::runtime_error(made.error);
    const e2e::Cluster cluster(engine, {.nodes = 1, .name = "bench"});
    const auto facts = support::readKubeconfig(cluster.folder() / "server" / "admin.kubeconfig");
    const auto colon = facts.server.rfind(':');
    const auto host = facts.server.substr(facts.server.find("//") + 2);
    const Target target{host.substr(0, host.rfind(':')), facts.server.substr(colon + 1), facts.authority,
                        facts.certificate, facts.key};
    std::vector<Figure> figures;
    for (const auto& [replicas, wanted] : std::map<int, std::string>{{1, "0.45 s"}, {10, "2 s"}, {30, "5 s"}}) {
        std::vector<double> seconds;
        for (int round = 0; round < rounds; ++round)
            seconds.push_back(secondsToReady(target, replicas, round));
        std::ranges::sort(seconds);
        figures.push_back({fmt::format("Deployment of {} to all Ready", replicas), seconds[rounds / 2], "s",
                           seconds[rounds / 2] * 1000, seconds.back() * 1000, seconds.back() * 1000, wanted});
    }
    return figures;
}

} // namespace
} // namespace keelson::bench

int main()
{
    return keelson::bench::runBench("pod-start", keelson::bench::benchPodStart);
}
