// SPDX-License-Identifier: Apache-2.0
// schedule_bench [NODES [PODS]]: a real keelsond and a real agent that plays the nodes, from joining to coming back
// from a kill -9.
#include "api/value.h"
#include "base/clock.h"
#include "bench/bench_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>

namespace keelson::bench {
namespace {

using Clock = std::chrono::steady_clock;
using support::ControlPlaneProcess;
using support::Process;
using support::TemporaryFolder;

constexpr std::chrono::minutes limit{3};
/// Room for a /24 on each of 32,768 nodes, beside the addresses of Services.
constexpr auto podCidr = "10.128.0.0/9";

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string now()
{
    return formatMicroTime(SystemClock().wall());
}

std::string deployment(const std::string& name, int replicas)
{
    return fmt::format(
        R"({{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"{0}"}},"spec":{{"replicas":{1},)"
        R"("selector":{{"matchLabels":{{"app":"{0}"}}}},"template":{{"metadata":{{"labels":{{"app":"{0}"}}}},"spec":{{)"
        R"("terminationGracePeriodSeconds":0,"containers":[{{"name":"app","image":"app:1","resources":{{"requests":{{)"
        R"("cpu":"100m","memory":"128Mi"}}}}}}]}}}}}}}})",
        name, replicas);
}

/// A control plane with its simulated nodes, seen through the API alone.
class Cluster {
public:
    Cluster(int nodes, int pods) : m_nodes(nodes), m_pods(pods) { startServer(); }

    void startServer()
    {
        m_server.reset();
        m_server = std::make_unique<ControlPlaneProcess>(KEELSON_BIN "/keelsond", m_folder.path() / "data",
                                                         std::vector<std::string>{"--pod-cidr", podCidr});
        if (!m_server->waitReady())
            throw std::runtime_error("keelsond did not become ready:\n" + m_server->log());
        m_target = targetOf(*m_server);
    }
    void killServer() { m_server->process().signal(SIGKILL); }

    void startAgents()
    {
        m_agents = std::make_unique<Process>(
            std::vector<std::string>{KEELSON_BIN "/keelson-agent", "--server", m_server->agentAddress(), "--token-file",
                                     m_server->tokenFile().string(), "--node", "sim", "--data-dir",
                                     (m_folder.path() / "agent").string(), "--simulate", std::to_string(m_nodes)},
            m_folder.path() / "agent.log");
    }
    void killAgents() { m_agents.reset(); }

    double resident() { return residentMiB(m_server->process().pid()); }

    api::Value get(const std::string& path)
    {
        const auto reply = httpsRequest(m_target, request("GET", path));
        const auto body =
            api::parseJson(std::string_view(reply).substr(std::min(reply.size(), reply.find("\r\n\r\n"))));
        if (!reply.starts_with("HTTP/1.1 200") || !body)
            throw std::runtime_error("GET " + path + ": " + reply.substr(0, 500));
        return *body;
    }
    /// All objects of a list, in pages.
    api::Array items(const std::string& path)
    {
        api::Array all;
        std::string next;
        do {
            auto page = get(fmt::format("{}?limit=500&continue={}", path, next));
            next = api::stringAt(page, {"metadata", "continue"});
            for (auto& each : page.at("items").as_array())
                all.push_back(std::move(each));
        } while (!next.empty());
        return all;
    }
    void send(const std::string& verb, const std::string& path, const std::string& body = {})
    {
        const auto reply = httpsRequest(m_target, request(verb, path, body));
        if (!reply.starts_with("HTTP/1.1 20"))
            throw std::runtime_error(verb + " " + path + ": " + reply.substr(0, 500));
    }

    /// Waits until the watch has shown that many objects come to match; begins with what is there, or with `from`.
    void awaitMatches(const std::string& path, const std::string& fields, int wanted, const std::string& from = "0")
    {
        const auto start = Clock::now();
        int seen = 0;
        std::string rest;
        constexpr std::string_view added = "{\"type\":\"ADDED\"";
        httpsStream(m_target,
                    request("GET", fmt::format("{}?watch=1&resourceVersion={}&fieldSelector={}", path, from, fields)),
                    [&](std::string_view bytes) {
                        rest += bytes;
                        std::size_t at = 0;
                        for (auto found = rest.find(added); found != std::string::npos; found = rest.find(added, at)) {
                            ++seen;
                            at = found + added.size();
                        }
                        rest.erase(0, std::max(at, rest.size() - std::min(rest.size(), added.size() - 1)));
                        return seen < wanted && Clock::now() - start < limit;
                    });
        if (seen < wanted)
            throw std::runtime_error(fmt::format("{} {}: only {} of {} after {:.1f} s\n{}", path, fields, seen, wanted,
                                                 secondsSince(start), missing()));
    }

    /// A pod that does not run, and what was said of it.
    std::string missing()
    {
        const auto pods = get("/api/v1/pods?limit=1&fieldSelector=status.phase!%3DRunning").at("items").as_array();
        if (pods.empty())
            return "all pods there are run";
        const auto events = get(fmt::format("/api/v1/events?fieldSelector=involvedObject.name%3D{}",
                                            api::stringAt(pods.front(), {"metadata", "name"})));
        return api::writeJson(pods.front()) + "\n" + api::writeJson(events);
    }

    std::string version()
    {
        return std::string(api::stringAt(get("/api/v1/pods?limit=1"), {"metadata", "resourceVersion"}));
    }

    void awaitReadyNodes()
    {
        await("nodes are Ready", [&] { return readyNodes() == m_nodes; });
    }

    int readyNodes()
    {
        int ready = 0;
        for (const auto& node : items("/api/v1/nodes")) {
            const auto* conditions = api::find(node, {"status", "conditions"});
            for (const auto& each : conditions ? conditions->as_array() : api::Array())
                ready += api::stringAt(each, {"type"}) == "Ready" && api::stringAt(each, {"status"}) == "True" ? 1 : 0;
        }
        return ready;
    }

    /// Waits until each node's lease is newer than `time` (as Kubernetes writes times).
    void awaitLeasesAfter(const std::string& time)
    {
        await("leases are renewed", [&] {
            int renewed = 0;
            for (const auto& lease : items("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"))
                renewed += api::stringAt(lease, {"spec", "renewTime"}) > time ? 1 : 0;
            return renewed == m_nodes;
        });
    }

    void awaitRunning()
    {
        await("all pods run", [&] {
            return get("/api/v1/pods?limit=1&fieldSelector=status.phase!%3DRunning").at("items").as_array().empty();
        });
    }

    void awaitNoPods()
    {
        await("pods are gone", [&] { return get("/api/v1/pods?limit=1").at("items").as_array().empty(); });
    }

    /// Sets spec.unschedulable of all nodes.
    void cordon(bool on)
    {
        int next = 0;
        const auto report = httpsLoad(m_target, 4, 60, [&](auto) {
            return next == m_nodes ? std::string()
                                   : request("PATCH", fmt::format("/api/v1/nodes/sim-{}", next++),
                                             fmt::format(R"({{"spec":{{"unschedulable":{}}}}})", on ? "true" : "null"),
                                             "application/merge-patch+json");
        });
        if (report.failures > 0)
            throw std::runtime_error("cordon: " + report.firstFailure);
    }

    /// All pods run, each on a node that is there and none with too many.
    Figure spread()
    {
        std::map<std::string, int, std::less<>> byNode;
        const auto pods = items("/api/v1/pods");
        for (const auto& pod : pods) {
            ++byNode[std::string(api::stringAt(pod, {"spec", "nodeName"}))];
            if (api::stringAt(pod, {"status", "phase"}) != "Running" || !isScheduled(pod))
                throw std::runtime_error("a pod does not run: " + api::writeJson(pod));
        }
        if (pods.size() != static_cast<std::size_t>(m_pods))
            throw std::runtime_error(fmt::format("{} pods, wanted {}", pods.size(), m_pods));
        int most = 0;
        for (const auto& [node, count] : byNode)
            most = std::max(most, count);
        return {.name = fmt::format("most pods on one node, {} nodes used", byNode.size()),
                .value = static_cast<double>(most),
                .unit = "pods"};
    }

    std::string logs() { return m_server->log(); }

private:
    static bool isScheduled(const api::Value& pod)
    {
        const auto& conditions = pod.at("status").at("conditions").as_array();
        return std::ranges::any_of(conditions, [](const api::Value& each) {
            return api::stringAt(each, {"type"}) == "PodScheduled" && api::stringAt(each, {"status"}) == "True";
        });
    }

    static void await(const std::string& what, const std::function<bool()>& condition)
    {
        if (!support::eventually(limit, condition))
            throw std::runtime_error("not within three minutes: " + what);
    }

    const int m_nodes;
    const int m_pods;
    TemporaryFolder m_folder;
    Target m_target;
    std::unique_ptr<ControlPlaneProcess> m_server;
    std::unique_ptr<Process> m_agents;
};

class Bench {
public:
    Bench(int nodes, int pods) : m_nodes(nodes), m_pods(pods), m_cluster(nodes, pods) {}

    std::vector<Figure> run()
    {
        join();
        apply();
        remove("apply");
        backlog();
        agentsComeBack();
        serverComesBack();
        remove("backlog");
        return std::move(m_figures);
    }

private:
    static constexpr auto deployments = "/apis/apps/v1/namespaces/default/deployments";

    void add(std::string name, double value, std::string unit, std::string target = {})
    {
        fmt::print(stderr, "{}: {:.2f} {}\n", name, value, unit);
        m_figures.push_back(
            {.name = std::move(name), .value = value, .unit = std::move(unit), .target = std::move(target)});
    }

    void join()
    {
        const auto start = Clock::now();
        m_cluster.startAgents();
        m_cluster.awaitReadyNodes();
        add(fmt::format("{} nodes join, to all Ready", m_nodes), secondsSince(start), "s");
        add("resident memory with the nodes", m_cluster.resident(), "MiB");
    }

    void apply()
    {
        const auto before = m_cluster.version();
        const auto start = Clock::now();
        m_cluster.send("POST", deployments, deployment("apply", m_pods));
        m_cluster.awaitMatches("/api/v1/pods", "spec.nodeName!=", m_pods, before);
        add(fmt::format("Deployment of {} on {} nodes, apply to all bound", m_pods, m_nodes),
            m_pods / secondsSince(start), "pods/s", "2,500");
        m_cluster.awaitMatches("/api/v1/pods", "status.phase%3DRunning", m_pods);
        add("the same, apply to all Running", m_pods / secondsSince(start), "pods/s");
        m_figures.push_back(m_cluster.spread());
        add("resident memory then", m_cluster.resident(), "MiB", "200 MiB");
    }

    void remove(const std::string& name)
    {
        const auto start = Clock::now();
        m_cluster.send("DELETE", fmt::format("{}/{}", deployments, name));
        m_cluster.awaitNoPods();
        add("the Deployment deleted, to no pod left", m_pods / secondsSince(start), "pods/s");
    }

    void backlog()
    {
        m_cluster.cordon(true);
        const auto before = m_cluster.version();
        m_cluster.send("POST", deployments, deployment("backlog", m_pods));
        m_cluster.awaitMatches("/api/v1/pods", "status.phase%3DPending", m_pods, before);
        const auto start = Clock::now();
        m_cluster.cordon(false);
        add("all nodes uncordoned", secondsSince(start), "s");
        m_cluster.awaitMatches("/api/v1/pods", "spec.nodeName!=", m_pods);
        add(fmt::format("backlog of {} on {} nodes, first uncordoned to all bound", m_pods, m_nodes),
            m_pods / secondsSince(start), "pods/s", "5,000");
        m_cluster.awaitMatches("/api/v1/pods", "status.phase%3DRunning", m_pods);
        m_figures.push_back(m_cluster.spread());
        add("resident memory at the end", m_cluster.resident(), "MiB", "200 MiB");
    }

    void agentsComeBack()
    {
        m_cluster.killAgents();
        const auto time = now();
        const auto start = Clock::now();
        m_cluster.startAgents();
        m_cluster.awaitLeasesAfter(time);
        m_cluster.awaitReadyNodes();
        add("agent killed and started, to all leases renewed", secondsSince(start), "s");
        m_cluster.awaitRunning(); // simulated containers end with their process
        m_figures.push_back(m_cluster.spread());
    }

    void serverComesBack()
    {
        m_cluster.killServer();
        const auto time = now();
        const auto start = Clock::now();
        m_cluster.startServer();
        add("keelsond killed and started, to /readyz", secondsSince(start), "s");
        m_cluster.awaitLeasesAfter(time);
        m_cluster.awaitReadyNodes();
        add("the same, to all leases renewed", secondsSince(start), "s");
        m_figures.push_back(m_cluster.spread());
        add("resident memory after that", m_cluster.resident(), "MiB");
    }

    const int m_nodes;
    const int m_pods;
    Cluster m_cluster;
    std::vector<Figure> m_figures;
};

} // namespace
} // namespace keelson::bench

int main(int argc, char** argv)
{
    const int nodes = argc > 1 ? std::atoi(argv[1]) : 1000;
    const int pods = argc > 2 ? std::atoi(argv[2]) : 5000;
    return keelson::bench::runBench("schedule", [&] { return keelson::bench::Bench(nodes, pods).run(); });
}
