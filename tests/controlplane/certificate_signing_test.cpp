// SPDX-License-Identifier: Apache-2.0
#include "controlplane/certificate_signing.h"

#include "auth/certificate_requests.h"
#include "auth/request_maker.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace keelson::controlplane {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::HasSubstr;

api::CertificateSigningRequestSpec requestOf(std::string_view signer, const std::string& name,
                                             const std::vector<std::string>& groups, const std::string& names = {},
                                             const std::string& purpose = "client auth")
{
    api::CertificateSigningRequestSpec spec;
    spec.signerName = signer;
    spec.request = auth::makeRequest(name, groups, names).certificate;
    spec.usages = {"digital signature", purpose};
    spec.username = "system:bootstrap:abcdef";
    return spec;
}

class CertificateSigning : public testing::Test {
protected:
    CertificateSigning() { std::filesystem::remove_all(m_folder); }

    const SystemClock m_clock;
    const std::filesystem::path m_folder =
        std::filesystem::temp_directory_path() / fmt::format("keelson-signing-{}", ::getpid());
    const auth::CertificateAuthority m_authority = *auth::CertificateAuthority::openOrCreate(m_folder, m_clock);
};

TEST_F(CertificateSigning, signsForTheSignersOfTheCluster)
{
    struct Row {
        api::CertificateSigningRequestSpec spec;
        Reason refusal; // of those that are not signed
        const char* words;
    };
    for (const auto& [spec, refusal, words] : {
             Row{requestOf(auth::clientSigner, "bob", {"dev"}), {}, ""},
             Row{requestOf(auth::nodeClientSigner, "system:node:n1", {"system:nodes"}), {}, ""},
             Row{requestOf(auth::nodeServingSigner, "system:node:n1", {"system:nodes"}, "DNS:n1", "server auth"),
                 {},
                 ""},
             Row{requestOf(auth::nodeClientSigner, "bob", {"dev"}), Reason::Forbidden,
                 "subject organization is not system:nodes"},
             Row{requestOf(auth::legacySigner, "bob", {"dev"}), Reason::NotFound, "another's"},
             Row{requestOf("example.com/own", "bob", {"dev"}), Reason::NotFound, "another's"},
         }) {
        const auto made = signCertificate(m_authority, spec);
        if (*words == '\0') {
            ASSERT_TRUE(made) << spec.signerName << ": " << made.error().message;
            EXPECT_TRUE(certificateEnd(*made)) << spec.signerName;
        } else {
            ASSERT_FALSE(made) << spec.signerName;
            EXPECT_EQ(made.error().reason, refusal) << spec.signerName;
            EXPECT_THAT(made.error().message, HasSubstr(words));
        }
    }
}

TEST_F(CertificateSigning, livesAsLongAsItAsks)
{
    auto spec = requestOf(auth::clientSigner, "bob", {});
    for (const auto& [asked, lives] :
         {std::pair<std::optional<std::int64_t>, Duration>{std::nullopt, auth::certificateLifetime},
          {600, seconds{600}},
          {86'400, hours{24}},
          {10 * 366 * 86'400, auth::certificateLifetime}}) {
        spec.expirationSeconds = asked;
        const auto end = *certificateEnd(*signCertificate(m_authority, spec));
        EXPECT_LE(end, m_clock.wall() + lives);
        EXPECT_GT(end, m_clock.wall() + lives - seconds{30});
    }
    EXPECT_EQ(certificateEnd("text"), std::nullopt);
}

/// Whoever asks may create this part of a request.
class MayCreate : public auth::Authorizer {
public:
    explicit MayCreate(std::string part) : m_part(std::move(part)) {}
    auth::Decision authorize(const auth::User& /*user*/, const auth::Attributes& asked) const override
    {
        return {.allowed = asked.verb == "create" && asked.group == "certificates.k8s.io" &&
                           asked.resource == "certificatesigningrequests" && asked.subresource == m_part,
                .reason = {}};
    }

private:
    const std::string m_part;
};

TEST(CertificateApproval, followsTheRightsOfWhoAsks)
{
    const auto joining = requestOf(auth::nodeClientSigner, "system:node:n1", {"system:nodes"});
    auto renewing = joining;
    renewing.username = "system:node:n1";
    const MayCreate any("nodeclient");
    const MayCreate own("selfnodeclient");
    EXPECT_EQ(approvalOf(any, joining), "Auto approving kubelet client certificate after SubjectAccessReview.");
    EXPECT_EQ(approvalOf(own, renewing), "Auto approving self kubelet client certificate after SubjectAccessReview.");
    EXPECT_EQ(approvalOf(own, joining).error().reason, Reason::Forbidden) << "it is not its own";
    EXPECT_EQ(approvalOf(MayCreate("approval"), joining).error().reason, Reason::Forbidden);
    for (const auto& other : {requestOf(auth::clientSigner, "bob", {}),
                              requestOf(auth::nodeClientSigner, "system:bootstrap:abcdef", {"system:nodes"}),
                              requestOf(auth::nodeServingSigner, "system:node:n1", {"system:nodes"}, "DNS:n1")})
        EXPECT_EQ(approvalOf(any, other).error().reason, Reason::NotFound) << other.signerName;
}

} // namespace
} // namespace keelson::controlplane
