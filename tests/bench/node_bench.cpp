// SPDX-License-Identifier: Apache-2.0
// node_bench idle-agent|first-pod: real nodes on a Docker engine of the bench's own. Needs root.
#include "bench/bench_server.h"
#include "e2e/cluster.h"
#include "support/tree.h"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

#include <unistd.h>

namespace keelson::bench {
namespace {

using Clock = std::chrono::steady_clock;
using support::eventually;

constexpr auto image = "keelson/bench:1";
constexpr std::chrono::seconds limit{90};

void makeImage(const support::DockerEngine& engine)
{
    const auto made = support::run({support::sourceFolder() + "/tools/sample_image", image},
                                   {.input = {}, .environment = {{"DOCKER_HOST", engine.address()}}});
    if (!made.ok())
        throw std::runtime_error(made.error);
}

std::vector<Figure> benchIdleAgent()
{
    constexpr int pods = 30;
    constexpr int settleSeconds = 10;
    constexpr int measureSeconds = 20;
    const support::DockerEngine engine;
    makeImage(engine);
    e2e::Cluster cluster(engine, {.nodes = 1, .name = "bench"});
    const auto created = cluster.kubectl({"create", "-f", "-"}, fmt::format(R"(
apiVersion: apps/v1
kind: Deployment
metadata: {{name: idle}}
spec:
  replicas: {}
  selector: {{matchLabels: {{app: idle}}}}
  template:
    metadata: {{labels: {{app: idle}}}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{{name: idle, image: "{}", command: [sleep, "3600"]}}]
)",
                                                                            pods, image));
    if (!created.ok())
        throw std::runtime_error(created.error);
    if (!cluster.shows({"get", "deployment", "idle", "-o", "jsonpath={.status.readyReplicas}"}, std::to_string(pods),
                       limit))
        throw std::runtime_error("the pods did not become Ready:\n" + cluster.logs());
    ::sleep(settleSeconds);
    const auto agent = cluster.agent(0).pid();
    const auto before = cpuSeconds(agent);
    ::sleep(measureSeconds);
    const auto used = cpuSeconds(agent) - before;
    return {{fmt::format("agent with {} pods, resident memory", pods), residentMiB(agent), "MiB", 0, 0, 0, "25 MiB"},
            {"CPU of one core", used / measureSeconds * 100, "%", 0, 0, 0, "0.5 %"}};
}

/// A pod with a web server, a Service, and a pod that asks that by name until it has an answer, and ends.
std::string askedByName()
{
    return fmt::format(R"(
apiVersion: v1
kind: Pod
metadata: {{name: web, labels: {{app: web}}}}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{{name: web, image: "{0}", command: [httpd, -f, -p, "8080", -h, /www]}}]
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec: {{selector: {{app: web}}, ports: [{{port: 80, targetPort: 8080}}]}}
---
apiVersion: v1
kind: Pod
metadata: {{name: ask}}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  containers:
    - name: ask
      image: "{0}"
      command: [sh, -c, "until wget -S -O- http://web/ 2>&1 | grep -q HTTP/1; do usleep 20000; done"]
)",
                       image);
}

std::vector<Figure> benchFirstPod()
{
    const support::DockerEngine engine;
    makeImage(engine);
    const support::TemporaryFolder home;
    const std::map<std::string, std::string> environment{{"HOME", home.path()},
                                                         {"XDG_DATA_HOME", home.path() / "share"},
                                                         {"DOCKER_HOST", engine.address()},
                                                         {"KUBECONFIG", ""}};
    const auto ctl = [&](const std::string& verb) {
        const auto done = support::run({support::binaryFolder() + "/bin/keelsonctl", "cluster", verb, "bench"},
                                       {.input = {}, .environment = environment});
        if (!done.ok())
            throw std::runtime_error(done.output + done.error);
    };
    const auto kubectl = [&](std::vector<std::string> arguments, const std::string& input = {}) {
        arguments.insert(arguments.begin(), {"kubectl", "--context", "keelson-bench"});
        return support::run(arguments, {.input = input, .environment = environment});
    };
    const auto seconds = [start = Clock::now()] { return std::chrono::duration<double>(Clock::now() - start).count(); };
    ctl("up");
    const auto up = seconds();
    const auto created = kubectl({"create", "-f", "-"}, askedByName());
    if (!created.ok())
        throw std::runtime_error(created.error);
    const bool answered = eventually(
        limit, [&] { return kubectl({"get", "pod", "ask", "-o", "jsonpath={.status.phase}"}).output == "Succeeded"; });
    const auto asked = seconds();
    const auto state = answered ? std::string() : kubectl({"get", "pods,events", "-o", "wide"}).output;
    ctl("delete");
    if (!answered)
        throw std::runtime_error("the Service did not answer by its name:\n" + state);
    return {{"keelsonctl cluster up, empty folder", up, "s"},
            {"from its begin to a pod that answers by DNS name", asked, "s", 0, 0, 0, "2 s"}};
}

} // namespace
} // namespace keelson::bench

int main(int argc, char** argv)
{
    using namespace keelson::bench;
    const std::string name = argc == 2 ? argv[1] : "";
    if (name == "idle-agent")
        return runBench(name, benchIdleAgent);
    if (name == "first-pod")
        return runBench(name, benchFirstPod);
    fmt::print(stderr, "usage: node_bench idle-agent|first-pod\n");
    return 2;
}
