// SPDX-License-Identifier: Apache-2.0
#include "dispatcher/assignments.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::dispatcher {
namespace {

template <typename T>
T fromYaml(std::string_view text)
{
    const auto value = api::parseYaml(text);
    EXPECT_TRUE(value.has_value()) << text;
    auto object = api::fromJson<T>(value.value_or(api::Value()));
    EXPECT_TRUE(object.has_value()) << text;
    return object.value_or(T{});
}

TEST(SentObjects, areTheConfigMapsAndSecretsThatAPodNames)
{
    const auto pod = fromYaml<api::Pod>(
        "{metadata: {name: p, namespace: shop}, spec: {serviceAccountName: web, imagePullSecrets: [{name: r}], "
        "volumes: [{name: v, configMap: {name: c}}, {name: d, persistentVolumeClaim: {claimName: disk}}]}}");
    using Kind = PodReference::Kind;
    EXPECT_EQ(sentObjects(pod), (std::set<PodReference>{{Kind::ConfigMap, "shop", "c"}, {Kind::Secret, "shop", "r"}}));
}

TEST(IsAgentsOwn, isWhatItReportsAlone)
{
    const auto pod = [](std::string_view metadata, std::string_view spec, std::string_view status) {
        const auto more = [](std::string_view text) { return text.empty() ? "" : ", "; };
        return fromYaml<api::Pod>(
            fmt::format("{{metadata: {{uid: u{}{}}}, spec: {{nodeName: node1{}{}}}, status: {{{}}}}}", more(metadata),
                        metadata, more(spec), spec, status));
    };
    const auto before = pod("resourceVersion: '1'", "", "phase: Pending, qosClass: Burstable");
    struct Case {
        const char *metadata, *spec, *status;
        bool own;
    };
    const auto* const same = "phase: Running, qosClass: Burstable";
    for (const auto& each : std::vector<Case>{
             {"resourceVersion: '2', managedFields: [{manager: m}]", "", same, true},
             {"", "", "phase: Running, qosClass: Burstable, conditions: [{type: Ready, status: 'True'}]", true},
             {"", "", "phase: Running, qosClass: Burstable, conditions: [{type: my/gate, status: 'True'}]", false},
             {"", "", "phase: Failed, qosClass: Burstable", false},
             {"", "", "phase: Running, qosClass: Guaranteed", false},
             {"", "activeDeadlineSeconds: 5", same, false},
             {"labels: {a: b}", "", same, false},
             {"annotations: {a: b}", "", same, false},
             {"finalizers: [a/b]", "", same, false},
             {"ownerReferences: [{uid: o}]", "", same, false},
             {"generation: 2", "", same, false},
             {"deletionTimestamp: '2026-01-01T00:00:00Z'", "", same, false},
             {"deletionGracePeriodSeconds: 3", "", same, false}})
        EXPECT_EQ(isAgentsOwn(before, pod(each.metadata, each.spec, each.status)), each.own)
            << each.metadata << "; " << each.spec << "; " << each.status;
}

TEST(PeerView, showsAddressesAndNothingElse)
{
    const auto node = fromYaml<api::Node>(
        "{metadata: {name: n1, labels: {secret: x}, annotations: {a: b}}, spec: {podCIDR: 10.0.0.0/24, "
        "taints: [{key: k, effect: NoSchedule}]}, status: {addresses: [{type: InternalIP, "
        "address: 1.2.3.4}], nodeInfo: {machineID: m}}}");
    const auto text = api::writeJson(peerView(node));
    EXPECT_NE(text.find("10.0.0.0/24"), std::string::npos);
    EXPECT_NE(text.find("1.2.3.4"), std::string::npos);
    for (const auto* hidden : {"secret", "taints", "annotations", "\"m\""})
        EXPECT_EQ(text.find(hidden), std::string::npos) << hidden;
}

} // namespace
} // namespace keelson::dispatcher
