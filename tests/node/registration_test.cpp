// SPDX-License-Identifier: Apache-2.0
#include "node/registration.h"

#include "node/node_facts.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::node {
namespace {

std::string textOf(const Result<std::map<std::string, std::string, std::less<>>>& labels)
{
    if (!labels)
        return "wrong: " + labels.error().message;
    std::string text;
    for (const auto& [key, value] : *labels)
        text += fmt::format("{}={} ", key, value);
    return text;
}

std::string textOf(const Result<std::vector<api::Taint>>& taints)
{
    if (!taints)
        return "wrong: " + taints.error().message;
    std::string text;
    for (const auto& taint : *taints)
        text += fmt::format("{}={}:{} ", taint.key, taint.value, taint.effect);
    return text;
}

struct Row {
    const char* text;
    const char* read; ///< Or how the refusal begins.
};

TEST(NodeLabels, areThoseThatKubeletMaySet)
{
    for (const auto& [text, read] : {
             Row{"", ""},
             Row{"disk=ssd,rack=", "disk=ssd rack= "},
             Row{"example.com/tier=a", "example.com/tier=a "},
             Row{"topology.kubernetes.io/zone=z1", "topology.kubernetes.io/zone=z1 "},
             Row{"node.kubernetes.io/pool=p", "node.kubernetes.io/pool=p "},
             Row{"x.kubelet.kubernetes.io/y=z", "x.kubelet.kubernetes.io/y=z "},
             Row{"disk", "wrong: \"disk\" is not KEY=VALUE"},
             Row{"=ssd", "wrong: \"\" is no key: "},
             Row{"a b=c", "wrong: \"a b\" is no key: "},
             Row{"a=b c", "wrong: \"b c\" is no value: "},
             Row{"node-role.kubernetes.io/control-plane=",
                 "wrong: \"node-role.kubernetes.io/control-plane\" is not a node's own to set"},
             Row{"node-restriction.kubernetes.io/x=y",
                 "wrong: \"node-restriction.kubernetes.io/x\" is not a node's own to set"},
             Row{"x.k8s.io/y=z", "wrong: \"x.k8s.io/y\" is not a node's own to set"},
             Row{"notkubernetes.io/y=z", "notkubernetes.io/y=z "},
         })
        EXPECT_EQ(textOf(parseNodeLabels(text)).substr(0, std::string_view(read).size()), read) << text;
}

TEST(Taints, haveKeyValueAndEffect)
{
    for (const auto& [text, read] : {
             Row{"", ""},
             Row{"none", ""},
             Row{"gpu=yes:NoSchedule,old:PreferNoSchedule", "gpu=yes:NoSchedule old=:PreferNoSchedule "},
             Row{"gpu=yes:NoSchedule,gpu=yes:NoExecute", "gpu=yes:NoSchedule gpu=yes:NoExecute "},
             Row{"node-role.kubernetes.io/control-plane=:NoSchedule",
                 "node-role.kubernetes.io/control-plane=:NoSchedule "},
             Row{"gpu", "wrong: \"gpu\" is not KEY=VALUE:EFFECT or KEY:EFFECT"},
             Row{"gpu=yes", "wrong: \"gpu=yes\" is not KEY=VALUE:EFFECT"},
             Row{"gpu=yes:Never", "wrong: \"Never\" is no effect: NoSchedule, PreferNoSchedule and NoExecute are"},
             Row{":NoSchedule", "wrong: \"\" is no key: "},
             Row{"a=b c:NoSchedule", "wrong: \"b c\" is no value: "},
             Row{"a=b:NoSchedule,a=c:NoSchedule",
                 "wrong: \"a=c:NoSchedule\" has the key and the effect of another taint"},
         })
        EXPECT_EQ(textOf(parseTaints(text)).substr(0, std::string_view(read).size()), read) << text;
    EXPECT_EQ(textOf(parseTaints("none")), "");
}

TEST(Taints, areRegisteredWithTheNode)
{
    const auto node = makeNode({.name = "n1", .taints = {controlPlaneTaint()}});
    ASSERT_EQ(node.spec.taints.size(), 1U);
    EXPECT_EQ(node.spec.taints[0].key, "node-role.kubernetes.io/control-plane");
    EXPECT_EQ(node.spec.taints[0].effect, "NoSchedule");
}

TEST(IsOnThisMachine, knowsItsOwnAddresses)
{
    EXPECT_TRUE(isOnThisMachine("127.0.0.1:6444"));
    EXPECT_TRUE(isOnThisMachine("localhost:6444"));
    EXPECT_TRUE(isOnThisMachine(hostAddress("192.0.2.1:1") + ":6444"));
    EXPECT_FALSE(isOnThisMachine("192.0.2.1:6444")) << "for documentation only (RFC 5737)";
    EXPECT_FALSE(isOnThisMachine("no-such-host.invalid:6444"));
}

} // namespace
} // namespace keelson::node
