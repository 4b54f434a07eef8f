// SPDX-License-Identifier: Apache-2.0
#include "auth/authenticator.h"
#include "auth/certificate_authority.h"
#include "auth/kubeconfig.h"
#include "auth/token_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace keelson::auth {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;

/// A folder of its own for each test.
class Certificates : public testing::Test {
protected:
    Certificates()
    {
        const auto* info = testing::UnitTest::GetInstance()->current_test_info();
        m_folder = std::filesystem::temp_directory_path() /
                   (std::string("keelson-") + info->name() + "-" + std::to_string(::getpid()));
        std::filesystem::remove_all(m_folder);
    }
    ~Certificates() override { std::filesystem::remove_all(m_folder); }

    CertificateAuthority open(const std::string& name = "pki")
    {
        auto authority = CertificateAuthority::openOrCreate(m_folder / name, m_clock);
        EXPECT_TRUE(authority) << authority.error().message;
        return *std::move(authority);
    }
    CertificateAuthenticator authenticator(const CertificateAuthority& authority)
    {
        return *CertificateAuthenticator::create(authority.certificate(), m_clock);
    }

    SimulatedClock m_clock;
    std::filesystem::path m_folder;
};

TEST_F(Certificates, aClientIsWhoItsCertificateSays)
{
    const auto authority = open();
    const auto pair = authority.issueClient("jane", {"developers", "system:masters"});
    ASSERT_TRUE(pair);
    const auto user = authenticator(authority).authenticatePem(pair->certificate);
    ASSERT_TRUE(user) << user.error().message;
    EXPECT_EQ(user->name, "jane");
    EXPECT_THAT(user->groups, ElementsAre("developers", "system:masters", "system:authenticated"));
}

TEST_F(Certificates, refusalsSayWhoAndWhy)
{
    const auto authority = open();
    const auto foreign = open("other");
    const auto server = authority.issueServer({"localhost"});
    const auto jane = authority.issueClient("jane", {}, hours{24});
    const auto eve = foreign.issueClient("eve", {"system:masters"});
    const auto refuse = authenticator(authority);
    EXPECT_TRUE(refuse.authenticatePem(jane->certificate));
    EXPECT_EQ(refuse.authenticatePem(eve->certificate).error().message,
              "the client certificate of \"eve\" was not issued by this cluster's certificate authority");
    EXPECT_EQ(refuse.authenticatePem(server->certificate).error().message,
              "the client certificate of \"localhost\" is not meant for client authentication");
    EXPECT_EQ(refuse.authenticatePem("garbage").error().message, "the client certificate cannot be read");
    EXPECT_EQ(refuse.authenticate("garbage").error().reason, Reason::Unauthorized);
    m_clock.advance(hours{25});
    EXPECT_EQ(refuse.authenticatePem(jane->certificate).error().message,
              "the client certificate of \"jane\" expired at 2023-11-15T22:13:20Z");
    m_clock.advance(-hours{50});
    EXPECT_EQ(refuse.authenticatePem(jane->certificate).error().message,
              "the client certificate of \"jane\" is valid only from 2023-11-14T22:08:20Z on");
}

TEST_F(Certificates, theAuthorityIsKeptPrivateAndComesBack)
{
    const auto first = open().certificate();
    EXPECT_EQ(open().certificate(), first);
    EXPECT_EQ(std::filesystem::status(m_folder / "pki" / "ca.key").permissions(), std::filesystem::perms{0600});
    const auto other = open("other");
    std::filesystem::copy_file(m_folder / "other" / "ca.key", m_folder / "pki" / "ca.key",
                               std::filesystem::copy_options::overwrite_existing);
    EXPECT_THAT(CertificateAuthority::openOrCreate(m_folder / "pki", m_clock).error().message,
                HasSubstr("pki/ca.key does not belong to ca.crt"));
    std::filesystem::remove(m_folder / "pki" / "ca.key");
    EXPECT_THAT(CertificateAuthority::openOrCreate(m_folder / "pki", m_clock).error().message,
                HasSubstr("is missing beside"));
    m_clock.advance(authorityLifetime + hours{1});
    EXPECT_THAT(CertificateAuthority::openOrCreate(m_folder / "other", m_clock).error().message,
                HasSubstr("expired at"));
}

TEST_F(Certificates, theServersCertificateIsRenewedWhenItMustBe)
{
    const auto authority = open();
    const auto first = authority.serverCertificate({"localhost", "127.0.0.1", "::1"});
    ASSERT_TRUE(first) << first.error().message;
    const auto facts = certificateFacts(first->certificate);
    EXPECT_THAT(facts->dnsNames, ElementsAre("localhost"));
    EXPECT_THAT(facts->addresses, ElementsAre("127.0.0.1", "::1"));
    EXPECT_EQ(authority.serverCertificate({"localhost", "::1"})->certificate, first->certificate);
    const auto wider = authority.serverCertificate({"localhost", "10.96.0.1"});
    EXPECT_NE(wider->certificate, first->certificate) << "lacks a name";
    m_clock.advance(certificateLifetime - renewBefore + hours{1});
    EXPECT_NE(authority.serverCertificate({"localhost"})->certificate, wider->certificate) << "near its end";
    EXPECT_EQ(authority.issueServer({"a b"}).error().message, "\"a b\" is neither a DNS name nor an address");
    EXPECT_FALSE(authority.issueServer({"x,IP:1.2.3.4"}));
    EXPECT_FALSE(authority.issueServer({}));
}

TEST_F(Certificates, aNodeGetsItsOwnNameWhateverItAsksFor)
{
    const auto authority = open();
    auto request = makeCertificateRequest("kubernetes-admin");
    ASSERT_TRUE(request);
    const auto certificate = authority.signNode(request->certificate, "n1");
    ASSERT_TRUE(certificate) << certificate.error().message;
    const auto user = authenticator(authority).authenticatePem(*certificate);
    EXPECT_EQ(user->name, "system:node:n1");
    EXPECT_THAT(user->groups, ElementsAre("system:nodes", "system:authenticated"));
    EXPECT_EQ(authority.signNode("x", "n1").error().message, "node \"n1\" sent no certificate request in PEM form");
}

TEST_F(Certificates, tokensAreMadeOnceAndCompared)
{
    std::filesystem::create_directories(m_folder);
    const auto token = loadOrCreateToken(m_folder / "agent.token");
    ASSERT_TRUE(token) << token.error().message;
    EXPECT_EQ(token->size(), 64U);
    EXPECT_EQ(*loadOrCreateToken(m_folder / "agent.token"), *token);
    TokenAuthenticator tokens;
    tokens.add(*token, User::system("system:bootstrap:agent"));
    EXPECT_EQ(tokens.authenticate(*token, {})->user.name, "system:bootstrap:agent");
    EXPECT_EQ(tokens.authenticate("", {}).error().reason, Reason::Unauthorized);
    EXPECT_FALSE(equalSecrets("", "")) << "no secret admits nobody";
    EXPECT_EQ(tokens.authenticate(token->substr(1), {}).error().reason, Reason::Unauthorized);
}

TEST_F(Certificates, aKubeconfigHoldsEverything)
{
    const auto text = kubeconfigText({"k", "https://127.0.0.1:6443", "CA", "it's me", {"CERT", "KEY"}, "team"});
    EXPECT_EQ(text,
              "apiVersion: v1\nkind: Config\n"
              "clusters:\n- name: 'k'\n  cluster:\n    server: 'https://127.0.0.1:6443'\n"
              "    certificate-authority-data: Q0E=\n"
              "users:\n- name: 'it''s me'\n  user:\n    client-certificate-data: Q0VSVA==\n    client-key-data: S0VZ\n"
              "contexts:\n- name: 'it''s me@k'\n  context:\n    cluster: 'k'\n    user: 'it''s me'\n"
              "    namespace: 'team'\ncurrent-context: 'it''s me@k'\n");
}

} // namespace
} // namespace keelson::auth
