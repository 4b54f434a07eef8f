// SPDX-License-Identifier: Apache-2.0
#include "placement/placement.h"

#include "api/codec.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::placement {
namespace {

template <typename T>
T read(std::string_view yaml)
{
    return api::fromJson<T>(api::parseYaml(yaml).value()).value();
}

PodInfo pod(std::string_view spec)
{
    auto made = read<api::Pod>(fmt::format("{{metadata: {{name: p, uid: p}}, spec: {}}}", spec));
    return PodInfo(std::make_shared<const api::Pod>(std::move(made)));
}

NodeInfo node(std::string_view name, std::string_view rest)
{
    NodeInfo info{std::string(name)};
    info.setNode(std::make_shared<const api::Node>(read<api::Node>(
        fmt::format("{{metadata: {{name: {}, labels: {{disk: ssd, cores: \"8\"}}}}, {}}}", name, rest))));
    return info;
}

constexpr std::string_view roomy =
    "status: {allocatable: {cpu: '2', memory: 1Gi, pods: '10', ephemeral-storage: 1Gi, x/gpu: '1'}}";

std::string verdict(const NodeInfo& info, std::string_view spec)
{
    const auto candidate = pod(spec);
    const auto plugins = defaultPlugins();
    const PodPlacement rules(plugins, candidate);
    const auto said = rules.filter(info);
    std::string text;
    for (const auto reason : said.reasons())
        text += (text.empty() ? "" : ", ") + std::string(reason);
    return text;
}

TEST(Placement, refusesInKubernetesWords)
{
    struct Row {
        std::string_view node;
        std::string_view pod;
        std::string_view expected; // empty: accepted
    };
    const std::string tainted = fmt::format("spec: {{taints: [{{key: a, value: b, effect: NoSchedule}}]}}, {}", roomy);
    const std::string softly =
        fmt::format("spec: {{taints: [{{key: a, value: b, effect: PreferNoSchedule}}]}}, {}", roomy);
    const std::string cordoned = fmt::format("spec: {{unschedulable: true}}, {}", roomy);
    for (const auto& [place, spec, expected] : {
             Row{roomy, "{containers: [{name: c}]}", ""},
             Row{roomy, "{containers: [{name: c, resources: {requests: {cpu: '2'}}}]}", ""},
             Row{roomy, "{containers: [{name: c, resources: {requests: {cpu: 2001m, memory: 2Gi}}}]}",
                 "Insufficient cpu, Insufficient memory"},
             Row{roomy, "{containers: [{name: c, resources: {requests: {ephemeral-storage: 2Gi}}}]}",
                 "Insufficient ephemeral-storage"},
             Row{roomy, "{containers: [{name: c, resources: {requests: {x/gpu: '2'}}}]}", "Insufficient x/gpu"},
             Row{roomy, "{containers: [{name: c, resources: {requests: {y/gpu: '1'}}}]}", "Insufficient y/gpu"},
             Row{"status: {allocatable: {cpu: '1', memory: 1Gi, pods: '0'}}", "{containers: [{name: c}]}",
                 "Too many pods"},
             Row{cordoned, "{containers: [{name: c}]}", "node(s) were unschedulable"},
             Row{cordoned, "{tolerations: [{key: node.kubernetes.io/unschedulable, operator: Exists}]}", ""},
             Row{tainted, "{containers: [{name: c}]}", "node(s) had untolerated taint {a: b}"},
             Row{tainted, "{tolerations: [{key: a, value: b}]}", ""},
             Row{tainted, "{tolerations: [{key: a, value: c}]}", "node(s) had untolerated taint {a: b}"},
             Row{tainted, "{tolerations: [{operator: Exists}]}", ""},
             Row{softly, "{containers: [{name: c}]}", ""},
             Row{roomy, "{nodeName: n2}", "node(s) didn't match the requested node name"},
             Row{roomy, "{nodeSelector: {disk: ssd}}", ""},
             Row{roomy, "{nodeSelector: {disk: hdd}}", "node(s) didn't match Pod's node affinity/selector"},
         })
        EXPECT_EQ(verdict(node("n1", place), spec), expected) << spec;
}

TEST(NodeAffinity, readsItsOperators)
{
    struct Row {
        std::string_view requirement;
        bool matches;
    };
    for (const auto& [requirement, matches] : {
             Row{"{key: disk, operator: In, values: [hdd, ssd]}", true},
             Row{"{key: disk, operator: NotIn, values: [ssd]}", false},
             Row{"{key: other, operator: NotIn, values: [ssd]}", true},
             Row{"{key: disk, operator: Exists}", true},
             Row{"{key: disk, operator: DoesNotExist}", false},
             Row{"{key: cores, operator: Gt, values: ['7']}", true},
             Row{"{key: cores, operator: Gt, values: ['8']}", false},
             Row{"{key: cores, operator: Lt, values: ['9']}", true},
             Row{"{key: disk, operator: Lt, values: ['9']}", false},
         }) {
        const auto spec = fmt::format("{{affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: "
                                      "{{nodeSelectorTerms: [{{matchExpressions: [{}]}}]}}}}}}}}",
                                      requirement);
        EXPECT_EQ(verdict(node("n1", roomy), spec).empty(), matches) << requirement;
    }
    const auto byName = [](std::string_view name) {
        return fmt::format(
            "{{affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: "
            "[{{matchFields: [{{key: metadata.name, operator: In, values: [{}]}}]}}]}}}}}}}}",
            name);
    };
    EXPECT_EQ(verdict(node("n1", roomy), byName("n1")), "");
    EXPECT_NE(verdict(node("n1", roomy), byName("n2")), "");
}

TEST(NodePorts, collideOnTheSameAddressAndProtocol)
{
    auto info = node("n1", roomy);
    info.addPod(std::make_shared<const PodInfo>(
        pod("{containers: [{name: c, ports: [{containerPort: 80, hostPort: 8080, hostIP: 10.0.0.1}]}]}")));
    const auto refusal = "node(s) didn't have free ports for the requested pod ports";
    const auto asking = [](std::string_view port) {
        return fmt::format("{{containers: [{{name: c, ports: [{}]}}]}}", port);
    };
    EXPECT_EQ(verdict(info, asking("{containerPort: 1, hostPort: 8080}")), refusal);
    EXPECT_EQ(verdict(info, asking("{containerPort: 1, hostPort: 8080, hostIP: 10.0.0.1}")), refusal);
    EXPECT_EQ(verdict(info, asking("{containerPort: 1, hostPort: 8080, hostIP: 10.0.0.2}")), "");
    EXPECT_EQ(verdict(info, asking("{containerPort: 1, hostPort: 8080, protocol: UDP}")), "");
    EXPECT_TRUE(info.removePod("p"));
    EXPECT_EQ(verdict(info, asking("{containerPort: 1, hostPort: 8080}")), "");
}

TEST(PodRequests, countInitContainersSidecarsAndOverhead)
{
    struct Row {
        std::string_view spec;
        std::int64_t milliCpu;
    };
    for (const auto& [spec, milliCpu] : {
             Row{"{containers: [{name: a, resources: {requests: {cpu: 100m}}}, {name: b, resources: {requests: {cpu: "
                 "200m}}}]}",
                 300},
             Row{"{containers: [{name: a, resources: {requests: {cpu: 100m}}}], initContainers: [{name: i, resources: "
                 "{requests: {cpu: 500m}}}]}",
                 500},
             Row{"{containers: [{name: a, resources: {requests: {cpu: 100m}}}], initContainers: [{name: s, "
                 "restartPolicy: Always, resources: {requests: {cpu: 50m}}}]}",
                 150},
             Row{"{containers: [{name: a, resources: {requests: {cpu: 100m}}}], initContainers: [{name: s, "
                 "restartPolicy: Always, resources: {requests: {cpu: 50m}}}, {name: i, resources: {requests: {cpu: "
                 "500m}}}]}",
                 550},
             Row{"{overhead: {cpu: 10m}, containers: [{name: a, resources: {requests: {cpu: 100m}}}]}", 110},
         })
        EXPECT_EQ(pod(spec).requests.request.milliCpu, milliCpu) << spec;
    EXPECT_EQ(pod("{containers: [{name: a}]}").requests.scoredMilliCpu, 100);
}

TEST(NodeInfo, countsByDifferences)
{
    auto info = node("n1", roomy);
    const auto empty = info.requested();
    const auto one =
        std::make_shared<const PodInfo>(pod("{containers: [{name: c, resources: {requests: {cpu: 1, x/gpu: '1'}}}]}"));
    info.addPod(one);
    info.addPod(one); // the same again counts once
    EXPECT_EQ(info.requested().milliCpu, 1000);
    EXPECT_EQ(verdict(info, "{containers: [{name: c, resources: {requests: {x/gpu: '1'}}}]}"), "Insufficient x/gpu");
    EXPECT_TRUE(info.removePod("p"));
    EXPECT_FALSE(info.removePod("p"));
    EXPECT_EQ(info.requested(), empty);
    EXPECT_EQ(info.scoredMilliCpu(), 0);
}

TEST(Scores, preferTheEmptyTheBalancedAndTheUntainted)
{
    const auto best = [](const NodeInfo& a, const NodeInfo& b, std::string_view spec) {
        const auto candidate = pod(spec);
        const auto plugins = defaultPlugins();
        const PodPlacement rules(plugins, candidate);
        const std::vector<const NodeInfo*> nodes{&a, &b};
        const auto scores = rules.score(nodes);
        return scores[0] == scores[1] ? "equal" : scores[0] > scores[1] ? "a" : "b";
    };
    const auto a = node("a", roomy);
    const auto b = node("b", roomy);
    constexpr std::string_view plain = "{containers: [{name: c, resources: {requests: {cpu: 500m, memory: 256Mi}}}]}";
    EXPECT_EQ(best(a, b, plain), "equal");
    auto busy = node("a", roomy);
    busy.addPod(std::make_shared<const PodInfo>(pod(plain)));
    EXPECT_EQ(best(busy, b, plain), "b");
    EXPECT_EQ(
        best(node("a", fmt::format("spec: {{taints: [{{key: k, effect: PreferNoSchedule}}]}}, {}", roomy)), b, plain),
        "b");
    const auto slow = node("b", "status: {allocatable: {cpu: '2', memory: 16Gi, pods: '10'}}");
    EXPECT_EQ(
        best(a, slow,
             "{affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 100, preference: "
             "{matchFields: [{key: metadata.name, operator: In, values: [b]}]}}]}}, containers: [{name: c}]}"),
        "b");
}

TEST(Refusals, areCountedAndSorted)
{
    Refusals refusals;
    refusals.add(Verdict::refuse("Insufficient cpu"));
    refusals.add(Verdict::refuse("node(s) had untolerated taint {a: b}"));
    refusals.add(Verdict::refuse("Insufficient cpu"));
    EXPECT_EQ(refusals.text(3), "0/3 nodes are available: 1 node(s) had untolerated taint {a: b}, 2 Insufficient cpu.");
}

} // namespace
} // namespace keelson::placement
