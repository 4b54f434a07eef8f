// SPDX-License-Identifier: Apache-2.0
#include "dispatcher/pod_admission.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::dispatcher {
namespace {

template <typename T>
std::shared_ptr<const T> fromYaml(const std::string& text)
{
    const auto value = api::parseYaml(text);
    EXPECT_TRUE(value.has_value()) << text;
    auto object = api::fromJson<T>(value.value_or(api::Value()));
    EXPECT_TRUE(object.has_value()) << text;
    return std::make_shared<const T>(object.value_or(T{}));
}

api::PodPtr pod(const std::string& spec, const std::string& uid = "new")
{
    return fromYaml<api::Pod>(fmt::format("{{metadata: {{name: p, uid: {}}}, spec: {{nodeName: n1, {}}}}}", uid, spec));
}

std::string asking(const char* requests)
{
    return fmt::format("containers: [{{name: c, resources: {{requests: {{{}}}}}}}]", requests);
}

constexpr const char* someNode = "{metadata: {name: n1, labels: {disk: ssd}}, status: {allocatable: "
                                 "{cpu: '2', memory: 1Gi, ephemeral-storage: 10Gi, pods: '3', x/gpu: '1'}}}";

TEST(PodAdmission, refusesInTheWordsOfKubernetes)
{
    const std::string taken = "cpu: 500m, memory: 512Mi, x/gpu: 1";
    const std::string port = "containers: [{name: c, ports: [{hostPort: 80}]}]";
    struct Row {
        std::string spec;
        std::vector<std::string> ahead;
        std::string rejection;
    };
    for (const auto& [spec, ahead, expected] : {
             Row{asking("cpu: 2"), {}, ""},
             Row{asking("cpu: 1500m, memory: 512Mi"), {asking(taken.c_str())}, ""},
             Row{asking("cpu: 1501m"),
                 {asking(taken.c_str())},
                 "OutOfcpu: Node didn't have enough resource: cpu, requested: 1501, used: 500, capacity: 2000"},
             Row{asking("memory: 513Mi"),
                 {asking(taken.c_str())},
                 "OutOfmemory: Node didn't have enough resource: memory, requested: 537919488, used: 536870912, "
                 "capacity: 1073741824"},
             Row{asking("x/gpu: 1"),
                 {asking(taken.c_str())},
                 "OutOfx/gpu: Node didn't have enough resource: x/gpu, requested: 1, used: 1, capacity: 1"},
             Row{asking("y/gpu: 1"), {}, ""},
             Row{asking(""),
                 {asking(""), asking(""), asking("")},
                 "OutOfpods: Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3"},
             Row{port, {asking("")}, ""},
             Row{port,
                 {port},
                 "NodePorts: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"},
             Row{"nodeSelector: {disk: ssd}", {}, ""},
             Row{"nodeSelector: {disk: tape}",
                 {},
                 "NodeAffinity: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"},
         }) {
        std::vector<api::PodPtr> pods;
        for (const auto& each : ahead)
            pods.push_back(pod(each, fmt::format("u{}", pods.size())));
        const auto rejection = rejectionOf(pod(spec), fromYaml<api::Node>(someNode), pods);
        EXPECT_EQ(rejection ? rejection->reason + ": " + rejection->message : "", expected) << spec;
    }
}

TEST(PodAdmission, heedsOnlyTaintsThatDriveAway)
{
    const auto rejection = [](const char* effect, const char* tolerations) {
        const auto node = fromYaml<api::Node>(
            fmt::format("{{metadata: {{name: n1}}, spec: {{taints: [{{key: k, value: v, effect: {}}}]}}}}", effect));
        const auto found = rejectionOf(pod(fmt::format("tolerations: [{}]", tolerations)), node, {});
        return found ? found->reason + ": " + found->message : "";
    };
    EXPECT_EQ(rejection("NoSchedule", ""), "") << "the scheduler's alone";
    EXPECT_EQ(rejection("NoExecute", ""),
              "TaintToleration: Predicate TaintToleration failed: node(s) had untolerated taint {k: v}");
    EXPECT_EQ(rejection("NoExecute", "{key: k, operator: Exists}"), "");
}

TEST(PodAdmission, aNodeThatHasNotToldWhatItHasIsNotFull)
{
    EXPECT_FALSE(rejectionOf(pod(asking("cpu: 1")), fromYaml<api::Node>("{metadata: {name: n1}}"), {}));
}

} // namespace
} // namespace keelson::dispatcher
