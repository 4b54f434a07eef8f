// SPDX-License-Identifier: Apache-2.0
#include "auth/secret_tokens.h"

#include "api/base64.h"

#include <gmock/gmock.h>

#include <functional>
#include <map>

namespace keelson::auth {
namespace {

/// The account shop/web, and the Secret of its token.
class Objects : public ObjectSource {
public:
    std::optional<Facts> facts(std::string_view kind, const api::ObjectKey& key) const override
    {
        return kind == "ServiceAccount" && key.text() == "shop/web" && !uid.empty()
                   ? std::optional(Facts{uid, std::nullopt})
                   : std::nullopt;
    }
    std::optional<api::Value> find(std::string_view kind, const api::ObjectKey& key) const override
    {
        return kind == "Secret" && key.text() == "shop/web-token" && secret.is_object() ? std::optional(secret)
                                                                                        : std::nullopt;
    }

    std::string uid = "sa-1";
    api::Value secret;
};

class SecretTokensTest : public testing::Test {
protected:
    SecretTokensTest()
    {
        std::promise<Result<SigningKey>> made;
        made.set_value(SigningKey::fromPem("-----BEGIN PRIVATE KEY-----\n"
                                           "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL+YBIff\n"
                                           "H1136cspYG6+0iY7X1fCE9+E9LKhRANCAAR/zc4ncPbEXUGDy+5v20t7WAczNXvp\n"
                                           "7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt\n"
                                           "-----END PRIVATE KEY-----\n"));
        m_key = made.get_future().share();
        m_tokens.emplace(m_key, std::vector<std::string>{"api", "other"}, m_objects, m_clock, [this](const auto& use) {
            m_uses += use.secret.text() + " " + use.uid + " " + use.day + ";";
        });
        m_token = *m_tokens->make({"shop", "web"}, "sa-1", "web-token");
        m_objects.secret = secretWith(m_token);
    }

    static api::Value secretWith(const std::string& token)
    {
        return api::Object{{"metadata", api::Object{{"name", "web-token"}}},
                           {"type", accountTokenType},
                           {"data", api::Object{{"token", api::encodeBase64(token)}}}};
    }
    std::string outcome(const std::string& token, const std::vector<std::string>& audiences = {})
    {
        const auto identity = m_tokens->authenticate(token, audiences);
        return identity ? identity->user.name + " " + identity->user.uid : identity.error().message;
    }

    Objects m_objects;
    SimulatedClock m_clock{parseTime("2026-11-29T23:59:59Z").value()};
    std::string m_uses;
    ServiceAccountTokens::FutureKey m_key;
    std::optional<SecretTokens> m_tokens;
    std::string m_token;
};

TEST_F(SecretTokensTest, speakForTheirAccount)
{
    EXPECT_TRUE(m_tokens->recognizes(m_token));
    EXPECT_FALSE(m_tokens->recognizes(*m_key.get()->sign({{"iss", defaultIssuer}})));
    EXPECT_FALSE(m_tokens->recognizes("abcdef.0123456789abcdef"));
    const auto identity = m_tokens->authenticate(m_token, {});
    ASSERT_TRUE(identity) << identity.error().message;
    EXPECT_EQ(identity->user.name, "system:serviceaccount:shop:web");
    EXPECT_THAT(identity->user.groups,
                testing::ElementsAre("system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"));
    EXPECT_TRUE(identity->user.extra.empty());
    EXPECT_THAT(identity->audiences, testing::ElementsAre("api", "other"));
    EXPECT_EQ(api::writeJson(parseWebToken(m_token)->claims),
              R"({"iss":"kubernetes/serviceaccount","kubernetes.io/serviceaccount/namespace":"shop",)"
              R"("kubernetes.io/serviceaccount/secret.name":"web-token",)"
              R"("kubernetes.io/serviceaccount/service-account.name":"web",)"
              R"("kubernetes.io/serviceaccount/service-account.uid":"sa-1","sub":"system:serviceaccount:shop:web"})");
}

TEST_F(SecretTokensTest, countWhileSecretAndAccountAreThere)
{
    struct Row {
        const char* what;
        std::function<void()> change;
        const char* outcome;
    };
    const auto labelled = [&](const char* value) {
        api::objectAt(m_objects.secret, {"metadata", "labels"})["kubernetes.io/legacy-token-invalid-since"] = value;
    };
    for (const auto& [what, change, expected] : {
             Row{"as made", [] {}, "system:serviceaccount:shop:web sa-1"},
             Row{"no secret", [&] { m_objects.secret = nullptr; },
                 "the secret \"web-token\" that the bearer token lay in is gone"},
             Row{"a secret on its way out",
                 [&] { api::objectAt(m_objects.secret, {"metadata"})["deletionTimestamp"] = "2026-01-31T12:00:00Z"; },
                 "the secret \"web-token\" that the bearer token lay in is gone"},
             Row{"another token", [&] { m_objects.secret = secretWith("other"); },
                 "the secret \"web-token\" holds another token than the bearer token"},
             Row{"another type", [&] { m_objects.secret.as_object()["type"] = "Opaque"; },
                 "the secret \"web-token\" holds another token than the bearer token"},
             Row{"marked", [&] { labelled("2026-01-31"); },
                 "the bearer token was marked invalid, by the label kubernetes.io/legacy-token-invalid-since of its "
                 "secret \"web-token\""},
             Row{"marked with nothing", [&] { labelled(""); }, "system:serviceaccount:shop:web sa-1"},
             Row{"no account", [&] { m_objects.uid.clear(); },
                 "the service account \"web\" of the bearer token is gone"},
             Row{"another account", [&] { m_objects.uid = "sa-2"; },
                 "the service account \"web\" of the bearer token was deleted; there is another of the same name"},
         }) {
        m_objects.uid = "sa-1";
        m_objects.secret = secretWith(m_token);
        change();
        EXPECT_EQ(outcome(m_token), expected) << what;
    }
}

TEST_F(SecretTokensTest, areToldOnceTheyAreUsedOnADayThatTheirLabelDoesNotSay)
{
    struct Row {
        const char* label;
        std::string token;
        const char* uses;
    };
    for (const auto& [label, token, uses] : {
             Row{"", m_token, "shop/web-token s-1 2026-11-29;"},
             Row{"2026-11-28", m_token, "shop/web-token s-1 2026-11-29;"}, Row{"2026-11-29", m_token, ""},
             Row{"yesterday", m_token, "shop/web-token s-1 2026-11-29;"},
             Row{"", *m_tokens->make({"shop", "web"}, "sa-2", "web-token"), ""}, // which is refused
         }) {
        m_uses.clear();
        auto& metadata = api::objectAt(m_objects.secret, {"metadata"});
        metadata["uid"] = "s-1";
        metadata["labels"] = {{"kubernetes.io/legacy-token-last-used", label}};
        (void)m_tokens->authenticate(token, {});
        EXPECT_EQ(m_uses, uses) << label;
    }
    api::objectAt(m_objects.secret, {"metadata"})["labels"] = {{"kubernetes.io/legacy-token-last-used", "2026-11-29"}};
    m_clock.advance(std::chrono::seconds{1});
    EXPECT_TRUE(m_tokens->authenticate(m_token, {}));
    EXPECT_EQ(m_uses, "shop/web-token s-1 2026-11-30;") << "a day later";
}

TEST_F(SecretTokensTest, areForTheServerAndSignedByIt)
{
    EXPECT_EQ(outcome(m_token, {"other"}), "system:serviceaccount:shop:web sa-1");
    EXPECT_EQ(outcome(m_token, {"vault"}), "the bearer token is meant for [api, other], not for [vault]");
    auto forged = m_token;
    forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
    m_objects.secret = secretWith(forged);
    EXPECT_EQ(outcome(forged), "the signature of the bearer token is wrong");
    const auto mixed = *m_key.get()->sign({{"iss", "kubernetes/serviceaccount"},
                                           {"kubernetes.io/serviceaccount/namespace", "shop"},
                                           {"kubernetes.io/serviceaccount/secret.name", "web-token"},
                                           {"kubernetes.io/serviceaccount/service-account.name", "web"},
                                           {"sub", "system:serviceaccount:kube-system:admin"}});
    EXPECT_EQ(outcome(mixed), "the bearer token names two different service accounts");
    EXPECT_EQ(outcome(*m_key.get()->sign({{"iss", defaultIssuer}})),
              "the bearer token is none of a service account's secret");
}

} // namespace
} // namespace keelson::auth
