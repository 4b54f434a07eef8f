// SPDX-License-Identifier: Apache-2.0
#include "apiserver/served_cluster.h"

#include "api/protobuf.h"

#include <gmock/gmock.h>

namespace keelson::apiserver {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto accounts = "/api/v1/namespaces/default/serviceaccounts";
constexpr auto tokenPath = "/api/v1/namespaces/default/serviceaccounts/web/token";
constexpr auto tokenReviews = "/apis/authentication.k8s.io/v1/tokenreviews";

class Tokens : public ServedCluster {
protected:
    Tokens() { admin().ask("POST", accounts, R"({"metadata":{"name":"web"}})"); }

    std::string token(const std::string& body = "{}")
    {
        const auto reply = admin().ask("POST", tokenPath, body);
        EXPECT_EQ(reply.status, 201) << reply.body;
        return std::string(api::stringAt(json(reply.body), {"status", "token"}));
    }
    HttpsClient::Reply askWith(const std::string& token, const std::string& path)
    {
        return nobody().ask("GET", path, "", {"Authorization: Bearer " + token});
    }
    void create(const std::string& path, const std::string& body)
    {
        const auto reply = admin().ask("POST", path, body);
        EXPECT_EQ(reply.status, 201) << reply.body;
    }
};

TEST_F(Tokens, anAccountDoesWithItsTokenWhatItsRolesAllow)
{
    const auto text = token();
    EXPECT_EQ(message(askWith(text, "/api/v1/namespaces/default/configmaps")),
              "configmaps is forbidden: User \"system:serviceaccount:default:web\" cannot list resource "
              "\"configmaps\" in API group \"\" in the namespace \"default\"");
    m_authorizer.apply(json(R"({"kind":"RoleBinding","metadata":{"name":"v","namespace":"default"},
        "roleRef":{"kind":"ClusterRole","name":"view"},"subjects":[{"kind":"ServiceAccount","name":"web"}]})"));
    EXPECT_EQ(askWith(text, "/api/v1/namespaces/default/configmaps").status, 200);
    EXPECT_EQ(askWith(text, "/api/v1/namespaces/default/secrets").status, 403);
    const auto who = json(
        nobody()
            .ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}", {"Authorization: Bearer " + text})
            .body);
    EXPECT_EQ(api::stringAt(who, {"status", "userInfo", "username"}), "system:serviceaccount:default:web");
    admin().ask("DELETE", std::string(accounts) + "/web");
    EXPECT_EQ(askWith(text, "/api/v1/namespaces/default/configmaps").status, 401);
}

TEST_F(Tokens, areRefusedInWords)
{
    EXPECT_EQ(askWith("a.b.c", "/version").status, 401);
    auto forged = token();
    forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
    EXPECT_EQ(message(askWith(forged, "/version")), "the signature of the bearer token is wrong");
    EXPECT_THAT(message(askWith(token(R"({"spec":{"audiences":["vault"]}})"), "/version")),
                HasSubstr("meant for [vault]"));
    struct Row {
        const char* path;
        const char* body;
        int status;
        const char* words;
    };
    for (const auto& [path, body, status, words] : {
             Row{"/api/v1/namespaces/default/serviceaccounts/none/token", "{}", 404, "serviceaccounts \"none\" not"},
             Row{tokenPath, R"({"metadata":{"name":"other"}})", 400, "metadata.name of the TokenRequest is \"other\""},
             Row{tokenPath, R"({"spec":{"expirationSeconds":1}})", 422, "may not specify a duration less than 10 min"},
         }) {
        const auto reply = admin().ask("POST", path, body);
        EXPECT_EQ(reply.status, status) << reply.body;
        EXPECT_THAT(message(reply), HasSubstr(words));
    }
    EXPECT_EQ(admin().ask("GET", tokenPath).status, 405);
    EXPECT_EQ(jane().ask("POST", tokenPath, "{}").status, 403);
}

TEST_F(Tokens, areNotMadeInADryRun)
{
    const auto reply = admin().ask("POST", std::string(tokenPath) + "?dryRun=All", "{}");
    EXPECT_EQ(reply.status, 201) << reply.body;
    const auto answer = json(reply.body);
    EXPECT_EQ(api::stringAt(answer, {"status", "token"}), "");
    EXPECT_NE(api::stringAt(answer, {"status", "expirationTimestamp"}), "");
}

TEST_F(Tokens, areAskedForInProtobufToo)
{
    const auto request = json(R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest",
        "spec":{"audiences":null,"expirationSeconds":700,"boundObjectRef":null}})");
    const auto bytes = api::encodeProtobuf(api::Catalog::builtIn(), request);
    ASSERT_TRUE(bytes) << bytes.error().message;
    const auto reply = admin().ask("POST", tokenPath, *bytes, {"Content-Type: application/vnd.kubernetes.protobuf"});
    EXPECT_EQ(reply.status, 201) << reply.body;
    EXPECT_EQ(api::integerAt(json(reply.body), {"spec", "expirationSeconds"}), 700);
}

TEST_F(Tokens, ofAPodEndWithIt)
{
    create("/api/v1/namespaces/default/pods",
           R"({"metadata":{"name":"p"},"spec":{"serviceAccountName":"web","containers":[{"name":"c","image":"i"}]}})");
    const auto text = token(R"({"spec":{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"p"}}})");
    EXPECT_EQ(askWith(text, "/version").status, 200);
    admin().ask("DELETE", "/api/v1/namespaces/default/pods/p?gracePeriodSeconds=0");
    EXPECT_EQ(message(askWith(text, "/version")), "the pod \"p\" that the bearer token is bound to is gone");
}

TEST_F(Tokens, ofSecretsLetNodesBegin)
{
    create("/api/v1/namespaces", R"({"metadata":{"name":"kube-system"}})");
    create("/api/v1/namespaces/kube-system/secrets", R"({"metadata":{"name":"bootstrap-token-abcdef"},
        "type":"bootstrap.kubernetes.io/token","stringData":{"token-id":"abcdef","token-secret":"0123456789abcdef",
        "usage-bootstrap-authentication":"true","auth-extra-groups":"system:bootstrappers:racks"}})");
    const auto who = nobody().ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}",
                                  {"Authorization: Bearer abcdef.0123456789abcdef"});
    EXPECT_THAT(who.body, HasSubstr(R"("username":"system:bootstrap:abcdef","groups":["system:bootstrappers",)"
                                    R"("system:bootstrappers:racks","system:authenticated"])"));
    EXPECT_EQ(message(askWith("abcdef.0123456789abcdeg", "/version")),
              "the bootstrap token is not known to this cluster");
    EXPECT_EQ(askWith("abcdef.0123456789abcdef", "/api/v1/nodes").status, 403);
    admin().ask("DELETE", "/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef");
    EXPECT_EQ(askWith("abcdef.0123456789abcdef", "/version").status, 401);
}

TEST_F(Tokens, areGoodBesideACertificateThatIsNot)
{
    const auto foreign = auth::CertificateAuthority::openOrCreate(m_folder / "foreign", m_clock);
    const auto eve = foreign->issueClient("eve", {"system:masters"});
    const auto client = connect(&*eve);
    EXPECT_EQ(client->ask("GET", "/version", "", {"Authorization: Bearer " + token()}).status, 200);
    EXPECT_EQ(client->ask("GET", "/version", "", {"Authorization: Bearer a.b.c"}).status, 401);
    EXPECT_EQ(client->ask("GET", "/version", "", {"Authorization: Basic x"}).status, 401);
    EXPECT_EQ(client->ask("GET", "/version").status, 401);
}

TEST_F(Tokens, areReviewed)
{
    const auto review = [&](const std::string& spec) {
        const auto reply = admin().ask("POST", tokenReviews, R"({"spec":)" + spec + "}");
        EXPECT_EQ(reply.status, 201) << reply.body;
        const auto document = json(reply.body);
        return document.at("status");
    };
    const auto good = review(R"({"token":")" + token() + "\"}");
    EXPECT_TRUE(api::boolAt(good, {"authenticated"}));
    EXPECT_EQ(api::stringAt(good, {"user", "username"}), "system:serviceaccount:default:web");
    EXPECT_EQ(good.at("audiences"), api::Array{auth::defaultIssuer});
    const auto wrong = review(R"({"token":"x.y.z"})");
    EXPECT_FALSE(api::boolAt(wrong, {"authenticated"}));
    EXPECT_EQ(api::stringAt(wrong, {"error"}), "the bearer token is not known to this cluster");
    const auto vault = token(R"({"spec":{"audiences":["vault"]}})");
    EXPECT_EQ(review(R"({"token":")" + vault + R"(","audiences":["vault","x"]})").at("audiences"), api::Array{"vault"});
    EXPECT_FALSE(api::boolAt(review(R"({"token":")" + vault + "\"}"), {"authenticated"}));
    EXPECT_EQ(message(admin().ask("POST", tokenReviews, "{}")), "token is required for TokenReview in authentication");
    EXPECT_EQ(jane().ask("POST", tokenReviews, R"({"spec":{"token":"x"}})").status, 403);
}

TEST_F(Tokens, canBeCheckedByOthers)
{
    EXPECT_EQ(nobody().ask("GET", "/openid/v1/jwks").status, 403);
    const auto text = token();
    const auto configuration = askWith(text, "/.well-known/openid-configuration");
    EXPECT_EQ(configuration.status, 200) << configuration.body;
    EXPECT_EQ(api::stringAt(json(configuration.body), {"issuer"}), auth::defaultIssuer);
    EXPECT_EQ(api::stringAt(json(configuration.body), {"jwks_uri"}),
              "https://" + m_server->addresses().front() + "/openid/v1/jwks");
    const auto keys = askWith(text, "/openid/v1/jwks");
    EXPECT_EQ(keys.headers.get("Content-Type"), "application/jwk-set+json");
    EXPECT_TRUE(auth::VerificationKeys::fromJwks(keys.body)->verify(*auth::parseWebToken(text)));
}

TEST_F(Tokens, anImpersonatedAccountIsInItsGroups)
{
    const auto who = json(admin()
                              .ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}",
                                   {"Impersonate-User: system:serviceaccount:default:web"})
                              .body);
    const auto* groups = api::find(who, {"status", "userInfo", "groups"});
    ASSERT_NE(groups, nullptr);
    EXPECT_EQ(*groups,
              (api::Array{"system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"}));
}

/// What pages in browsers do, which can set no headers.
TEST_F(Tokens, comeAmongTheProtocolsOfAWebSocket)
{
    const auto good = "base64url.bearer.authorization.k8s.io." + auth::encodeBase64Url(token());
    struct Row {
        std::string protocols;
        int status;
        const char* words;
    };
    for (const auto& [protocols, status, words] : {
             Row{"v5.channel.k8s.io", 403, "User \"system:anonymous\" cannot get resource \"pods/exec\""},
             Row{good + ", v5.channel.k8s.io", 403,
                 "User \"system:serviceaccount:default:web\" cannot get resource \"pods/exec\""},
             Row{"v5.channel.k8s.io," + good, 403, "User \"system:serviceaccount:default:web\""},
             Row{good, 401, "missing additional subprotocol"},
             Row{good + ", v5.channel.k8s.io, " + good, 401, "multiple base64.bearer.authorization tokens specified"},
             Row{"base64url.bearer.authorization.k8s.io.=, x", 401, "is no base64url"},
             Row{"base64url.bearer.authorization.k8s.io., x", 401, "is no base64url"},
             Row{"base64url.bearer.authorization.k8s.io." + auth::encodeBase64Url("sesame") + ", x", 401,
                 "the bearer token is not known to this cluster"},
         }) {
        const auto reply = connect(nullptr)->ask(
            "GET", "/api/v1/namespaces/default/pods/p/exec?command=ls", "",
            {"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: " + protocols});
        EXPECT_EQ(reply.status, status) << protocols << reply.body;
        EXPECT_THAT(message(reply), HasSubstr(words)) << protocols;
    }
}

} // namespace
} // namespace keelson::apiserver
