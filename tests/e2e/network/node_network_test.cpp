// SPDX-License-Identifier: Apache-2.0
#include "api/core_v1.h"
#include "api/discovery_v1.h"
#include "network/node_network.h"
#include "network/program.h"
#include "network/service_rules.h"
#include "node/docker_network_engine.h"
#include "support/docker_engine.h"
#include "support/tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace keelson::network {
namespace {

constexpr const char* image = "keelson/sample:1";

/// Two agents' networks on one real engine of the test's own, with busybox loaded there.
class NodeNetworks : public testing::Test {
protected:
    void SetUp() override
    {
        const auto made = support::run({support::sourceFolder() + "/tools/sample_image", image},
                                       {.environment = {{"DOCKER_HOST", m_docker.address()}}});
        ASSERT_EQ(made.exitCode, 0) << made.error;
        m_engine =
            std::make_unique<node::DockerNetworkEngine>(docker::EngineAddress::parse(m_docker.address()).value());
        for (const int number : {1, 2}) {
            NodeNetworkOptions options;
            options.cluster = "lab";
            options.node = "lab-" + std::to_string(number);
            options.nodeAddress = "192.0.2.1";
            options.podCidr = "10.201." + std::to_string(number) + ".0/24";
            options.clusterCidr = "10.201.0.0/16";
            options.serviceCidr = "10.97.0.0/16";
            options.dnsAddress = "10.97.0.10";
            auto network = NodeNetwork::start(options, *m_engine, m_clock);
            ASSERT_TRUE(network) << network.error().message;
            m_networks.push_back(std::move(*network));
        }
    }

    void TearDown() override
    {
        for (const auto& name : m_pods)
            (void)docker({"rm", "-f", name});
        for (const auto& network : m_networks) {
            network->stop();
            const auto removed = network->remove();
            EXPECT_TRUE(removed) << removed.error().message;
        }
    }

    std::string docker(std::vector<std::string> command)
    {
        command.insert(command.begin(), {"docker", "-H", m_docker.address()});
        auto output = runProgram(command, "");
        return output ? *output : "failed: " + output.error().message;
    }

    /// A pod that serves its name at port 8080; gives its address.
    std::string addPod(const std::string& name, int node)
    {
        m_pods.push_back(name);
        docker({"run", "-d", "--init", "--name", name, "--network", networkName("lab", "lab-" + std::to_string(node)),
                "--dns", "10.97.0.10", "--dns-search", "default.svc.cluster.local", "--dns-option", "ndots:5", image,
                "sh", "-c", "mkdir /w; echo " + name + " > /w/index.html; busybox httpd -f -p 8080 -h /w"});
        auto ip = docker({"inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name});
        while (ip.ends_with('\n'))
            ip.pop_back();
        return ip;
    }

    std::string fetch(const std::string& pod, const std::string& url)
    {
        return docker({"exec", pod, "busybox", "timeout", "3", "busybox", "wget", "-q", "-O", "-", url});
    }

    /// What the pod gets, once that holds `wanted`: rules follow a change of the endpoints within milliseconds.
    std::string fetchUntil(const std::string& pod, const std::string& url, const std::string& wanted)
    {
        constexpr int triesMax = 20;
        std::string got;
        for (int i = 0; i < triesMax && !got.contains(wanted); ++i)
            got = fetch(pod, url);
        return got;
    }

    void serve(const std::vector<std::string>& ips)
    {
        auto service = std::make_shared<api::Service>();
        service->metadata.namespace_ = "default";
        service->metadata.name = "web";
        service->spec.clusterIP = "10.97.0.5";
        api::ServicePort port;
        port.port = 80;
        port.protocol = "TCP";
        service->spec.ports.push_back(port);
        auto slice = std::make_shared<api::EndpointSlice>();
        slice->metadata.namespace_ = "default";
        slice->metadata.labels["kubernetes.io/service-name"] = "web";
        slice->addressType = "IPv4";
        api::EndpointSlicePort target;
        target.name = "";
        target.port = 8080;
        slice->ports.push_back(target);
        for (const auto& ip : ips) {
            api::Endpoint endpoint;
            endpoint.addresses = {ip};
            slice->endpoints.push_back(endpoint);
        }
        for (const auto& network : m_networks) {
            network->setPeers({});
            network->setServices({service});
            network->setEndpointSlices({slice});
        }
    }

    support::DockerEngine m_docker;
    SystemClock m_clock;
    std::unique_ptr<node::DockerNetworkEngine> m_engine;
    std::vector<std::unique_ptr<NodeNetwork>> m_networks;
    std::vector<std::string> m_pods;
};

TEST_F(NodeNetworks, letPodsReachServicesByNameAcrossNodes)
{
    const auto a = addPod("lab-a", 1);
    const auto b = addPod("lab-b", 2);
    serve({b});
    EXPECT_EQ(fetchUntil("lab-a", "http://web/", "lab-b"), "lab-b\n");
    EXPECT_EQ(fetch("lab-b", "http://web/"), "lab-b\n") << "itself";
    EXPECT_EQ(fetch("lab-a", "http://" + b + ":8080/"), "lab-b\n") << "straight";
    const auto fromHost =
        runProgram({"busybox", "wget", "-q", "-O", "-", "http://10.97.0.5/"}, "", Milliseconds{3'000});
    EXPECT_EQ(fromHost.value_or("failed"), "lab-b\n") << "from the host";
    serve({a});
    EXPECT_TRUE(m_networks[0]->health());
    EXPECT_EQ(fetchUntil("lab-a", "http://web.default.svc.cluster.local/", "lab-a"), "lab-a\n")
        << "itself, on the other node";
    serve({});
    EXPECT_THAT(fetchUntil("lab-a", "http://web/", "refused"), testing::HasSubstr("refused"));
}

} // namespace
} // namespace keelson::network
