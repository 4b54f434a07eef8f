// SPDX-License-Identifier: Apache-2.0
// CertificateSigningRequests over the wire: who may ask, approve and sign, and what may be written.
#include "apiserver/served_cluster.h"

#include "api/base64.h"
#include "auth/request_maker.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace keelson::apiserver {
namespace {

using testing::HasSubstr;

constexpr auto requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
constexpr auto clientSigner = "kubernetes.io/kube-apiserver-client";

class Certificates : public ServedCluster {
protected:
    /// A CertificateSigningRequest; `more`: members of spec besides request and signerName.
    static std::string body(const std::string& name, const std::string& more, const auth::KeyPair& request,
                            const std::string& signer = clientSigner)
    {
        return fmt::format(R"({{"metadata":{{"name":"{}"}},"spec":{{"request":"{}","signerName":"{}"{}{}}}}})", name,
                           api::encodeBase64(request.certificate), signer, more.empty() ? "" : ",", more);
    }

    HttpsClient::Reply create(const std::string& name)
    {
        const auto reply = admin().ask("POST", requests, body(name, client, auth::makeRequest("bob", {"dev"})));
        EXPECT_EQ(reply.status, 201) << reply.body;
        return reply;
    }

    /// PUT of the object with that condition added.
    HttpsClient::Reply decide(HttpsClient& who, const std::string& name, const std::string& type,
                              const std::string& part = "approval")
    {
        auto object = json(admin().ask("GET", requests + ("/" + name)).body);
        auto& conditions = api::objectAt(object, {"status"})["conditions"];
        if (!conditions.is_array())
            conditions = api::Array{};
        conditions.as_array().push_back({{"type", type}, {"status", "True"}, {"reason", "Test"}});
        return who.ask("PUT", requests + ("/" + name + "/" + part), api::writeJson(object));
    }

    HttpsClient::Reply sign(HttpsClient& who, const std::string& name, const std::string& pem)
    {
        return who.ask("PATCH", requests + ("/" + name + "/status"),
                       fmt::format(R"({{"status":{{"certificate":"{}"}}}})", api::encodeBase64(pem)),
                       {"Content-Type: application/merge-patch+json"});
    }

    /// jane may write requests and their parts, and has `rules` (JSON objects) besides.
    void allowJane(const std::string& rules)
    {
        m_authorizer.apply(json(fmt::format(
            R"({{"kind":"ClusterRole","metadata":{{"name":"one"}},"rules":[{{"verbs":["*"],
                "apiGroups":["certificates.k8s.io"],"resources":["certificatesigningrequests",
                "certificatesigningrequests/approval","certificatesigningrequests/status"]}}{}{}]}})",
            rules.empty() ? "" : ",", rules)));
        m_authorizer.apply(json(R"({"kind":"ClusterRoleBinding","metadata":{"name":"jane"},
            "roleRef":{"kind":"ClusterRole","name":"one"},"subjects":[{"kind":"User","name":"jane"}]})"));
    }
    static std::string right(const std::string& verb, const std::string& signer)
    {
        return fmt::format(
            R"({{"verbs":["{}"],"apiGroups":["certificates.k8s.io"],"resources":["signers"],"resourceNames":["{}"]}})",
            verb, signer);
    }

    static constexpr auto client = R"("usages":["client auth","digital signature"])";
};

TEST_F(Certificates, sayWhoAskedForThem)
{
    allowJane("");
    const auto reply = jane().ask(
        "POST", requests,
        body("a",
             R"("usages":["client auth"],"username":"admin","groups":["system:masters"],"uid":"1","extra":{"a":["b"]})",
             auth::makeRequest("bob", {})));
    ASSERT_EQ(reply.status, 201) << reply.body;
    const auto spec = json(reply.body).at("spec");
    EXPECT_EQ(api::stringAt(spec, {"username"}), "jane");
    EXPECT_EQ(spec.at("groups"), api::Array{"system:authenticated"});
    EXPECT_FALSE(spec.as_object().contains("uid"));
    EXPECT_FALSE(spec.as_object().contains("extra"));
    const auto changed = jane().ask("PATCH", requests + std::string("/a"),
                                    R"({"metadata":{"labels":{"a":"b"}},"spec":{"username":"admin"}})",
                                    {"Content-Type: application/merge-patch+json"});
    EXPECT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(api::stringAt(json(changed.body), {"spec", "username"}), "jane");
}

TEST_F(Certificates, areRefusedInWords)
{
    const auto good = auth::makeRequest("bob", {"dev"});
    struct Row {
        std::string body;
        int status;
        const char* words;
    };
    for (const auto& [text, status, words] : {
             Row{body("b", client, {"nothing", ""}), 422, "spec.request: Invalid value: "},
             Row{body("b", client, {"nothing", ""}), 422, "PEM block type must be CERTIFICATE REQUEST"},
             Row{body("b", "", {"nothing", ""}), 422,
                 "PEM block type must be CERTIFICATE REQUEST, spec.usages: Required value]"},
             Row{body("b", "", good), 422, "spec.usages: Required value"},
             Row{body("b", R"("usages":["client auth","client auth"])", good), 422,
                 R"(spec.usages[1]: Duplicate value: "client auth")"},
             Row{body("b", R"("usages":["client"])", good), 422, R"(spec.usages[0]: Unsupported value: "client")"},
             Row{body("b", client, good, "own"), 422,
                 "must be a fully qualified domain and path of the form 'example.com/signer-name'"},
             Row{body("b", client, good, "kubernetes.io/legacy-unknown"), 422,
                 "the legacy signerName is not allowed via this API version"},
             Row{body("b", std::string(client) + R"(,"expirationSeconds":599)", good), 422,
                 "spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 "
                 "minutes)"},
             Row{body("b", client, auth::makeRequest("bob", {"system:masters"})), 403,
                 "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed"},
             Row{body("b", client, auth::makeRequest("bob", {"system:masters"}), "example.com/own"), 201, ""},
         }) {
        const auto reply = admin().ask("POST", requests, text);
        EXPECT_EQ(reply.status, status) << reply.body;
        EXPECT_THAT(status == 201 ? "" : message(reply), HasSubstr(words));
    }
}

TEST_F(Certificates, whoApprovesNeedsTheRightToTheSigner)
{
    constexpr auto refusal = "certificatesigningrequests.certificates.k8s.io \"a\" is forbidden: user not permitted to "
                             "approve requests with signerName \"kubernetes.io/kube-apiserver-client\"";
    create("a");
    allowJane("");
    EXPECT_EQ(message(decide(jane(), "a", "Approved")), refusal);
    allowJane(right("approve", "kubernetes.io/kubelet-serving"));
    EXPECT_EQ(message(decide(jane(), "a", "Approved")), refusal);
    allowJane(right("sign", clientSigner));
    EXPECT_EQ(message(decide(jane(), "a", "Approved")), refusal);
    allowJane(right("approve", clientSigner));
    const auto approved = decide(jane(), "a", "Approved");
    EXPECT_EQ(approved.status, 200) << approved.body;
    const auto condition = json(approved.body).at("status").at("conditions").at(0);
    EXPECT_FALSE(api::stringAt(condition, {"lastUpdateTime"}).empty());
    EXPECT_FALSE(api::stringAt(condition, {"lastTransitionTime"}).empty());
    create("b");
    allowJane(right("approve", "kubernetes.io/*"));
    EXPECT_EQ(decide(jane(), "b", "Denied").status, 200);
    EXPECT_EQ(admin().ask("GET", std::string(requests) + "/a/approval").status, 200);
}

TEST_F(Certificates, decisionsStand)
{
    create("a");
    EXPECT_EQ(decide(admin(), "a", "Approved", "status").status, 422) << "not by way of the status";
    EXPECT_EQ(decide(admin(), "a", "Approved").status, 200);
    const auto both = decide(admin(), "a", "Denied");
    EXPECT_EQ(both.status, 422);
    EXPECT_THAT(message(both), HasSubstr("Approved and Denied conditions are mutually exclusive"));
    const auto taken = admin().ask("PATCH", std::string(requests) + "/a/approval", R"({"status":{"conditions":[]}})",
                                   {"Content-Type: application/merge-patch+json"});
    EXPECT_EQ(taken.status, 422);
    EXPECT_THAT(message(taken), HasSubstr("updates may not remove a condition of type \"Approved\""));
    const auto twice =
        admin().ask("PATCH", std::string(requests) + "/a/approval", R"({"status":{"certificate":"eA=="}})",
                    {"Content-Type: application/merge-patch+json"});
    EXPECT_EQ(twice.status, 200);
    EXPECT_FALSE(api::find(json(twice.body), {"status", "certificate"})) << "not by way of the approval";
}

TEST_F(Certificates, whoSignsNeedsTheRightToTheSigner)
{
    create("a");
    decide(admin(), "a", "Approved");
    const auto pem = m_authority->issueClient("bob", {})->certificate;
    allowJane(right("approve", clientSigner));
    EXPECT_THAT(
        message(sign(jane(), "a", pem)),
        HasSubstr("user not permitted to sign requests with signerName \"kubernetes.io/kube-apiserver-client\""));
    allowJane(right("sign", clientSigner));
    EXPECT_THAT(message(sign(jane(), "a", "text")), HasSubstr("must contain at least one CERTIFICATE PEM block"));
    EXPECT_THAT(message(sign(jane(), "a", m_admin.key)), HasSubstr("only CERTIFICATE PEM blocks are allowed"));
    EXPECT_EQ(sign(jane(), "a", pem).status, 200);
    EXPECT_THAT(message(sign(jane(), "a", pem + pem)),
                HasSubstr("updates may not modify existing certificate content"));
}

TEST_F(Certificates, aNodeAsksInItsOwnNameAlone)
{
    const auto identity = *m_authority->issueClient("system:node:n1", {"system:nodes"});
    const auto node = connect(&identity);
    const auto ask = [&](const std::string& name, const std::string& subject) {
        return node->ask("POST", requests,
                         body(name, client, auth::makeRequest(subject, {"system:nodes"}),
                              "kubernetes.io/kube-apiserver-client-kubelet"));
    };
    EXPECT_EQ(ask("own", "system:node:n1").status, 201);
    EXPECT_THAT(message(ask("foreign", "system:node:n2")),
                HasSubstr("can only create a node CSR with CN=system:node:n1"));
    EXPECT_EQ(decide(*node, "own", "Approved").status, 403);
}

} // namespace
} // namespace keelson::apiserver
