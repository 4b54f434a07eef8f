// SPDX-License-Identifier: Apache-2.0
#include "network/lab.h"
#include "network/service_rules.h"
#include "network/service_text.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>

namespace keelson::network {
namespace {

using test::Lab;
using test::Responder;

NodeFacts factsOf(int node)
{
    NodeFacts facts;
    facts.cluster = "lab";
    facts.node = "n" + std::to_string(node);
    facts.bridge = bridgeName("lab", facts.node);
    facts.podCidr = "10.244." + std::to_string(node) + ".0/24";
    facts.clusterCidr = "10.244.0.0/16";
    facts.serviceCidr = "10.96.0.0/16";
    facts.hostNodes = {"n1", "n2"};
    return facts;
}

/// Two nodes on one host, pods a and b on n1, c on n2; an agent per node keeps its table.
class ServiceProxy : public testing::Test {
protected:
    void SetUp() override
    {
        if (!Lab::possible())
            GTEST_SKIP() << "needs root, ip and nft";
        m_lab.emplace(bridgeName("lab", "n1"), bridgeName("lab", "n2"));
        m_lab->addPod("a", "10.244.1.2", bridgeName("lab", "n1"));
        m_lab->addPod("b", "10.244.1.3", bridgeName("lab", "n1"));
        m_lab->addPod("c", "10.244.2.2", bridgeName("lab", "n2"));
        m_a.emplace(m_lab->full("a"), "a", "10.244.1.2", 8080);
        m_b.emplace(m_lab->full("b"), "b", "10.244.1.3", 8080);
        m_c.emplace(m_lab->full("c"), "c", "10.244.2.2", 8080);
    }

    void apply(const std::string& services)
    {
        for (const int node : {1, 2}) {
            auto table = serviceRules(factsOf(node), test::servicePorts(services));
            const auto applied =
                m_lab->apply(m_tables.contains(node) ? renderChange(m_tables[node], table) : renderTable(table));
            ASSERT_TRUE(applied) << applied.error().message;
            m_tables[node] = table;
        }
    }

    /// How often which pod answered.
    std::map<std::string, int> askOften(const std::string& from, const std::string& ip, std::uint16_t port, bool udp)
    {
        std::map<std::string, int> answers;
        for (int i = 0; i < 40; ++i) {
            const auto answer = m_lab->ask(from, ip, port, udp);
            ++answers[answer.substr(0, answer.find(' '))];
        }
        return answers;
    }

    std::optional<Lab> m_lab;
    std::optional<Responder> m_a;
    std::optional<Responder> m_b;
    std::optional<Responder> m_c;
    std::map<int, RuleTable> m_tables;
};

constexpr auto web = R"(
    default/web:http tcp 10.96.0.5:80 node=30080 -> 10.244.1.2:8080@n1 10.244.1.3:8080@n1 10.244.2.2:8080@n2
    default/web:time udp 10.96.0.5:80 node=30080 -> 10.244.1.2:8080@n1 10.244.1.3:8080@n1 10.244.2.2:8080@n2
)";

TEST_F(ServiceProxy, spreadsOverAllBackendsFromEverywhere)
{
    apply(web);
    for (const bool udp : {false, true}) {
        for (const auto* from : {"a", "c", "host"}) {
            const auto answers = askOften(from, "10.96.0.5", 80, udp);
            EXPECT_EQ(answers.size(), 3U) << from << (udp ? " udp" : " tcp");
            EXPECT_FALSE(answers.contains("timeout")) << from << (udp ? " udp" : " tcp");
            for (const auto& [name, times] : answers)
                EXPECT_GE(times, 3) << from << " to " << name;
        }
        EXPECT_EQ(askOften("outside", "192.0.2.1", 30080, udp).size(), 3U);
        EXPECT_EQ(askOften("host", "192.0.2.1", 30080, udp).size(), 3U);
        EXPECT_EQ(askOften("c", "192.0.2.1", 30080, udp).size(), 3U);
    }
    EXPECT_EQ(askOften("host", "127.0.0.1", 30080, false).size(), 3U);
}

TEST_F(ServiceProxy, letsAPodReachItselfAndShowsOthersItsAddress)
{
    apply("default/self:http tcp 10.96.0.6:80 -> 10.244.1.2:8080@n1");
    EXPECT_EQ(m_lab->ask("a", "10.96.0.6", 80), "a 10.244.1.1");
    EXPECT_EQ(m_lab->ask("b", "10.96.0.6", 80), "a 10.244.1.3");
    EXPECT_EQ(m_lab->ask("c", "10.96.0.6", 80), "a 10.244.2.2");
}

TEST_F(ServiceProxy, refusesAtOnceWithoutBackends)
{
    apply("default/none:http tcp 10.96.0.7:80 node=30081 ->\ndefault/none:time udp 10.96.0.7:80 ->");
    for (const auto* from : {"a", "c", "host"}) {
        EXPECT_EQ(m_lab->ask(from, "10.96.0.7", 80), "refused") << from;
        EXPECT_EQ(m_lab->ask(from, "10.96.0.7", 80, true), "refused") << from;
    }
    EXPECT_EQ(m_lab->ask("outside", "192.0.2.1", 30081), "refused");
    EXPECT_EQ(m_lab->ask("a", "10.96.77.77", 80), "refused") << "no such service";
    apply("default/none:http tcp 10.96.0.7:80 node=30081 -> 10.244.2.2:8080@n2");
    EXPECT_EQ(m_lab->ask("a", "10.96.0.7", 80), "c 10.244.1.2");
    apply("");
    EXPECT_EQ(m_lab->ask("a", "10.96.0.7", 80), "refused");
}

TEST_F(ServiceProxy, keepsLocalPoliciesLocal)
{
    apply(R"(
        default/in:http  tcp 10.96.0.5:80 internal=local -> 10.244.1.2:8080@n1 10.244.2.2:8080@n2
        default/far:http tcp 10.96.0.6:80 internal=local -> 10.244.2.2:8080@n2
        default/out:http tcp 10.96.0.8:80 node=30080 outside=local -> 10.244.1.2:8080@n1
    )");
    EXPECT_EQ(m_lab->ask("b", "10.96.0.5", 80), "a 10.244.1.3");
    EXPECT_EQ(m_lab->ask("c", "10.96.0.5", 80), "c 10.244.2.1");
    EXPECT_EQ(m_lab->ask("b", "10.96.0.6", 80), "timeout");
    EXPECT_EQ(m_lab->ask("outside", "192.0.2.1", 30080), "a 192.0.2.2") << "the client's address is kept";
}

TEST_F(ServiceProxy, keepsAClientAtItsBackendThroughChanges)
{
    const std::string service = "default/web:http tcp 10.96.0.5:80 affinity=600 -> 10.244.1.2:8080@n1 ";
    apply(service + "10.244.1.3:8080@n1");
    const auto before = askOften("c", "10.96.0.5", 80, false);
    ASSERT_EQ(before.size(), 1U);
    apply(service + "10.244.1.3:8080@n1 10.244.2.2:8080@n2");
    EXPECT_EQ(askOften("c", "10.96.0.5", 80, false), before);
}

TEST_F(ServiceProxy, leadsPodsToAControlPlaneThatListensOnLoopbackOnly)
{
    const Responder server(m_lab->full("host"), "api", "127.0.0.1", 6443);
    apply("default/kubernetes:https tcp 10.96.0.1:443 -> 127.0.0.1:6443");
    EXPECT_EQ(m_lab->ask("a", "10.96.0.1", 443), "api 10.244.1.2");
    EXPECT_EQ(m_lab->ask("c", "10.96.0.1", 443), "api 10.244.2.2");
    EXPECT_TRUE(m_lab->ask("host", "10.96.0.1", 443).starts_with("api "));
}

TEST_F(ServiceProxy, givesNobodyTheHostsLoopback)
{
    apply(web);
    const Responder secret(m_lab->full("host"), "secret", "127.0.0.1", 9999);
    m_lab->run("a", {"ip", "route", "add", "127.0.0.1/32", "via", "10.244.1.1", "table", "9"});
    m_lab->run("a", {"sysctl", "-qw", "net.ipv4.conf.eth0.route_localnet=1"});
    m_lab->run("a", {"ip", "rule", "add", "to", "127.0.0.1", "lookup", "9", "pref", "5"});
    m_lab->run("a", {"ip", "rule", "delete", "pref", "0"});
    EXPECT_EQ(m_lab->ask("host", "127.0.0.1", 9999), "secret 127.0.0.1");
    EXPECT_EQ(m_lab->ask("a", "127.0.0.1", 9999), "timeout");
}

} // namespace
} // namespace keelson::network
