// SPDX-License-Identifier: Apache-2.0
#include "dispatcher/assignments.h"

#include <gtest/gtest.h>

namespace keelson::dispatcher {
namespace {

template <typename T>
T fromYaml(std::string_view text)
{
    const auto value = api::parseYaml(text);
    EXPECT_TRUE(value.has_value()) << text;
    return api::fromJson<T>(value.value_or(api::Value())).value_or(T{});
}

TEST(SentObjects, areTheConfigMapsAndSecretsThatAPodNames)
{
    const auto pod = fromYaml<api::Pod>(
        "{metadata: {name: p, namespace: shop}, spec: {serviceAccountName: web, imagePullSecrets: [{name: r}], "
        "volumes: [{name: v, configMap: {name: c}}, {name: d, persistentVolumeClaim: {claimName: disk}}]}}");
    using Kind = PodReference::Kind;
    EXPECT_EQ(sentObjects(pod), (std::set<PodReference>{{Kind::ConfigMap, "shop", "c"}, {Kind::Secret, "shop", "r"}}));
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
