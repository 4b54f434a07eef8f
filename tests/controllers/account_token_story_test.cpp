// SPDX-License-Identifier: Apache-2.0
#include "controllers/account_token_controller.h"
#include "support/simulated_cluster.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::test {
namespace {

using std::chrono::seconds;

TEST(CompletedTokenSecret, addsWhatIsMissing)
{
    api::ServiceAccount account;
    account.metadata.uid = "u";
    const auto completed = [&](std::map<std::string, std::string, std::less<>> data, const std::string& rootCa) {
        api::Secret secret;
        secret.metadata.namespace_ = "shop";
        secret.data = std::move(data);
        const auto done = *controllers::completedTokenSecret(std::move(secret), account, rootCa,
                                                             [] { return Result<std::string>("made"); });
        std::string text = done.metadata.annotations.at("kubernetes.io/service-account.uid");
        for (const auto& [key, value] : done.data)
            text += fmt::format(" {}={}", key, value);
        return text;
    };
    EXPECT_EQ(completed({}, "CA"), "u ca.crt=CA namespace=shop token=made");
    EXPECT_EQ(completed({}, ""), "u namespace=shop token=made");
    EXPECT_EQ(completed({{"ca.crt", "old"}, {"extra", "x"}, {"namespace", "n"}, {"token", "t"}}, "CA"),
              "u ca.crt=CA extra=x namespace=n token=t");
    EXPECT_EQ(controllers::completedTokenSecret({}, account, "",
                                                []() -> Result<std::string> { return fail(Reason::Timeout, "no key"); })
                  .error()
                  .message,
              "no key");
}

TEST(ClusterStory, secretsOfAccountsHoldTokens)
{
    SimulatedCluster::Options options;
    options.controllers.rootCaPem = "CA";
    options.controllers.accountToken = [](const auto& account, auto uid, auto secret) -> Result<std::string> {
        return fmt::format("{} {} {}", account.text(), uid.empty() ? "" : "uid", secret);
    };
    SimulatedCluster cluster(options);
    const auto secret = [](const std::string& name, const std::string& account) {
        return fmt::format("\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: {}\n  namespace: shop\n"
                           "  annotations: {{kubernetes.io/service-account.name: {}}}\n"
                           "type: kubernetes.io/service-account-token\n",
                           name, account);
    };
    cluster.create("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n" +
                   secret("web-token", "web") + secret("stray", "nobody"));
    const auto tokens = [&] {
        std::string text;
        for (const auto& one : cluster.all<api::Secret>())
            text += fmt::format("{}: {}; ", one.metadata.name,
                                one.data.contains("token") ? one.data.at("token") : std::string());
        return text;
    };
    cluster.runFor(seconds{1});
    EXPECT_EQ(tokens(), "web-token: shop/web uid web-token; ") << "no Secret without an account";
    const auto writes = cluster.client.writes();
    cluster.runFor(seconds{60});
    EXPECT_EQ(cluster.client.writes(), writes) << "and then it is complete";
    ASSERT_TRUE(cluster.client.remove(api::kindOf<api::ServiceAccount>(), {"shop", "web"}, {}));
    cluster.runFor(seconds{5});
    EXPECT_EQ(tokens(), "");
}

} // namespace
} // namespace keelson::test
