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

std::string referencesOf(const std::string& spec)
{
    std::string text;
    for (const auto& each :
         referencedObjects(fromYaml<api::Pod>("{metadata: {name: p, namespace: shop}, spec: {" + spec + "}}")))
        text += (each.secret ? "secret " : "configmap ") + each.nameSpace + "/" + each.name + " ";
    return text;
}

TEST(ReferencedObjects, areAllThatAPodNames)
{
    const struct {
        const char* spec;
        const char* references;
    } cases[] = {
        {"containers: [{name: a}]", ""},
        {"containers: [{name: a, envFrom: [{configMapRef: {name: c}}, {secretRef: {name: s}}]}]",
         "configmap shop/c secret shop/s "},
        {"initContainers: [{name: a, env: [{name: X, valueFrom: {secretKeyRef: {name: s, key: k}}}]}]",
         "secret shop/s "},
        {"ephemeralContainers: [{name: a, env: [{name: X, valueFrom: {configMapKeyRef: {name: c, key: k}}}]}]",
         "configmap shop/c "},
        {"volumes: [{name: v, configMap: {name: c}}, {name: w, secret: {secretName: s}}]",
         "configmap shop/c secret shop/s "},
        {"volumes: [{name: v, projected: {sources: [{configMap: {name: c}}, {secret: {name: s}}]}}]",
         "configmap shop/c secret shop/s "},
        {"imagePullSecrets: [{name: r}]", "secret shop/r "},
    };
    for (const auto& each : cases)
        EXPECT_EQ(referencesOf(each.spec), each.references) << each.spec;
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
