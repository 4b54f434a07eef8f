// SPDX-License-Identifier: Apache-2.0
#include "auth/service_account_tokens.h"
#include "auth/token_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <map>

namespace keelson::auth {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

// Keys of RFC 7515, appendices A.2 and A.3, with the signatures that stand there.
constexpr std::string_view rsaKeys = R"({"keys":[{"kty":"RSA",
 "n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
 "e":"AQAB"}]})";
constexpr std::string_view rsaToken =
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7"
    "t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--"
    "xi12jzD"
    "wusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77"
    "Rw";
constexpr std::string_view ellipticKeys = R"({"keys":[{"kty":"EC","crv":"P-256",
 "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";
constexpr std::string_view ellipticToken =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

TEST(WebTokens, knowTheSignaturesOfTheStandard)
{
    const auto rsa = *VerificationKeys::fromJwks(rsaKeys);
    const auto elliptic = *VerificationKeys::fromJwks(ellipticKeys);
    EXPECT_TRUE(rsa.verify(*parseWebToken(rsaToken)));
    EXPECT_TRUE(elliptic.verify(*parseWebToken(ellipticToken)));
    EXPECT_EQ(rsa.verify(*parseWebToken(ellipticToken)).error().reason, Reason::Unauthorized);
    EXPECT_EQ(elliptic.verify(*parseWebToken(rsaToken)).error().reason, Reason::Unauthorized);
    EXPECT_EQ(api::parseJson(elliptic.jwks())->at("keys").as_array()[0].at("x"),
              "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
    EXPECT_TRUE(VerificationKeys::fromJwks(rsa.jwks())->verify(*parseWebToken(rsaToken)));
}

TEST(WebTokens, eachChangedBitBreaksTheSignature)
{
    const auto keys = *VerificationKeys::fromJwks(ellipticKeys);
    int refused = 0;
    for (std::size_t i = 0; i < ellipticToken.size(); ++i) {
        std::string changed(ellipticToken);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        const auto parsed = parseWebToken(changed);
        refused += !parsed || !keys.verify(*parsed) ? 1 : 0;
    }
    EXPECT_EQ(refused, static_cast<int>(ellipticToken.size()));
}

TEST(WebTokens, refusalsSayWhatIsWrong)
{
    const auto keys = *VerificationKeys::fromJwks(rsaKeys);
    const std::string claims = encodeBase64Url(R"({"iss":"x"})");
    const auto token = [&](std::string_view header) { return encodeBase64Url(header) + "." + claims + ".AAAA"; };
    const auto refusal = [&](const std::string& text) {
        const auto parsed = parseWebToken(text);
        const auto error = parsed ? keys.verify(*parsed).error() : parsed.error();
        EXPECT_EQ(error.reason, Reason::Unauthorized) << text;
        return error.message;
    };
    const std::string none = "the bearer token is no JSON web token: ";
    EXPECT_EQ(refusal("a.b"), none + "it has not three parts");
    EXPECT_EQ(refusal("a.b.c.d"), none + "it has not three parts");
    EXPECT_EQ(refusal("e30=.e30.e30"), none + "its header is no JSON object in base64url");
    EXPECT_EQ(refusal("e30.W10.e30"), none + "its claims are no JSON object in base64url");
    EXPECT_EQ(refusal(encodeBase64Url(R"({"alg":"RS256","alg":"none"})") + ".e30.e30"),
              none + "its header is no JSON object in base64url");
    EXPECT_EQ(refusal("e30.e30.e31"), none + "its signature is not base64url");
    EXPECT_EQ(refusal("e30.e30.e30"), none + "its header names no algorithm");
    EXPECT_EQ(refusal(token(R"({"alg":"RS256","crit":["x"]})")),
              none + "its header asks for extensions (crit) that are not understood");
    EXPECT_THAT(refusal(std::string(webTokenBytesMax + 1, 'a')), HasSubstr("at most 16384 are read"));
    EXPECT_EQ(refusal(token(R"({"alg":"none"})")), "the bearer token is signed with \"none\", which is not accepted");
    EXPECT_EQ(refusal(token(R"({"alg":"HS256"})")), "the bearer token is signed with \"HS256\", which is not accepted");
    EXPECT_EQ(refusal(token(R"({"alg":"RS256"})")), "the signature of the bearer token is wrong");
    EXPECT_EQ(refusal(token(R"({"alg":"RS256","kid":"other"})")),
              "the bearer token is signed with the key \"other\", which its issuer does not have");
}

TEST(WebTokens, weakAndForeignKeysAreLeftOut)
{
    EXPECT_TRUE(VerificationKeys::fromJwks(R"({"keys":[{"kty":"oct","k":"AAAA"},{"kty":"RSA","n":"AQAB","e":"AQAB"},
        {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
         "y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},{"kty":"EC"},{},7]})")
                    ->empty());
    EXPECT_EQ(VerificationKeys::fromJwks("[]").error().reason, Reason::Invalid);
    EXPECT_EQ(SigningKey::fromPem("nothing").error().reason, Reason::Invalid);
}

TEST(WebTokens, aSigningKeyIsMadeOnceAndKept)
{
    const auto path = std::filesystem::temp_directory_path() / ("keelson-signing-" + std::to_string(::getpid()));
    std::filesystem::remove(path);
    const auto first = SigningKey::openOrCreate(path);
    ASSERT_TRUE(first) << first.error().message;
    struct stat about{};
    ASSERT_EQ(::stat(path.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    const auto second = SigningKey::openOrCreate(path);
    ASSERT_TRUE(second) << second.error().message;
    const auto token = *first->sign({{"iss", "me"}});
    EXPECT_TRUE(second->verificationKeys().verify(*parseWebToken(token)));
    EXPECT_EQ(parseWebToken(token)->algorithm, "RS256");
    std::filesystem::remove(path);
}

/// Objects as a table: "ServiceAccount default/web" -> facts and document.
class TableOfObjects : public ObjectSource {
public:
    struct Entry {
        Facts facts;
        api::Value document;
    };
    std::map<std::string, Entry> entries;

    void add(std::string_view kind, const api::ObjectKey& key, std::string uid, api::Object spec = {})
    {
        entries[std::string(kind) + " " + key.text()] = {
            {uid, std::nullopt}, api::Object{{"metadata", api::Object{{"uid", uid}}}, {"spec", std::move(spec)}}};
    }
    std::optional<Facts> facts(std::string_view kind, const api::ObjectKey& key) const override
    {
        const auto found = entries.find(std::string(kind) + " " + key.text());
        return found == entries.end() ? std::nullopt : std::optional(found->second.facts);
    }
    std::optional<api::Value> find(std::string_view kind, const api::ObjectKey& key) const override
    {
        const auto found = entries.find(std::string(kind) + " " + key.text());
        return found == entries.end() ? std::nullopt : std::optional(found->second.document);
    }
};

class BoundTokens : public testing::Test {
protected:
    BoundTokens()
    {
        m_objects.add("ServiceAccount", web, "sa-1");
        m_objects.add("ServiceAccount", {"shop", "other"}, "sa-2");
        m_objects.add("Node", {"", "n1"}, "node-1");
        m_objects.add("Secret", {"shop", "s"}, "secret-1");
        m_objects.add("Pod", {"shop", "p"}, "pod-1", {{"serviceAccountName", "web"}, {"nodeName", "n1"}});
    }

    Result<api::Value> ask(std::string_view spec, const api::ObjectKey& account)
    {
        return m_tokens.answerRequest(account, api::Object{{"spec", *api::parseJson(spec)}});
    }
    std::string token(std::string_view spec = "{}")
    {
        const auto answer = ask(spec, web);
        EXPECT_TRUE(answer) << answer.error().message;
        return std::string(api::stringAt(*answer, {"status", "token"}));
    }
    std::string refusal(const std::string& text, const std::vector<std::string>& audiences = {})
    {
        const auto identity = m_tokens.authenticate(text, audiences);
        return identity ? "accepted: " + identity->user.name : identity.error().message;
    }

    static SigningKey ellipticKey()
    {
        return *SigningKey::fromPem("-----BEGIN PRIVATE KEY-----\n"
                                    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL+YBIff\n"
                                    "H1136cspYG6+0iY7X1fCE9+E9LKhRANCAAR/zc4ncPbEXUGDy+5v20t7WAczNXvp\n"
                                    "7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt\n"
                                    "-----END PRIVATE KEY-----\n");
    }

    const api::ObjectKey web{"shop", "web"};
    SimulatedClock m_clock;
    SeededRandom m_random{7};
    TableOfObjects m_objects;
    ServiceAccountTokens m_tokens{ellipticKey(), {}, m_objects, m_clock, m_random};
};

TEST_F(BoundTokens, aTokenSpeaksForItsAccount)
{
    const auto text = token(R"({"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"p","uid":"pod-1"}})");
    EXPECT_TRUE(m_tokens.recognizes(text));
    const auto identity = m_tokens.authenticate(text, {});
    ASSERT_TRUE(identity) << identity.error().message;
    EXPECT_EQ(identity->user.name, "system:serviceaccount:shop:web");
    EXPECT_EQ(identity->user.uid, "sa-1");
    EXPECT_THAT(identity->user.groups,
                ElementsAre("system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"));
    EXPECT_THAT(identity->audiences, ElementsAre(std::string(defaultIssuer)));
    const auto claims = parseWebToken(text)->claims;
    EXPECT_EQ(api::writeJson(claims.at("kubernetes.io")),
              R"({"pod":{"name":"p","uid":"pod-1"},"node":{"name":"n1","uid":"node-1"},"namespace":"shop",)"
              R"("serviceaccount":{"name":"web","uid":"sa-1"}})");
    const auto extra = [&](const std::string& name) {
        return identity->user.extra.at("authentication.kubernetes.io/" + name).front();
    };
    EXPECT_EQ(extra("pod-name") + extra("pod-uid") + extra("node-name") + extra("node-uid"), "ppod-1n1node-1");
    EXPECT_EQ(extra("credential-id"), "JTI=" + std::string(api::stringAt(claims, {"jti"})));
}

TEST_F(BoundTokens, aRequestIsAnsweredWithWhatWasGiven)
{
    const auto answer = *ask(R"({"expirationSeconds":900})", web);
    EXPECT_EQ(api::stringAt(answer, {"metadata", "name"}), "web");
    EXPECT_EQ(api::integerAt(answer, {"spec", "expirationSeconds"}), 900);
    EXPECT_EQ(answer.at("spec").at("audiences"), api::Array{defaultIssuer});
    EXPECT_EQ(api::stringAt(answer, {"status", "expirationTimestamp"}), formatTime(m_clock.wall() + seconds{900}));
    EXPECT_EQ(api::integerAt(*ask("{}", web), {"spec", "expirationSeconds"}), 3600);
}

TEST_F(BoundTokens, endWithTheirTimeAndTheirObjects)
{
    const auto text = token(R"({"expirationSeconds":600})");
    EXPECT_EQ(refusal(text), "accepted: system:serviceaccount:shop:web");
    m_clock.advance(seconds{599});
    EXPECT_EQ(refusal(text), "accepted: system:serviceaccount:shop:web");
    m_clock.advance(seconds{1});
    EXPECT_EQ(refusal(text), "the bearer token expired at 2023-11-14T22:23:20Z");

    const auto bound = token(R"({"boundObjectRef":{"kind":"Pod","name":"p"}})");
    EXPECT_EQ(refusal(bound), "accepted: system:serviceaccount:shop:web");
    auto& pod = m_objects.entries.at("Pod shop/p");
    pod.facts.deletedAt = m_clock.wall();
    m_clock.advance(seconds{60});
    EXPECT_EQ(refusal(bound), "accepted: system:serviceaccount:shop:web");
    m_clock.advance(seconds{1});
    EXPECT_EQ(refusal(bound), "the pod \"p\" that the bearer token is bound to has been deleted");
    pod.facts = {"pod-2", std::nullopt};
    EXPECT_EQ(refusal(bound),
              "the pod \"p\" that the bearer token is bound to was deleted; there is another of the same name");
    m_objects.entries.erase("Pod shop/p");
    EXPECT_EQ(refusal(bound), "the pod \"p\" that the bearer token is bound to is gone");

    const auto plain = token();
    m_objects.entries.at("ServiceAccount shop/web").facts.uid = "sa-9";
    EXPECT_EQ(refusal(plain), "the service account \"web\" that the bearer token is bound to was deleted; there is "
                              "another of the same name");
    m_objects.entries.erase("ServiceAccount shop/web");
    EXPECT_EQ(refusal(plain), "the service account \"web\" that the bearer token is bound to is gone");
}

TEST_F(BoundTokens, areForTheirAudiencesAlone)
{
    const auto vault = token(R"({"audiences":["vault","mail"]})");
    EXPECT_EQ(refusal(vault), "the bearer token is meant for [vault, mail], not for "
                              "[https://kubernetes.default.svc.cluster.local]");
    const std::vector<std::string> asked{"other", "vault"};
    EXPECT_THAT(m_tokens.authenticate(vault, asked)->audiences, ElementsAre("vault"));
    EXPECT_THAT(refusal(token(), asked), HasSubstr("not for [other, vault]"));
}

TEST_F(BoundTokens, ofOthersAreNotTaken)
{
    ServiceAccountTokens stranger(ellipticKey(), {.issuer = "https://elsewhere", .audiences = {"x"}}, m_objects,
                                  m_clock, m_random);
    const auto theirs = *stranger.answerRequest(web, api::Object{});
    EXPECT_FALSE(m_tokens.recognizes(api::stringAt(theirs, {"status", "token"})));
    EXPECT_EQ(refusal(std::string(api::stringAt(theirs, {"status", "token"}))),
              "the bearer token was not issued by this cluster");
    EXPECT_FALSE(m_tokens.recognizes("abcdef.0123456789abcdef"));
    const auto forged = *ellipticKey().sign({{"iss", defaultIssuer},
                                             {"sub", "system:serviceaccount:kube-system:admin"},
                                             {"kubernetes.io", api::Object{{"namespace", "shop"}}}});
    EXPECT_EQ(refusal(forged), "the bearer token names two different service accounts");
}

TEST_F(BoundTokens, refusedRequestsSayWhy)
{
    const auto why = [&](std::string_view spec, const api::ObjectKey& account) {
        const auto error = ask(spec, account).error();
        return std::string(reasonName(error.reason)) + ": " + error.message;
    };
    EXPECT_EQ(why("{}", {"shop", "nobody"}), "NotFound: serviceaccounts \"nobody\" not found");
    EXPECT_EQ(why(R"({"expirationSeconds":599})", web),
              "Invalid: TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: "
              "599: may not specify a duration less than 10 minutes");
    EXPECT_EQ(why(R"({"expirationSeconds":4294967297})", web),
              "Invalid: TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: "
              "4294967297: may not specify a duration larger than 2^32 seconds");
    EXPECT_EQ(why(R"({"boundObjectRef":{"kind":"Pod","name":"gone"}})", web), "NotFound: pods \"gone\" not found");
    EXPECT_EQ(why(R"({"boundObjectRef":{"kind":"Pod","name":"p"}})", {"shop", "other"}),
              "BadRequest: cannot bind token for serviceaccount \"other\" to pod running with different serviceaccount "
              "name.");
    EXPECT_EQ(why(R"({"boundObjectRef":{"kind":"Secret","name":"s","uid":"old"}})", web),
              "Conflict: Operation cannot be fulfilled on secret \"s\": the UID in the bound object reference (old) "
              "does not match the UID in record. The object might have been deleted and then recreated");
    EXPECT_THAT(why(R"({"boundObjectRef":{"kind":"ConfigMap","name":"s"}})", web),
                HasSubstr("BadRequest: cannot bind token for serviceaccount \"web\" to type , Kind=ConfigMap"));
}

TEST_F(BoundTokens, areDescribedToOthers)
{
    EXPECT_EQ(*m_tokens.discoveryDocument("https://192.0.2.1:6443"),
              R"({"issuer":"https://kubernetes.default.svc.cluster.local",)"
              R"("jwks_uri":"https://192.0.2.1:6443/openid/v1/jwks","response_types_supported":["id_token"],)"
              R"("subject_types_supported":["public"],"id_token_signing_alg_values_supported":["ES256"]})");
    const auto keys = VerificationKeys::fromJwks(*m_tokens.keysDocument());
    ASSERT_TRUE(keys);
    EXPECT_TRUE(keys->verify(*parseWebToken(token())));
}

TEST_F(BoundTokens, sayWhyTheirKeyCouldNotBeMade)
{
    std::promise<Result<SigningKey>> making;
    const ServiceAccountTokens tokens(making.get_future().share(), {}, m_objects, m_clock, m_random);
    const auto good = token();
    EXPECT_TRUE(tokens.recognizes(good)) << "without the key";
    making.set_value(fail(Reason::InternalError, "cannot write KEY: no space left on device"));
    EXPECT_EQ(tokens.authenticate(good, {}).error().message, "cannot write KEY: no space left on device");
    EXPECT_EQ(tokens.keysDocument().error().reason, Reason::InternalError);
}

} // namespace
} // namespace keelson::auth
