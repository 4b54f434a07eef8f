// SPDX-License-Identifier: Apache-2.0
// 1,000 services with 10 endpoints each: making the rules, loading them, changing one endpoint; DNS answers.
#include "bench/figures.h"
#include "network/dns_answer.h"
#include "network/program.h"
#include "network/service_rules.h"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <sched.h>
#include <vector>

namespace {

using namespace keelson;
using network::DnsOutcome;

constexpr int services = 1'000;
constexpr int endpoints = 10;
constexpr int questions = 100'000;

double secondsOf(const std::function<void()>& work)
{
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<network::ServicePort> manyPorts()
{
    std::vector<network::ServicePort> ports;
    for (int i = 0; i < services; ++i) {
        network::ServicePort port;
        port.nameSpace = "default";
        port.service = fmt::format("service-{}", i);
        port.port = "http";
        port.number = 80;
        port.clusterIp = fmt::format("10.96.{}.{}", i / 250 + 1, i % 250 + 1);
        for (int e = 0; e < endpoints; ++e)
            port.backends.push_back({fmt::format("10.244.{}.{}", i / 25 + 1, i % 25 * 10 + e + 1), 8080, "n1"});
        ports.push_back(port);
    }
    return ports;
}

network::NodeFacts facts()
{
    return {"bench",
            "n1",
            network::bridgeName("bench", "n1"),
            "10.244.1.0/24",
            "10.244.0.0/16",
            "10.96.0.0/16",
            "10.96.0.10",
            "10.244.1.1",
            {"n1"},
            true};
}

/// "A service-7.default.svc.cluster.local", as on the wire.
std::string question()
{
    std::string bytes("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12);
    for (const std::string_view label : {"service-7", "default", "svc", "cluster", "local"})
        bytes += static_cast<char>(label.size()) + std::string(label);
    return bytes + std::string("\x00\x00\x01\x00\x01", 5);
}

double dnsAnswersPerSecond()
{
    std::vector<network::DnsService> known;
    for (const auto& port : manyPorts())
        known.push_back({port.nameSpace, port.service, port.clusterIp, "", {}, {}});
    const network::DnsRecords records({}, known);
    const auto asked = question();
    std::size_t bytes = 0;
    const auto seconds = secondsOf([&] {
        for (int i = 0; i < questions; ++i) {
            const DnsOutcome outcome = answerDns(records, asked, network::DnsTransport::Datagram);
            bytes += std::get<network::DnsReply>(outcome).bytes.size();
        }
    });
    return bytes > 0 ? questions / seconds : 0;
}

} // namespace

int main()
{
    auto ports = manyPorts();
    network::RuleTable table;
    std::string text;
    std::vector<bench::Figure> figures;
    const auto add = [&](std::string name, double value, std::string unit) {
        figures.push_back({.name = std::move(name), .value = value, .unit = std::move(unit)});
    };
    add("rules as text", 1'000 * secondsOf([&] { text = renderTable(table = serviceRules(facts(), ports)); }), "ms");
    auto changed = ports;
    changed[7].backends.pop_back();
    network::RuleTable next;
    std::string change;
    add("one endpoint less, as text",
        1'000 * secondsOf([&] { change = renderChange(table, next = serviceRules(facts(), changed)); }), "ms");
    network::NftProgram nft("nft");
    if (::unshare(CLONE_NEWNET) == 0) { // A namespace of its own: the machine's rules are left alone.
        bool good = true;
        add("all rules into the kernel", 1'000 * secondsOf([&] { good = nft.apply(text).has_value(); }), "ms");
        add("one endpoint less in the kernel", 1'000 * secondsOf([&] { good = good && nft.apply(change); }), "ms");
        if (!good) {
            fmt::print(stderr, "network_bench: nft refused the rules\n");
            return 1;
        }
    }
    add("DNS answers, one thread, without sockets", dnsAnswersPerSecond(), "answers/s");
    bench::print("network", figures);
}
