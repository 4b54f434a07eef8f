// SPDX-License-Identifier: Apache-2.0
#include "network/dns_server.h"
#include "network/dns_text.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <array>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace keelson::network {
namespace {

using test::dnsQuestion;
using test::dnsText;

DnsRecords::Options zone()
{
    DnsRecords::Options options;
    options.clusterCidr = "10.244.0.0/16";
    options.serviceCidr = "10.96.0.0/16";
    options.dnsAddress = "10.96.0.10";
    return options;
}

DnsRecords records()
{
    DnsService web{"default", "web", "10.96.0.5", "", {{"http", "tcp", 80}, {"", "tcp", 81}}, {}};
    DnsService db{"shop", "db", "", "", {}, {}};
    db.endpoints = {{"10.244.1.2", "db-0", {{"sql", "tcp", 5432}}}, {"10.244.2.2", "", {{"sql", "tcp", 5432}}}};
    DnsService outside{"default", "mail", "", "mail.example.com", {}, {}};
    DnsService alias{"default", "shortcut", "", "web.default.svc.cluster.local", {}, {}};
    DnsService loop{"default", "loop", "", "loop.default.svc.cluster.local", {}, {}};
    DnsService many{"default", "many", "", "", {}, {}};
    for (int i = 1; i < 100; ++i)
        many.endpoints.push_back({"10.244.3." + std::to_string(i), "", {}});
    return {zone(), {web, db, outside, alias, loop, many}};
}

std::string answer(std::string_view question, DnsTransport transport = DnsTransport::Datagram, int edns = 0)
{
    const auto outcome = answerDns(records(), dnsQuestion(question, edns), transport);
    if (std::holds_alternative<DnsForward>(outcome))
        return "forward";
    const auto* reply = std::get_if<DnsReply>(&outcome);
    return reply ? dnsText(reply->bytes) : "ignore";
}

TEST(Dns, answersFromTheRecords)
{
    constexpr auto none = "NXDOMAIN aa !SOA cluster.local.";
    constexpr auto empty = "NOERROR aa !SOA cluster.local.";
    const std::pair<const char*, std::string> table[] = {
        {"A web.default.svc.cluster.local", "NOERROR aa A 10.96.0.5"},
        {"A WEB.Default.svc.cluster.LOCAL", "NOERROR aa A 10.96.0.5"},
        {"AAAA web.default.svc.cluster.local", empty},
        {"A web.other.svc.cluster.local", none},
        {"A web.default.svc.cluster.local.default.svc.cluster.local", none},
        {"A default.svc.cluster.local", empty},
        {"A svc.cluster.local", empty},
        {"SRV _http._tcp.web.default.svc.cluster.local",
         "NOERROR aa SRV 0 101 80 web.default.svc.cluster.local. +A 10.96.0.5"},
        {"A _tcp.web.default.svc.cluster.local", empty},
        {"SRV _https._tcp.web.default.svc.cluster.local", none},
        {"A db.shop.svc.cluster.local", "NOERROR aa A 10.244.2.2 A 10.244.1.2"},
        {"A db-0.db.shop.svc.cluster.local", "NOERROR aa A 10.244.1.2"},
        {"A 10-244-2-2.db.shop.svc.cluster.local", "NOERROR aa A 10.244.2.2"},
        {"SRV _sql._tcp.db.shop.svc.cluster.local",
         "NOERROR aa SRV 0 51 5432 db-0.db.shop.svc.cluster.local. SRV 0 51 5432 10-244-2-2.db.shop.svc.cluster.local. "
         "+A 10.244.1.2 +A 10.244.2.2"},
        {"A mail.default.svc.cluster.local", "NOERROR aa CNAME mail.example.com."},
        {"A shortcut.default.svc.cluster.local", "NOERROR aa CNAME web.default.svc.cluster.local. A 10.96.0.5"},
        {"PTR 5.0.96.10.in-addr.arpa", "NOERROR aa PTR web.default.svc.cluster.local."},
        {"PTR 2.1.244.10.in-addr.arpa", "NOERROR aa PTR db-0.db.shop.svc.cluster.local."},
        {"PTR 9.9.96.10.in-addr.arpa", "NXDOMAIN aa !SOA in-addr.arpa."},
        {"PTR 8.8.8.8.in-addr.arpa", "forward"},
        {"A 10-244-7-8.default.pod.cluster.local", "NOERROR aa A 10.244.7.8"},
        {"A 10-1-7-8.default.pod.cluster.local", none},
        {"A 10-244-7.default.pod.cluster.local", none},
        {"SOA cluster.local", "NOERROR aa SOA cluster.local."},
        {"NS cluster.local", "NOERROR aa NS ns.dns.cluster.local."},
        {"A ns.dns.cluster.local", "NOERROR aa A 10.96.0.10"},
        {"A notcluster.local", "forward"},
        {"A example.com", "forward"},
    };
    for (const auto& [question, expected] : table)
        EXPECT_EQ(answer(question), expected) << question;
    EXPECT_TRUE(answer("A loop.default.svc.cluster.local").starts_with("NOERROR aa CNAME"));
}

TEST(Dns, cutsLongAnswersForDatagramsOnly)
{
    EXPECT_EQ(answer("A many.default.svc.cluster.local"), "NOERROR aa tc");
    EXPECT_TRUE(answer("A many.default.svc.cluster.local", DnsTransport::Stream).contains("A 10.244.3.99"));
    EXPECT_EQ(answer("A many.default.svc.cluster.local", DnsTransport::Datagram, 4096), "NOERROR aa tc");
    EXPECT_EQ(answer("A web.default.svc.cluster.local", DnsTransport::Datagram, 1232), "NOERROR aa A 10.96.0.5");
}

TEST(Dns, isNotTroubledByBadMessages)
{
    const auto ours = records();
    const auto outcome = [&](std::string message) { return answerDns(ours, message, DnsTransport::Datagram); };
    const auto good = dnsQuestion("A web.default.svc.cluster.local");
    EXPECT_TRUE(std::holds_alternative<DnsIgnore>(outcome("")));
    EXPECT_TRUE(std::holds_alternative<DnsIgnore>(outcome(good.substr(0, 11))));
    auto reply = good;
    reply[2] = static_cast<char>(reply[2] | 0x80);
    EXPECT_TRUE(std::holds_alternative<DnsIgnore>(outcome(reply))) << "two servers would talk for ever";
    auto loop = good.substr(0, 12) + std::string("\xc0\x0c\x00\x01\x00\x01", 6);
    EXPECT_EQ(dnsText(std::get<DnsReply>(outcome(loop)).bytes), "FORMERR");
    EXPECT_EQ(dnsText(std::get<DnsReply>(outcome(good.substr(0, 20))).bytes), "FORMERR");
    auto notify = good;
    notify[2] = static_cast<char>(4 << 3);
    EXPECT_EQ(dnsText(std::get<DnsReply>(outcome(notify)).bytes), "NOTIMPL");
    for (std::size_t i = 0; i < good.size(); ++i) { // Whatever byte is broken, it ends.
        for (const int value : {0, 0x3f, 0xc0, 0xff}) {
            auto broken = good;
            broken[i] = static_cast<char>(value);
            outcome(broken);
        }
    }
}

/// A socket on loopback that talks to one port, or is talked to.
class Socket {
public:
    explicit Socket(int type, std::uint16_t port = 0) : m_socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        const auto* generic = reinterpret_cast<const sockaddr*>(&address);
        EXPECT_EQ(port ? ::connect(m_socket, generic, sizeof address) : ::bind(m_socket, generic, sizeof address), 0);
    }
    ~Socket() { ::close(m_socket); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    std::uint16_t port() const
    {
        sockaddr_in address{};
        socklen_t size = sizeof address;
        ::getsockname(m_socket, reinterpret_cast<sockaddr*>(&address), &size);
        return ntohs(address.sin_port);
    }
    void send(std::string_view bytes) const
    {
        EXPECT_EQ(::send(m_socket, bytes.data(), bytes.size(), 0), bytes.size());
    }
    std::string receive(int waitMs = 5'000)
    {
        pollfd wanted{m_socket, POLLIN, 0};
        if (::poll(&wanted, 1, waitMs) <= 0)
            return "nothing came";
        std::string bytes(4096, '\0');
        const auto got =
            ::recvfrom(m_socket, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&m_peer), &m_size);
        bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        return bytes;
    }
    void reply(std::string_view bytes) const
    {
        ::sendto(m_socket, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&m_peer), m_size);
    }

private:
    int m_socket;
    sockaddr_in m_peer{};
    socklen_t m_size = sizeof m_peer;
};

std::unique_ptr<DnsServer> startServer(const Clock& clock, std::vector<std::uint16_t> resolvers)
{
    DnsServer::Options options;
    options.listen = {"127.0.0.1", 0};
    for (const auto port : resolvers)
        options.resolvers.push_back({"127.0.0.1", port});
    auto server = DnsServer::start(options, clock);
    EXPECT_TRUE(server) << server.error().message;
    (*server)->setRecords(std::make_shared<const DnsRecords>(records()));
    return std::move(*server);
}

TEST(DnsServer, answersOverDatagramsAndStreams)
{
    const SystemClock clock;
    const auto server = startServer(clock, {});
    Socket datagram(SOCK_DGRAM, server->port());
    datagram.send(dnsQuestion("A web.default.svc.cluster.local"));
    EXPECT_EQ(dnsText(datagram.receive()), "NOERROR aa A 10.96.0.5");
    datagram.send(dnsQuestion("A example.com"));
    EXPECT_EQ(dnsText(datagram.receive()), "SERVFAIL") << "no resolver to ask";

    Socket stream(SOCK_STREAM, server->port());
    const auto question = dnsQuestion("A web.default.svc.cluster.local");
    const std::string framed = std::string{'\0', static_cast<char>(question.size())} + question;
    stream.send(framed.substr(0, 7)); // In pieces, and two in one.
    stream.send(framed.substr(7) + framed);
    std::string replies;
    while (replies.size() < 2 * (2 + question.size() + 16))
        replies += stream.receive();
    EXPECT_EQ(dnsText(std::string_view(replies).substr(2, replies.size() / 2 - 2)), "NOERROR aa A 10.96.0.5");
}

TEST(DnsServer, asksTheHostsResolversOnceAndGoesOnToTheNext)
{
    const SystemClock clock;
    std::uint16_t nobody = 0;
    {
        const Socket gone(SOCK_DGRAM);
        nobody = gone.port();
    }
    Socket resolver(SOCK_DGRAM);
    const auto server = startServer(clock, {nobody, resolver.port()});
    Socket client(SOCK_DGRAM, server->port());
    client.send(dnsQuestion("A example.com"));
    const auto asked = resolver.receive();
    ASSERT_EQ(asked.size(), dnsQuestion("A example.com").size());
    auto forged = test::dnsAnswerTo(asked, "192.0.2.66", 60);
    forged[0] = static_cast<char>(forged[0] + 1);
    resolver.reply(forged);
    resolver.reply(test::dnsAnswerTo(asked, "192.0.2.7", 60));
    EXPECT_EQ(dnsText(client.receive()), "NOERROR A 192.0.2.7");
    client.send(dnsQuestion("A example.com"));
    EXPECT_EQ(dnsText(client.receive()), "NOERROR A 192.0.2.7") << "from the cache: the resolver is silent now";
}

TEST(DnsServer, saysWhenItsAddressIsTaken)
{
    const SystemClock clock;
    const auto server = startServer(clock, {});
    DnsServer::Options options;
    options.listen = {"127.0.0.1", server->port()};
    const auto second = DnsServer::start(options, clock);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().reason, Reason::Conflict);
}

TEST(DnsServer, readsTheHostsResolvers)
{
    const auto path = std::filesystem::temp_directory_path() / ("keelson-resolv-" + std::to_string(::getpid()));
    std::ofstream(path)
        << "# remark\nnameserver 192.0.2.1\nnameserver fe80::1\nsearch example.com\nnameserver 10.96.0.10\n"
           "nameserver 192.0.2.2\n";
    const auto resolvers = readResolvers(path, "10.96.0.10");
    std::filesystem::remove(path);
    ASSERT_EQ(resolvers.size(), 2U);
    EXPECT_EQ(resolvers[1].ip, "192.0.2.2");
}

} // namespace
} // namespace keelson::network
