// SPDX-License-Identifier: Apache-2.0
#include "api/certificates_v1.h"
#include "controllers/certificate_controller.h"
#include "support/simulated_cluster.h"

#include <gtest/gtest.h>

namespace keelson::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(CertificateRequestEnd, followsDecisionAndAge)
{
    const WallTime made{seconds{1'000'000}};
    const auto request = [&](const std::string& type, Duration later, const std::string& certificate = {}) {
        api::CertificateSigningRequest one;
        one.status.certificate = certificate;
        one.metadata.creationTimestamp = made;
        if (!type.empty()) {
            api::CertificateSigningRequestCondition condition;
            condition.type = type;
            condition.lastUpdateTime = made + later;
            one.status.conditions.push_back(condition);
        }
        return one;
    };
    using controllers::certificateRequestEnd;
    EXPECT_EQ(certificateRequestEnd(request("", {}), {}), made + hours{24});
    EXPECT_EQ(certificateRequestEnd(request("Approved", minutes{5}), {}), std::nullopt) << "its signer may be slow";
    EXPECT_EQ(certificateRequestEnd(request("Approved", minutes{5}, "c"), {}), made + minutes{65});
    EXPECT_EQ(certificateRequestEnd(request("Denied", minutes{5}), {}), made + minutes{65});
    EXPECT_EQ(certificateRequestEnd(request("Failed", minutes{5}), {}), made + minutes{65});
    EXPECT_EQ(certificateRequestEnd(request("Approved", minutes{5}, "c"), made + minutes{30}), made + minutes{30});
}

TEST(ClusterStory, certificatesAreSignedAndOldRequestsGo)
{
    SimulatedCluster::Options options;
    options.controllers.signCertificate = [](const auto& spec) -> Result<std::string> {
        if (spec.signerName == "example.com/own")
            return fail(Reason::NotFound, "another's");
        if (spec.request == "bad")
            return fail(Reason::Forbidden, "subject organization is not system:nodes");
        return "certificate for " + spec.username;
    };
    bool mayBootstrap = false;
    options.controllers.approvalOf = [&](const auto& spec) -> Result<std::string> {
        if (spec.username == "jane")
            return fail(Reason::NotFound, "no node");
        if (spec.username == "token" && !mayBootstrap)
            return fail(Reason::Forbidden, "no right");
        return "a node's own";
    };
    SimulatedCluster cluster(options);
    const auto& kind = api::kindOf<api::CertificateSigningRequest>();
    const auto make = [&](const std::string& name, const std::string& user, const std::string& signer,
                          const std::string& text, bool approved) {
        api::CertificateSigningRequest request;
        request.metadata.name = name;
        request.spec.username = user;
        request.spec.signerName = signer;
        request.spec.request = text;
        const auto created = cluster.client.create(kind, toJson(request));
        ASSERT_TRUE(created) << created.error().message;
        if (!approved)
            return;
        auto decided = *api::fromJson<api::CertificateSigningRequest>(*created);
        api::CertificateSigningRequestCondition condition;
        condition.type = "Approved";
        condition.status = "True";
        decided.status.conditions.push_back(condition);
        ASSERT_TRUE(cluster.client.update(kind, toJson(decided), "status"));
    };
    make("asked", "jane", "kubernetes.io/kube-apiserver-client", "r", false);
    make("approved", "jane", "kubernetes.io/kube-apiserver-client", "r", true);
    make("own", "node", "kubernetes.io/kube-apiserver-client-kubelet", "r", false);
    make("early", "token", "kubernetes.io/kube-apiserver-client-kubelet", "r", false);
    make("foreign", "jane", "example.com/own", "r", true);
    make("bad", "jane", "kubernetes.io/kubelet-serving", "bad", true);
    cluster.runFor(seconds{5});
    const auto certificate = [&](const std::string& name) {
        return client::get<api::CertificateSigningRequest>(cluster.client, {"", name})->status.certificate;
    };
    EXPECT_EQ(certificate("asked"), "");
    EXPECT_EQ(certificate("approved"), "certificate for jane");
    EXPECT_EQ(certificate("own"), "certificate for node") << "approved by its rules";
    EXPECT_EQ(certificate("foreign"), "");
    EXPECT_EQ(certificate("early"), "");
    mayBootstrap = true;
    cluster.runFor(seconds{30});
    EXPECT_EQ(certificate("early"), "certificate for token") << "its right came later";
    const auto bad = client::get<api::CertificateSigningRequest>(cluster.client, {"", "bad"});
    ASSERT_EQ(bad->status.conditions.size(), 2U);
    EXPECT_EQ(bad->status.conditions.at(1).type, "Failed");
    EXPECT_EQ(bad->status.conditions.at(1).message, "subject organization is not system:nodes");
    cluster.runFor(hours{25});
    const auto left = cluster.all<api::CertificateSigningRequest>();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left.front().metadata.name, "foreign") << "waits for its signer";
}

} // namespace
} // namespace keelson::test
