// SPDX-License-Identifier: Apache-2.0
#include "apiserver/https_client.h"
#include "apiserver/https_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

namespace keelson::apiserver {
namespace {

/// Speaks on the connection's thread, and then on another, before the call has returned.
class TwoSpeakers : public TunnelEvents {
public:
    void opened(std::shared_ptr<Tunnel> tunnel) override
    {
        tunnel->send("a");
        std::thread([&] { tunnel->send("b"); }).join();
        tunnel->send("c");
        tunnel->close();
    }
    void received(std::string /*message*/) override {}
    void sent(std::size_t /*bytes*/) override {}
    void closed() override {}
};

TEST(Tunnel, keepsTheOrderOfWhatSeveralThreadsSend)
{
    const SystemClock clock;
    const auto folder = std::filesystem::temp_directory_path() / fmt::format("keelson-tunnel-order-{}", ::getpid());
    const auto authority = *auth::CertificateAuthority::openOrCreate(folder, clock);
    const auto server = HttpsServer::create({.listen = {"127.0.0.1:0"},
                                             .certificate = *authority.issueServer({"127.0.0.1"}),
                                             .clock = &clock,
                                             .handler = [](const std::shared_ptr<Exchange>& exchange) {
                                                 exchange->upgradeToBytes({}, std::make_shared<TwoSpeakers>());
                                             }});
    ASSERT_TRUE(server) << server.error().message;
    HttpsClient client((*server)->addresses().front(), authority.certificate(), nullptr);
    client.send(HttpsClient::requestText("GET", "/", "", {}));
    EXPECT_EQ(client.readHead().status, 101);
    EXPECT_EQ(client.readBytes(3), "abc");
    std::filesystem::remove_all(folder);
}

} // namespace
} // namespace keelson::apiserver
