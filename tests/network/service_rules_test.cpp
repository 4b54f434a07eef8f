// SPDX-License-Identifier: Apache-2.0
#include "network/service_rules.h"

#include "network/ipv4.h"
#include "network/service_text.h"
#include "support/tree.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace keelson::network {
namespace {

using test::servicePorts;

NodeFacts facts()
{
    NodeFacts facts;
    facts.cluster = "dev";
    facts.node = "n1";
    facts.bridge = bridgeName("dev", "n1");
    facts.podCidr = "10.244.1.0/24";
    facts.clusterCidr = "10.244.0.0/16";
    facts.serviceCidr = "10.96.0.0/16";
    facts.dnsAddress = "10.96.0.10";
    facts.dnsServer = "10.244.1.1";
    facts.hostNodes = {"n1", "n2"};
    return facts;
}

struct Golden {
    const char* name;
    const char* services;
};

// Two nodes share the host (n1, ours, and n2); n3 is elsewhere.
constexpr Golden goldens[] = {
    {"empty", ""},
    {"cluster_ip", R"(
        default/web:http tcp 10.96.0.5:80 -> 10.244.1.2:8080@n1 10.244.2.2:8080@n2 10.244.3.2:8081@n3
        default/one:80   tcp 10.96.0.6:80 -> 10.244.2.9:80@n2
        # DNS is answered by the node itself, whatever the service says.
        kube-system/kube-dns:dns udp 10.96.0.10:53 -> 10.244.1.7:53@n1
    )"},
    {"protocols", R"(
        default/mix:tcp  tcp  10.96.0.5:53 -> 10.244.1.2:53@n1 10.244.2.2:53@n2
        default/mix:udp  udp  10.96.0.5:53 -> 10.244.1.2:53@n1 10.244.2.2:53@n2
        default/mix:sctp sctp 10.96.0.5:53 -> 10.244.1.2:53@n1 10.244.2.2:53@n2
    )"},
    {"no_backends", R"(
        default/gone:http tcp 10.96.0.5:80 node=30080 external=192.0.2.7 ->
    )"},
    {"node_port", R"(
        default/web:http tcp 10.96.0.5:80 node=30080 external=192.0.2.7 -> 10.244.1.2:8080@n1 10.244.3.2:8080@n3
    )"},
    {"local_policies", R"(
        default/both:http  tcp 10.96.0.5:80 internal=local -> 10.244.1.2:80@n1 10.244.2.2:80@n2 10.244.3.2:80@n3
        default/mate:http  tcp 10.96.0.6:80 internal=local -> 10.244.2.2:80@n2
        default/away:http  tcp 10.96.0.7:80 internal=local -> 10.244.3.2:80@n3
        default/edge:http  tcp 10.96.0.8:80 node=30080 outside=local -> 10.244.1.2:80@n1 10.244.3.2:80@n3
        default/none:http  tcp 10.96.0.9:80 node=30081 outside=local -> 10.244.3.2:80@n3
    )"},
    {"affinity", R"(
        default/web:http tcp 10.96.0.5:80 node=30080 affinity=10800 -> 10.244.1.2:8080@n1 10.244.2.2:8080@n2
    )"},
};

std::string goldenPath(const std::string& name)
{
    return support::sourceFolder() + "/tests/golden/nft/" + name + ".nft";
}

void expectGolden(const std::string& name, const std::string& text)
{
    if (std::getenv("KEELSON_REWRITE_GOLDENS"))
        std::ofstream(goldenPath(name)) << text;
    std::ostringstream golden;
    golden << std::ifstream(goldenPath(name)).rdbuf();
    EXPECT_EQ(golden.str(), text) << "see " << goldenPath(name);
}

bool nftAccepts(const std::string& path)
{
    return std::system(("nft -c -f " + path + " 2>&1").c_str()) == 0; // NOLINT: our own text, our own path
}

bool canCheck()
{
    return std::system("nft -c list tables >/dev/null 2>&1") == 0; // NOLINT
}

TEST(ServiceRules, areAsTheGoldensShow)
{
    for (const auto& golden : goldens)
        expectGolden(golden.name, renderTable(serviceRules(facts(), servicePorts(golden.services))));
}

TEST(ServiceRules, areReadByTheNftProgram)
{
    if (!canCheck())
        GTEST_SKIP() << "no nft program that we may use";
    for (const auto& golden : goldens)
        EXPECT_TRUE(nftAccepts(goldenPath(golden.name))) << golden.name;
}

TEST(ServiceRules, doNotDependOnTheOrderOfTheirInput)
{
    const auto some = servicePorts(R"(
        default/a:80 tcp 10.96.0.5:80 -> 10.244.1.2:80@n1 10.244.2.2:80@n2
        default/b:80 tcp 10.96.0.6:80 -> 10.244.2.9:80@n2
    )");
    const auto same = servicePorts(R"(
        default/b:80 tcp 10.96.0.6:80 -> 10.244.2.9:80@n2
        default/a:80 tcp 10.96.0.5:80 -> 10.244.2.2:80@n2 10.244.1.2:80@n1 10.244.1.2:80@n1
    )");
    EXPECT_EQ(serviceRules(facts(), some), serviceRules(facts(), same));
}

TEST(ServiceRules, leaveOutWhatIsNotWellFormed)
{
    auto ports = servicePorts("default/a:80 tcp 10.96.0.5:80 -> 10.244.1.2:80@n1");
    const auto good = serviceRules(facts(), {});
    ports[0].service = "a drop; }";
    EXPECT_EQ(serviceRules(facts(), ports), good);
    ports[0].service = "a";
    ports[0].clusterIp = "10.96.0.5 . tcp";
    EXPECT_EQ(serviceRules(facts(), ports), good);
    ports[0].clusterIp = "fd00::5"; // The rules are for IPv4.
    EXPECT_EQ(serviceRules(facts(), ports), good);
}

TEST(ServiceRules, changeOnlyWhatDiffers)
{
    const auto before = serviceRules(facts(), servicePorts(R"(
        default/a:80 tcp 10.96.0.5:80 -> 10.244.1.2:80@n1
        default/b:80 tcp 10.96.0.6:80 -> 10.244.2.9:80@n2
        default/d:80 tcp 10.96.0.8:80 -> 10.244.2.8:80@n2
    )"));
    const auto after = serviceRules(facts(), servicePorts(R"(
        default/a:80 tcp 10.96.0.5:80 -> 10.244.1.3:80@n1
        default/c:80 tcp 10.96.0.7:80 -> 10.244.2.9:80@n2
        default/d:80 tcp 10.96.0.8:80 -> 10.244.2.8:80@n2
    )"));
    EXPECT_EQ(renderChange(before, after),
              "add chain ip keelson-dev-n1 service/default/c/80/tcp\n"
              "delete element ip keelson-dev-n1 hairpin { 10.244.1.2 . 10.244.1.2 }\n"
              "add element ip keelson-dev-n1 hairpin { 10.244.1.3 . 10.244.1.3 }\n"
              "delete element ip keelson-dev-n1 service-ips { 10.96.0.6 . tcp . 80 : goto service/default/b/80/tcp }\n"
              "add element ip keelson-dev-n1 service-ips { 10.96.0.7 . tcp . 80 : goto service/default/c/80/tcp }\n"
              "flush chain ip keelson-dev-n1 service/default/a/80/tcp\n"
              "add rule ip keelson-dev-n1 service/default/a/80/tcp meta l4proto tcp dnat to 10.244.1.3:80\n"
              "add rule ip keelson-dev-n1 service/default/c/80/tcp meta l4proto tcp dnat to 10.244.2.9:80\n"
              "flush chain ip keelson-dev-n1 service/default/b/80/tcp\n"
              "delete chain ip keelson-dev-n1 service/default/b/80/tcp\n");
    EXPECT_EQ(renderChange(after, after), "");
}

TEST(ServiceRules, nameBridgesWithinTheKernelsFifteenCharacters)
{
    EXPECT_EQ(bridgeName("dev", "a-worker-with-a-long-name").size(), 14U);
    EXPECT_NE(bridgeName("dev", "n1"), bridgeName("dev", "n2"));
    EXPECT_NE(bridgeName("dev", "n1"), bridgeName("test", "n1"));
}

TEST(Ipv4, readsOnlyFourPlainNumbers)
{
    for (const auto* good : {"0.0.0.0", "10.244.1.2", "255.255.255.255"})
        EXPECT_EQ(formatIpv4(parseIpv4(good).value_or(1)), good);
    for (const auto* bad :
         {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.-4", "1.2.3.4 ", " 1.2.3.4", "::1"})
        EXPECT_FALSE(parseIpv4(bad)) << bad;
    EXPECT_TRUE(cidrContains("10.244.1.0/24", "10.244.1.255"));
    EXPECT_FALSE(cidrContains("10.244.1.0/24", "10.244.2.0"));
    EXPECT_TRUE(cidrContains("0.0.0.0/0", "192.0.2.1"));
    for (const auto* bad : {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x"})
        EXPECT_FALSE(parseCidr(bad)) << bad;
}

} // namespace
} // namespace keelson::network
