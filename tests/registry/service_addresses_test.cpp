// SPDX-License-Identifier: Apache-2.0
#include "registry/cluster.h"

#include "registry/service_addresses.h"

#include <gmock/gmock.h>

#include <set>
#include <sstream>
#include <thread>

namespace keelson::registry {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string service(std::string_view name, std::string_view spec = "")
{
    return fmt::format("{{metadata: {{name: {}}}, spec: {{selector: {{a: b}}, ports: [{{port: 80}}]{}{}}}}}", name,
                       spec.empty() ? "" : ", ", spec);
}

std::string address(Cluster& cluster, const std::string& name)
{
    return at(cluster.get("Service", name), {"spec", "clusterIP"});
}

std::int64_t nodePort(Cluster& cluster, const std::string& name)
{
    const auto object = cluster.get("Service", name);
    return api::integerAt(object.at("spec").at("ports").at(0), {"nodePort"});
}

TEST(ServiceAddresses, areGivenKeptAndFreed)
{
    Cluster cluster;
    ASSERT_EQ(outcome(cluster.create("Service", service("a"))), "ok");
    const auto given = address(cluster, "a");
    EXPECT_THAT(given, StartsWith("10.96."));
    EXPECT_EQ(at(cluster.get("Service", "a"), {"spec", "clusterIPs"}), fmt::format("[\"{}\"]", given));
    EXPECT_EQ(nodePort(cluster, "a"), 0);
    EXPECT_EQ(outcome(cluster.update("Service", "a", Cluster::document(service("a", "type: NodePort")))), "ok");
    EXPECT_EQ(address(cluster, "a"), given) << "an update that names none keeps it";
    const auto port = nodePort(cluster, "a");
    EXPECT_GE(port, 30000);
    EXPECT_LE(port, 32767);
    EXPECT_EQ(outcome(cluster.update("Service", "a", Cluster::document(service("a", "type: NodePort")))), "ok");
    EXPECT_EQ(nodePort(cluster, "a"), port);

    const auto same = service("b", fmt::format("clusterIP: {}", given));
    EXPECT_THAT(outcome(cluster.create("Service", same)), HasSubstr("provided IP is already allocated"));
    ASSERT_TRUE(cluster.remove("Service", "a"));
    EXPECT_EQ(outcome(cluster.create("Service", same)), "ok");
}

TEST(ServiceAddresses, thatTheClusterNeedsItselfAreGivenToNobodyUnasked)
{
    Cluster cluster;
    cluster.restart({.serviceCidr = "10.0.0.0/28"});
    constexpr int free = 12; // of 14: the first is the API server's, the tenth the DNS server's
    for (int i = 0; i < free; ++i) {
        const auto name = fmt::format("s{}", i);
        ASSERT_EQ(outcome(cluster.create("Service", service(name))), "ok");
        EXPECT_NE(address(cluster, name), "10.0.0.1");
        EXPECT_NE(address(cluster, name), "10.0.0.10");
    }
    EXPECT_THAT(outcome(cluster.create("Service", service("more"))), HasSubstr("the range 10.0.0.0/28 is full"));
    EXPECT_EQ(outcome(cluster.create("Service", service("dns", "clusterIP: 10.0.0.10"))), "ok");
}

TEST(ServiceAddresses, refuseInKubernetesWords)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("Service", service("a", "clusterIP: 10.96.0.77")));
    const auto taken = "type: NodePort, ports: [{port: 80, nodePort: 30080}]";
    ASSERT_EQ(outcome(cluster.create("Service", fmt::format("{{metadata: {{name: node}}, spec: {{{}}}}}", taken))),
              "ok");
    struct Row {
        std::string object;
        const char* refusal;
    };
    for (const auto& [object, refusal] : {
             Row{service("b", "clusterIP: 10.96.0.77"),
                 "failed to allocate IP 10.96.0.77: provided IP is already allocated"},
             Row{service("b", "clusterIP: 10.97.0.1"),
                 "provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/16"},
             Row{service("b", "clusterIP: 10.96.0"), "must be a valid IPv4 address"},
             Row{fmt::format("{{metadata: {{name: b}}, spec: {{{}}}}}", taken),
                 "spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated"},
             Row{"{metadata: {name: b}, spec: {type: NodePort, ports: [{port: 80, nodePort: 80}]}}",
                 "provided port is not in the valid range. The range of valid ports is 30000-32767"},
         })
        EXPECT_THAT(outcome(cluster.create("Service", object)), HasSubstr(refusal)) << object;
    EXPECT_THAT(outcome(cluster.merge("Service", "a", "{spec: {clusterIP: 10.96.0.78, clusterIPs: [10.96.0.78]}}")),
                HasSubstr("may not change once set"));
    EXPECT_EQ(outcome(cluster.create("Service", service("c", "clusterIP: 10.96.0.78"))), "ok")
        << "what was refused is free again";
}

TEST(ServiceAddresses, areRefusedTogetherWithWhatElseIsWrong)
{
    Cluster cluster;
    const auto refusals = [&](std::string_view spec) {
        const auto made = cluster.create("Service", fmt::format("{{metadata: {{name: b}}, spec: {{{}}}}}", spec));
        std::string text;
        if (!made)
            for (const auto& cause : made.error().causes)
                text += cause.field + "\n";
        return text;
    };
    EXPECT_EQ(refusals("type: NodePort, clusterIP: 10.97.0.1, sessionAffinity: Sticky, "
                       "ports: [{port: 99999, targetPort: web, nodePort: 80, name: Web}, {port: 81, nodePort: 81}]"),
              "spec.clusterIPs\nspec.ports[0].nodePort\nspec.ports[1].nodePort\n"
              "spec.sessionAffinity\nspec.ports[0].name\nspec.ports[0].port\nspec.ports[1].name\n");
    EXPECT_EQ(refusals("type: NodePort, ports: [{port: 80, nodePort: 99999}]"), "spec.ports[0].nodePort\n")
        << "said once";
}

TEST(ServiceAddresses, knowKindsOfServicesThatHaveNone)
{
    Cluster cluster;
    ASSERT_EQ(outcome(cluster.create("Service", service("headless", "clusterIP: None"))), "ok");
    EXPECT_EQ(address(cluster, "headless"), "None");
    ASSERT_EQ(outcome(cluster.create("Service",
                                     "{metadata: {name: far}, spec: {type: ExternalName, externalName: example.org}}")),
              "ok");
    EXPECT_EQ(address(cluster, "far"), "");
    ASSERT_EQ(outcome(cluster.create("Service", service("kubernetes", "clusterIP: 10.96.0.1"))), "ok")
        << "reserved for who asks";
}

TEST(ServiceAddresses, areOfTheFamilyThatTheClusterHas)
{
    struct Row {
        const char* spec;
        const char* families; ///< And the policy, or what is refused.
    };
    constexpr auto notDual =
        R"(spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services)";
    for (
        const auto& [spec, families] : {
            Row{"selector: {a: b}", R"(["IPv4"] SingleStack)"},
            Row{"selector: {a: b}, ipFamilyPolicy: PreferDualStack", R"(["IPv4"] PreferDualStack)"},
            Row{"selector: {a: b}, ipFamilyPolicy: RequireDualStack", notDual},
            Row{"ipFamilies: [IPv6]", R"(spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster)"},
            Row{"ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv4, IPv6]",
                R"(spec.ipFamilies[1]: Invalid value: "IPv6": not configured on this cluster)"},
            Row{"clusterIP: None, selector: {a: b}", R"(["IPv4"] SingleStack)"},
            Row{"clusterIP: None, selector: {a: b}, ipFamilyPolicy: RequireDualStack", notDual},
            Row{"clusterIP: None", R"(["IPv4"] SingleStack)"},
            Row{"clusterIP: None, selector: {}, ipFamilyPolicy: RequireDualStack",
                R"(["IPv4","IPv6"] RequireDualStack)"},
            Row{"clusterIP: None, ipFamilies: [IPv6, IPv4], ipFamilyPolicy: RequireDualStack",
                R"(["IPv6","IPv4"] RequireDualStack)"},
            Row{"clusterIP: None, ipFamilies: [IPv6]", R"(["IPv6"] SingleStack)"},
            Row{"clusterIP: None, clusterIPs: [None, 10.96.0.9]",
                R"(spec.clusterIPs: Invalid value: ["None","10.96.0.9"]: 'None' must be the first and only value)"},
            Row{"clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, 10.96.0.8]",
                R"(spec.clusterIPs: Invalid value: ["10.96.0.9","10.96.0.8"]: may specify no more than one IP for each IP family)"},
            Row{"clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, \"fd00::1\"]",
                R"(spec.clusterIPs[1]: Invalid value: ["10.96.0.9","fd00::1"]: IPv6 is not configured on this cluster)"},
            Row{"type: ExternalName, externalName: example.org, clusterIP: 10.96.0.9",
                "spec.clusterIPs: Forbidden: may not be set for ExternalName services"},
        }) {
        Cluster cluster;
        const auto made = cluster.create(
            "Service", fmt::format("{{metadata: {{name: a}}, spec: {{ports: [{{port: 80}}], {}}}}}", spec));
        const auto is = made ? at(cluster.get("Service", "a"), {"spec", "ipFamilies"}) + " " +
                                   at(cluster.get("Service", "a"), {"spec", "ipFamilyPolicy"})
                             : made.error().causes.at(0).field + ": " + made.error().causes.at(0).message;
        EXPECT_EQ(is, families) << spec;
    }
}

TEST(ServiceAddresses, goWithTheTypeThatHadThem)
{
    struct Row {
        const char* before;
        const char* change; ///< A merge patch of the spec.
        const char* gone;   ///< Members that must not be there then.
        const char* outcome;
    };
    const auto balanced = "type: LoadBalancer, loadBalancerClass: example.org/fast, externalTrafficPolicy: Local, "
                          "healthCheckNodePort: 31000";
    for (const auto& row : {
             Row{balanced, "type: ClusterIP",
                 "allocateLoadBalancerNodePorts loadBalancerClass externalTrafficPolicy healthCheckNodePort", "ok"},
             Row{balanced, "type: NodePort", "allocateLoadBalancerNodePorts loadBalancerClass healthCheckNodePort",
                 "ok"},
             Row{balanced, "externalTrafficPolicy: Cluster", "healthCheckNodePort", "ok"},
             Row{"type: NodePort", "type: ClusterIP", "externalTrafficPolicy", "ok"},
             Row{"type: ClusterIP", "type: ExternalName, externalName: example.org",
                 "clusterIP clusterIPs ipFamilies ipFamilyPolicy", "ok"},
             Row{"type: NodePort", "type: ClusterIP, externalTrafficPolicy: Local", "",
                 "Invalid: Service \"a\" is invalid: spec.externalTrafficPolicy: Invalid value: \"Local\": may only be "
                 "set for externally-accessible services"},
         }) {
        Cluster cluster;
        ASSERT_EQ(outcome(cluster.create("Service", service("a", row.before))), "ok");
        const auto patch = fmt::format("{{spec: {{{}}}}}", row.change);
        EXPECT_EQ(outcome(cluster.merge("Service", "a", patch)), row.outcome) << row.change;
        const auto object = cluster.get("Service", "a");
        std::istringstream gone(row.gone);
        for (std::string member; gone >> member;)
            EXPECT_EQ(api::find(object, {"spec", member}), nullptr) << row.change << ": " << member;
    }
}

TEST(ServiceAddresses, mayShareAPortAmongProtocolsOfOneService)
{
    Cluster cluster;
    EXPECT_EQ(outcome(cluster.create("Service", "{metadata: {name: dns}, spec: {type: NodePort, ports: "
                                                "[{name: u, port: 53, protocol: UDP, nodePort: 30053}, "
                                                "{name: t, port: 53, protocol: TCP, nodePort: 30053}]}}")),
              "ok");
}

TEST(ServiceAddresses, areKnownAgainAfterAStart)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("Service", service("a", "type: NodePort, clusterIP: 10.96.0.77")));
    cluster.restart();
    EXPECT_THAT(outcome(cluster.create("Service", service("b", "clusterIP: 10.96.0.77"))),
                HasSubstr("already allocated"));
}

TEST(ServiceAddresses, areGivenToOneOfManyThreads)
{
    Cluster cluster;
    constexpr int threads = 6;
    constexpr int services = 25;
    {
        std::vector<std::jthread> workers;
        for (int t = 0; t < threads; ++t) {
            workers.emplace_back([&cluster, t] {
                for (int i = 0; i < services; ++i)
                    EXPECT_EQ(
                        outcome(cluster.create("Service", service(fmt::format("s{}-{}", t, i), "type: NodePort"))),
                        "ok");
            });
        }
    }
    std::set<std::string> addresses;
    std::set<std::int64_t> ports;
    const auto list = cluster.registry->list(Cluster::kind("Service"), {});
    for (const auto& object : list->objects) {
        addresses.insert(address(cluster, object->key.name));
        ports.insert(nodePort(cluster, object->key.name));
    }
    EXPECT_EQ(addresses.size(), static_cast<std::size_t>(threads * services));
    EXPECT_EQ(ports.size(), static_cast<std::size_t>(threads * services));
}

TEST(AddressRange, isReadFromText)
{
    EXPECT_EQ(AddressRange::parse("10.96.7.7/16")->text(), "10.96.0.0/16");
    for (const auto* const text : {"10.96.0.0", "10.96.0.0/", "10.96.0.0/33", "10.96.0/16", "fd00::/108",
                                   "10.96.0.256/16", "/16", "10.96.0.0/16x"})
        EXPECT_EQ(outcome(AddressRange::parse(text)).substr(0, 7), "Invalid") << text;
}

} // namespace
} // namespace keelson::registry
