// SPDX-License-Identifier: Apache-2.0
#include "network/cluster_view.h"

#include "network/service_text.h"
#include "network/stale_flows.h"

#include <gtest/gtest.h>

namespace keelson::network {
namespace {

std::shared_ptr<api::Service> service()
{
    auto made = std::make_shared<api::Service>();
    made->metadata.namespace_ = "default";
    made->metadata.name = "web";
    made->spec.clusterIP = "10.96.0.5";
    api::ServicePort port;
    port.name = "http";
    port.port = 80;
    port.protocol = "TCP";
    port.nodePort = 30080;
    made->spec.ports.push_back(port);
    return made;
}

api::Endpoint endpoint(const std::string& ip, std::optional<bool> ready, bool serving = false)
{
    api::Endpoint made;
    made.addresses = {ip};
    made.nodeName = "n1";
    made.conditions.ready = ready;
    made.conditions.serving = serving;
    made.conditions.terminating = serving;
    return made;
}

std::shared_ptr<api::EndpointSlice> slice(std::vector<api::Endpoint> endpoints)
{
    auto made = std::make_shared<api::EndpointSlice>();
    made->metadata.namespace_ = "default";
    made->metadata.labels["kubernetes.io/service-name"] = "web";
    made->addressType = "IPv4";
    made->endpoints = std::move(endpoints);
    api::EndpointSlicePort port;
    port.name = "http";
    port.port = 8080;
    made->ports.push_back(port);
    return made;
}

TEST(ClusterView, joinsServicesWithTheirReadyEndpoints)
{
    const auto ports = servicePorts({service()}, {slice({endpoint("10.244.1.2", true), endpoint("10.244.1.3", false)}),
                                                  slice({endpoint("10.244.1.4", std::nullopt)})});
    ASSERT_EQ(ports.size(), 1U);
    EXPECT_EQ(ports[0].port, "http");
    EXPECT_EQ(ports[0].nodePort, 30080);
    EXPECT_EQ(ports[0].backends, (std::vector<Backend>{{"10.244.1.2", 8080, "n1"}, {"10.244.1.4", 8080, "n1"}}));
}

TEST(ClusterView, keepsEndingEndpointsOnlyWhileThereIsNoOther)
{
    const auto ending = endpoint("10.244.1.3", false, true);
    EXPECT_EQ(servicePorts({service()}, {slice({ending})})[0].backends.size(), 1U);
    EXPECT_EQ(servicePorts({service()}, {slice({ending, endpoint("10.244.1.2", true)})})[0].backends[0].ip,
              "10.244.1.2");
}

TEST(ClusterView, showsHeadlessServicesToDnsOnly)
{
    const auto headless = service();
    headless->spec.clusterIP = "None";
    auto named = endpoint("10.244.1.2", true);
    named.hostname = "web-0";
    const EndpointSlices slices{slice({named, endpoint("10.244.1.3", false)})};
    EXPECT_TRUE(servicePorts({headless}, slices).empty());
    auto dns = dnsServices({headless}, slices);
    ASSERT_EQ(dns.size(), 1U);
    ASSERT_EQ(dns[0].endpoints.size(), 1U);
    EXPECT_EQ(dns[0].endpoints[0].hostName, "web-0");
    headless->spec.publishNotReadyAddresses = true;
    EXPECT_EQ(dnsServices({headless}, slices)[0].endpoints.size(), 2U);
}

TEST(StaleFlows, areThoseOfUdpBackendsThatLeft)
{
    const auto before = test::servicePorts(R"(
        default/a:dns udp 10.96.0.5:53 node=30053 -> 10.244.1.2:53@n1 10.244.1.3:53@n1
        default/b:80  tcp 10.96.0.6:80 -> 10.244.1.2:80@n1
    )");
    const auto after = test::servicePorts("default/a:dns udp 10.96.0.5:53 node=30053 -> 10.244.1.3:53@n1");
    EXPECT_EQ(staleFlows(before, after), (std::vector<StaleFlow>{{53, "10.244.1.2"}, {30053, "10.244.1.2"}}));
    EXPECT_TRUE(staleFlows(after, before).empty());
}

} // namespace
} // namespace keelson::network
