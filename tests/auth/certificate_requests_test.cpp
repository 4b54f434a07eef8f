// SPDX-License-Identifier: Apache-2.0
#include "auth/certificate_requests.h"

#include "auth/authenticator.h"
#include "auth/request_maker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace keelson::auth {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using Usages = std::vector<std::string>;

TEST(CertificateRequest, saysWhatItAsksFor)
{
    const auto facts = certificateRequestFacts(
        makeRequest("jane", {"dev", "ops"}, "DNS:a.example,IP:10.0.0.1,IP:::1,email:j@example.com,URI:spiffe://a/b")
            .certificate);
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->commonName, "jane");
    EXPECT_THAT(facts->organizations, ElementsAre("dev", "ops"));
    EXPECT_THAT(facts->dnsNames, ElementsAre("a.example"));
    EXPECT_THAT(facts->addresses, ElementsAre("10.0.0.1", "::1"));
    EXPECT_THAT(facts->emails, ElementsAre("j@example.com"));
    EXPECT_THAT(facts->uris, ElementsAre("spiffe://a/b"));

    EXPECT_EQ(certificateRequestFacts("").error().message, "PEM block type must be CERTIFICATE REQUEST");
    auto broken = makeRequest("jane", {}).certificate;
    const auto at = broken.find("-----END") - 6;
    broken[at] = broken[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(certificateRequestFacts(broken));
    EXPECT_FALSE(certificateRequestFacts(std::string(certificateRequestBytesMax + 1, 'x')));
}

TEST(CertificateRequest, isHeldToTheRulesOfItsSigner)
{
    struct Row {
        std::string_view signer;
        const char* name;
        std::vector<std::string> groups;
        const char* names;
        Usages usages;
        const char* refusal; // empty: signed
    };
    const Usages client{"client auth", "digital signature"};
    const Usages clientFull{"client auth", "digital signature", "key encipherment"};
    const Usages server{"server auth", "digital signature", "key encipherment"};
    const std::vector<std::string> nodes{"system:nodes"};
    constexpr auto n1 = "system:node:n1";
    for (const auto& [signer, name, groups, names, usages, refusal] : {
             Row{clientSigner, "jane", {"dev"}, "", client, ""},
             Row{clientSigner, "jane", {}, "", {"client auth"}, ""},
             Row{clientSigner,
                 "jane",
                 {},
                 "",
                 {"digital signature"},
                 "missing required usage for client certificate: client auth"},
             Row{clientSigner, "jane", {}, "", server, "invalid usage for client certificate: server auth"},
             Row{nodeClientSigner, n1, nodes, "", client, ""},
             Row{nodeClientSigner, n1, nodes, "", clientFull, ""},
             Row{nodeClientSigner,
                 n1,
                 {"system:nodes", "system:masters"},
                 "",
                 client,
                 "subject organization is not system:nodes"},
             Row{nodeClientSigner, "n1", nodes, "", client, "subject common name does not begin with system:node:"},
             Row{nodeClientSigner, n1, nodes, "DNS:n1", client, "DNS subjectAltNames are not allowed"},
             Row{nodeClientSigner, n1, nodes, "IP:10.0.0.1", client, "IP subjectAltNames are not allowed"},
             Row{nodeClientSigner, n1, nodes, "email:a@b.c", client, "Email subjectAltNames are not allowed"},
             Row{nodeClientSigner, n1, nodes, "URI:spiffe://a", client, "URI subjectAltNames are not allowed"},
             Row{nodeClientSigner,
                 n1,
                 nodes,
                 "",
                 {"client auth"},
                 "usages did not match [client auth digital signature]"},
             Row{nodeClientSigner, n1, nodes, "", server, "usages did not match [client auth digital signature]"},
             Row{nodeServingSigner, n1, nodes, "DNS:n1,IP:10.0.0.1", server, ""},
             Row{nodeServingSigner, n1, nodes, "", server, "DNS or IP subjectAltName is required"},
             Row{nodeServingSigner, n1, nodes, "DNS:n1,URI:spiffe://a", server, "URI subjectAltNames are not allowed"},
             Row{nodeServingSigner, n1, nodes, "DNS:n1", client,
                 "usages did not match [digital signature server auth]"},
             Row{"example.com/own", "jane", {}, "", client, "the signer \"example.com/own\" is none of this cluster's"},
             Row{legacySigner,
                 "jane",
                 {},
                 "",
                 client,
                 "the signer \"kubernetes.io/legacy-unknown\" is none of this cluster's"},
         }) {
        const auto facts = certificateRequestFacts(makeRequest(name, groups, names).certificate);
        ASSERT_TRUE(facts) << facts.error().message;
        const auto checked = checkForSigner(signer, *facts, usages);
        EXPECT_EQ(checked ? "" : checked.error().message, refusal) << signer << " " << name << " " << names;
    }
}

TEST(CertificateRequest, livesAsLongAsItAsksWithinBounds)
{
    EXPECT_EQ(certificateLifetimeFor(std::nullopt, hours{24}), hours{24});
    EXPECT_EQ(certificateLifetimeFor(3600, hours{24}), hours{1});
    EXPECT_EQ(certificateLifetimeFor(24 * 3600 + 1, hours{24}), hours{24});
    EXPECT_EQ(certificateLifetimeFor(1, hours{24}), seconds{600});
}

TEST(CertificateRequest, usagesBecomeExtensions)
{
    EXPECT_EQ(usageTexts({"client auth", "digital signature", "signing"}).keyUsage, "critical,digitalSignature");
    EXPECT_EQ(usageTexts({"client auth", "digital signature"}).extendedKeyUsage, "clientAuth");
    EXPECT_EQ(usageTexts({"client auth"}).keyUsage, "");
    EXPECT_EQ(usageTexts({"s/mime", "server auth", "email protection"}).extendedKeyUsage, "serverAuth,emailProtection");
    const SystemClock clock;
    const auto folder = std::filesystem::temp_directory_path() / ("keelson-usages-" + std::to_string(::getpid()));
    const auto authority = *CertificateAuthority::openOrCreate(folder, clock);
    std::filesystem::remove_all(folder);
    const auto request = makeRequest("all", {}).certificate;
    for (const auto& usage : knownUsages())
        EXPECT_TRUE(authority.signRequest(request, {usage}, hours{1})) << usage;
}

TEST(CertificateRequest, isSignedAsItAsks)
{
    const SystemClock clock;
    const auto folder = std::filesystem::temp_directory_path() / ("keelson-sign-" + std::to_string(::getpid()));
    const auto authority = *CertificateAuthority::openOrCreate(folder, clock);
    std::filesystem::remove_all(folder);
    const auto request = makeRequest("jane", {"dev", "ops"}, "DNS:a.example,IP:10.0.0.1,otherName:1.2.3.4;UTF8:x");
    const auto made = authority.signRequest(request.certificate, {"client auth", "digital signature"}, hours{1});
    ASSERT_TRUE(made) << made.error().message;
    const auto facts = *certificateFacts(*made);
    EXPECT_EQ(facts.commonName, "jane");
    EXPECT_THAT(facts.dnsNames, ElementsAre("a.example"));
    EXPECT_THAT(facts.addresses, ElementsAre("10.0.0.1"));
    EXPECT_LE(facts.notAfter, clock.wall() + hours{1});
    EXPECT_GT(facts.notAfter, clock.wall() + hours{1} - seconds{60});
    const auto authenticator = *CertificateAuthenticator::create(authority.certificate(), clock);
    const auto user = authenticator.authenticatePem(*made);
    ASSERT_TRUE(user) << user.error().message;
    EXPECT_EQ(user->name, "jane");
    EXPECT_THAT(user->groups, ElementsAre("dev", "ops", "system:authenticated"));

    const auto serving = authority.signRequest(request.certificate, {"server auth"}, hours{1});
    EXPECT_THAT(authenticator.authenticatePem(*serving).error().message, HasSubstr("is not meant for client auth"));
    const auto longest = authority.signRequest(request.certificate, {"client auth"}, hours{24 * 36500});
    EXPECT_EQ(certificateFacts(*longest)->notAfter, certificateFacts(authority.certificate())->notAfter)
        << "no longer than the authority";
    const auto weak =
        authority.signRequest(makeRequest("jane", {}, "", "P-224").certificate, {"client auth"}, hours{1});
    EXPECT_THAT(weak.error().message, HasSubstr("too weak"));
}

} // namespace
} // namespace keelson::auth
