// SPDX-License-Identifier: Apache-2.0
#include "auth/id_tokens.h"

#include "auth/https_client.h"
#include "auth/issuer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

namespace keelson::auth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

bool eventually(const std::function<bool()>& holds)
{
    for (int i = 0; i < 1000 && !holds(); ++i)
        ::poll(nullptr, 0, 5);
    return holds();
}

SigningKey rsaKey()
{
    static const auto folder = std::filesystem::temp_directory_path();
    const auto path = folder / ("keelson-id-key-" + std::to_string(::getpid()));
    std::filesystem::remove(path);
    auto key = *SigningKey::openOrCreate(path);
    std::filesystem::remove(path);
    return key;
}

SigningKey ellipticKey()
{
    return *SigningKey::fromPem(makeCertificateRequest("key")->key);
}

/// An issuer with one key and a reader of its tokens.
class IdTokensTest : public testing::Test {
protected:
    IdTokensTest() { m_issuer.showKeys(m_key.verificationKeys().jwks()); }
    ~IdTokensTest() override
    {
        m_executor.stop();
        m_loop.stop();
    }

    IdTokenOptions options() const
    {
        IdTokenOptions made;
        made.issuer = m_issuer.url();
        made.clientId = "keelson";
        return made;
    }

    std::unique_ptr<IdTokens> reader(IdTokenOptions options)
    {
        auto made = std::make_unique<IdTokens>(
            std::move(options),
            [authorities = m_issuer.authority()](const std::string& url) {
                return httpsGet(url, {.authorities = authorities});
            },
            m_clock, m_loop, m_executor);
        made->start();
        return made;
    }

    /// Good claims with `more` (JSON members) over them; null takes one away.
    api::Object claims(const std::string& more = "{}") const
    {
        const auto now = std::chrono::duration_cast<std::chrono::seconds>(m_clock.wall().time_since_epoch()).count();
        api::Object made{{"iss", m_issuer.url()}, {"aud", "keelson"}, {"sub", "jane"}, {"exp", now + 600}};
        for (const auto& [name, value] : api::parseJson(more)->as_object()) {
            if (value.is_null())
                made.erase(name);
            else
                made[name] = value;
        }
        return made;
    }

    /// "USER GROUP...", or the refusal, once the keys are there.
    static std::string outcome(const IdTokens& tokens, const std::string& token)
    {
        std::string text;
        eventually([&] {
            const auto found = tokens.authenticate(token, {});
            text = found ? found->user.name : found.error().message;
            for (const auto& group : found ? found->user.groups : std::vector<std::string>{})
                text += " " + group;
            return !text.contains("have not come yet");
        });
        return text;
    }

    SystemClock m_clock;
    Issuer m_issuer{m_clock};
    SigningKey m_key = rsaKey();
    ThreadLoop m_loop{"issuer-test", m_clock};
    ThreadExecutor m_executor{"issuer-test", 2};
};

TEST_F(IdTokensTest, sayWhoTheUserIs)
{
    struct Row {
        const char* claims;
        std::function<void(IdTokenOptions&)> configure;
        std::string user;
    };
    const auto plain = [](IdTokenOptions&) {};
    for (const auto& [more, configure, user] : {
             Row{"{}", plain, m_issuer.url() + "#jane system:authenticated"},
             Row{R"({"aud":["other","keelson"]})", plain, m_issuer.url() + "#jane system:authenticated"},
             Row{R"({"groups":["dev"]})", plain, m_issuer.url() + "#jane system:authenticated"},
             Row{"{}", [](auto& each) { each.usernamePrefix = "-"; }, "jane system:authenticated"},
             Row{"{}", [](auto& each) { each.usernamePrefix = "oidc:"; }, "oidc:jane system:authenticated"},
             Row{R"({"email":"j@example.com"})", [](auto& each) { each.usernameClaim = "email"; },
                 "j@example.com system:authenticated"},
             Row{R"({"email":"j@example.com","email_verified":true})", [](auto& each) { each.usernameClaim = "email"; },
                 "j@example.com system:authenticated"},
             Row{R"({"email":"j@example.com","email_verified":false})",
                 [](auto& each) { each.usernameClaim = "email"; },
                 "the e-mail address in the ID token is not verified"},
             Row{"{}", [](auto& each) { each.usernameClaim = "login"; },
                 "the ID token lacks the claim \"login\", a text that names the user"},
             Row{R"({"roles":["dev","ops"]})",
                 [](auto& each) {
                     each.usernamePrefix = "-";
                     each.groupsClaim = "roles";
                     each.groupsPrefix = "oidc:";
                 },
                 "jane oidc:dev oidc:ops system:authenticated"},
             Row{R"({"roles":"dev"})",
                 [](auto& each) {
                     each.usernamePrefix = "-";
                     each.groupsClaim = "roles";
                 },
                 "jane dev system:authenticated"},
             Row{R"({"roles":[1]})", [](auto& each) { each.groupsClaim = "roles"; },
                 "the claim \"roles\" of the ID token is neither a text nor a list of texts"},
         }) {
        auto configured = options();
        configure(configured);
        const auto tokens = reader(configured);
        const auto token = *m_key.sign(claims(more));
        EXPECT_TRUE(tokens->recognizes(token));
        EXPECT_EQ(outcome(*tokens, token), user) << more;
    }
}

TEST_F(IdTokensTest, areRefusedInWords)
{
    auto configured = options();
    configured.requiredClaims = {{"hd", "example.com"}};
    const auto tokens = reader(configured);
    struct Row {
        const char* claims;
        const char* words;
    };
    for (const auto& [more, words] : {
             Row{R"({"hd":"example.com"})", "#jane"},
             Row{"{}", "the ID token lacks the claim \"hd\""},
             Row{R"({"hd":"other.com"})", "the claim \"hd\" of the ID token is not \"example.com\""},
             Row{R"({"hd":["example.com"]})", "the claim \"hd\" of the ID token is not \"example.com\""},
             Row{R"({"aud":"vault"})", "the ID token is meant for [vault], not for [keelson]"},
             Row{R"({"aud":null})", "the ID token is meant for [], not for [keelson]"},
             Row{R"({"exp":1600000000})", "the ID token expired at 2020-09-13T12:26:40Z"},
             Row{R"({"exp":null})", "the ID token expired at 1970-01-01T00:00:00Z"},
             Row{R"({"nbf":4000000000})", "the ID token is valid only from 2096-10-02T07:06:40Z on"},
         })
        EXPECT_THAT(outcome(*tokens, *m_key.sign(claims(more))), HasSubstr(words)) << more;
    EXPECT_FALSE(tokens->recognizes(*m_key.sign(claims(R"({"iss":"https://other.example.com"})"))));
    auto forged = *m_key.sign(claims(R"({"hd":"example.com"})"));
    forged[forged.size() - 9] = forged[forged.size() - 9] == 'A' ? 'B' : 'A';
    EXPECT_EQ(outcome(*tokens, forged), "the signature of the bearer token is wrong");
    const auto elliptic = ellipticKey();
    EXPECT_EQ(outcome(*tokens, *elliptic.sign(claims())), "the ID token is signed with ES256, which is not accepted");
}

TEST_F(IdTokensTest, keysAreFetchedAnewWhenOneIsNotKnown)
{
    const auto next = ellipticKey();
    auto configured = options();
    configured.algorithms = {"RS256", "ES256"};
    SimulatedClock clock(m_clock.wall());
    SimulatedLoop loop(clock);
    InlineExecutor executor;
    IdTokens tokens(
        configured,
        [authorities = m_issuer.authority()](const std::string& url) {
            return httpsGet(url, {.authorities = authorities});
        },
        clock, loop, executor);
    tokens.start();
    const auto ask = [&](const SigningKey& key) {
        const auto found = tokens.authenticate(*key.sign(claims()), {});
        return found ? std::string("good") : found.error().message;
    };
    EXPECT_EQ(ask(m_key), "good");
    m_issuer.showKeys(next.verificationKeys().jwks());
    EXPECT_THAT(ask(next), HasSubstr("its keys are being fetched again"));
    EXPECT_EQ(m_issuer.requests(), 2) << "but not at once: anybody can make up a key's name";
    loop.runFor(IdTokens::refreshPause);
    EXPECT_THAT(ask(next), HasSubstr("its keys are being fetched again"));
    EXPECT_EQ(m_issuer.requests(), 4);
    EXPECT_EQ(ask(next), "good");
    EXPECT_THAT(ask(m_key), HasSubstr("did not show before"));
    loop.runFor(IdTokens::refreshPeriod);
    EXPECT_EQ(m_issuer.requests(), 6);
}

TEST_F(IdTokensTest, anIssuerThatIsNotThereIsAskedAgain)
{
    SimulatedClock clock(m_clock.wall());
    SimulatedLoop loop(clock);
    InlineExecutor executor;
    int asked = 0;
    bool there = false;
    IdTokens tokens(
        options(),
        [&](const std::string& url) -> Result<std::string> {
            ++asked;
            return there ? httpsGet(url, {.authorities = m_issuer.authority()})
                         : fail(Reason::ServiceUnavailable, "nobody answers");
        },
        clock, loop, executor);
    tokens.start();
    EXPECT_THAT(outcome(tokens, *m_key.sign(claims())), HasSubstr("have not come yet"));
    there = true;
    loop.runFor(IdTokens::refreshPause * 2);
    EXPECT_THAT(outcome(tokens, *m_key.sign(claims())), HasSubstr("#jane"));
    EXPECT_EQ(asked, 3);
}

TEST_F(IdTokensTest, onlyTheIssuersOwnDocumentsCount)
{
    struct Row {
        const char* path;
        std::string body;
    };
    for (const auto& [path, body] : {
             Row{"/.well-known/openid-configuration", R"({"issuer":"https://other.example.com","jwks_uri":"x"})"},
             Row{"/.well-known/openid-configuration", "no JSON"},
             Row{"/.well-known/openid-configuration",
                 R"({"issuer":")" + m_issuer.url() + R"(","jwks_uri":"http://127.0.0.1/keys"})"},
             Row{"/keys", R"({"keys":[]})"},
         }) {
        m_issuer.showKeys(m_key.verificationKeys().jwks());
        m_issuer.show(path, body);
        SimulatedClock clock(m_clock.wall());
        SimulatedLoop loop(clock);
        InlineExecutor executor;
        IdTokens tokens(
            options(), [&](const std::string& url) { return httpsGet(url, {.authorities = m_issuer.authority()}); },
            clock, loop, executor);
        tokens.start();
        EXPECT_FALSE(tokens.authenticate(*m_key.sign(claims()), {})) << body;
    }
}

TEST_F(IdTokensTest, theServerOfTheKeysIsChecked)
{
    const auto get = [&](const std::string& url, const std::string& authorities) {
        const auto found = httpsGet(url, {.authorities = authorities});
        return found ? *found : found.error().message;
    };
    const auto other = *CertificateAuthority::openOrCreate(
        std::filesystem::temp_directory_path() / ("keelson-other-" + std::to_string(::getpid())), m_clock);
    std::filesystem::remove_all(std::filesystem::temp_directory_path() /
                                ("keelson-other-" + std::to_string(::getpid())));
    m_issuer.show("/a", "text");
    EXPECT_EQ(get(m_issuer.url() + "/a", m_issuer.authority()), "text");
    EXPECT_THAT(get(m_issuer.url() + "/none", m_issuer.authority()), HasSubstr("answers with status 404"));
    EXPECT_THAT(get(m_issuer.url() + "/a", other.certificate()), HasSubstr("cannot be read"));
    EXPECT_THAT(get(m_issuer.url() + "/a", "no certificate"), HasSubstr("no certificate authority to check"));
    const auto byName = "https://localhost" + m_issuer.url().substr(m_issuer.url().rfind(':'));
    EXPECT_THAT(get(byName + "/a", m_issuer.authority()), HasSubstr("cannot be read"))
        << "its certificate is for 127.0.0.1";
    EXPECT_THAT(get("http://127.0.0.1/a", m_issuer.authority()), HasSubstr("is no https URL"));
    EXPECT_THAT(get("https://127.0.0.1/a\r\nX: y", m_issuer.authority()), HasSubstr("is no https URL"));
    EXPECT_THAT(get("https://127.0.0.1:1/a", m_issuer.authority()), HasSubstr("Connection refused"));
}

TEST(IdTokenOptions, areChecked)
{
    struct Row {
        std::function<void(IdTokenOptions&)> change;
        const char* words;
    };
    for (const auto& [change, words] : {
             Row{[](auto&) {}, ""},
             Row{[](auto& each) { each.issuer = "http://issuer"; }, "must begin with https://"},
             Row{[](auto& each) { each.clientId.clear(); }, "--oidc-client-id is needed"},
             Row{[](auto& each) { each.usernameClaim.clear(); }, "--oidc-username-claim"},
             Row{[](auto& each) { each.algorithms = {"none"}; }, "\"none\" is not among"},
         }) {
        IdTokenOptions options;
        options.issuer = "https://issuer";
        options.clientId = "keelson";
        change(options);
        const auto checked = checkIdTokenOptions(options);
        EXPECT_THAT(checked ? "" : checked.error().message, HasSubstr(words));
    }
}

} // namespace
} // namespace keelson::auth
