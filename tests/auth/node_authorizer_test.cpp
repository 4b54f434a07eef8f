// SPDX-License-Identifier: Apache-2.0
#include "auth/node_authorizer.h"

#include "auth/access_question.h"

#include <gtest/gtest.h>

namespace keelson::auth {
namespace {

User node(const std::string& name)
{
    return {"system:node:" + name, {}, {"system:nodes", "system:authenticated"}, {}};
}

api::Pod podOf(std::string_view yaml)
{
    return api::fromJson<api::Pod>(api::parseYaml(yaml).value()).value();
}

class NodeAuthorizerTest : public testing::Test {
protected:
    NodeAuthorizerTest()
    {
        m_graph.setPod(podOf(R"({metadata: {name: web, namespace: shop}, spec: {
            nodeName: n1, serviceAccountName: seller, imagePullSecrets: [{name: pull}],
            initContainers: [{name: i, env: [{name: X, valueFrom: {secretKeyRef: {name: key, key: k}}}]}],
            containers: [{name: c, envFrom: [{configMapRef: {name: settings}}]}],
            volumes: [{name: a, secret: {secretName: own}}, {name: b, persistentVolumeClaim: {claimName: disk}},
                      {name: c, projected: {sources: [{configMap: {name: root}}, {secret: {name: part}}]}},
                      {name: d, csi: {driver: x, nodePublishSecretRef: {name: driver}}},
                      {name: scratch, ephemeral: {}}]}})"));
        m_graph.setPod(
            podOf("{metadata: {name: other, namespace: shop}, spec: {nodeName: n2, serviceAccountName: buyer, "
                  "containers: [{name: c}], volumes: [{name: a, secret: {secretName: foreign}}]}}"));
        m_graph.setPod(podOf("{metadata: {name: waits, namespace: shop}, spec: {containers: [{name: c}], "
                             "volumes: [{name: a, secret: {secretName: later}}]}}"));
        m_graph.setVolume("pv-1", api::ObjectKey{"shop", "disk"});
        m_graph.setVolume("pv-2", api::ObjectKey{"shop", "others"});
    }

    Decision ask(const std::string& what) { return m_authorizer.authorize(node("n1"), question(what)); }

    NodeGraph m_graph;
    NodeAuthorizer m_authorizer{m_graph};
};

TEST_F(NodeAuthorizerTest, aNodeSeesWhatItsPodsName)
{
    constexpr auto unrelated = "no relationship found between node 'n1' and this object";
    struct Row {
        const char* what;
        const char* refusal; // null: allowed
    };
    for (const auto& [what, refusal] : {
             Row{"get secrets own -n shop", nullptr},
             Row{"list secrets own -n shop", nullptr},
             Row{"watch secrets key -n shop", nullptr},
             Row{"get secrets pull -n shop", nullptr},
             Row{"get secrets part -n shop", nullptr},
             Row{"get secrets driver -n shop", nullptr},
             Row{"get secrets foreign -n shop", unrelated},
             Row{"get secrets later -n shop", unrelated},
             Row{"get secrets own -n other", unrelated},
             Row{"get secrets settings -n shop", unrelated},
             Row{"list secrets -n shop", "No Object name found"},
             Row{"list secrets", "can only read namespaced object of this type"},
             Row{"update secrets own -n shop", "can only read resources of this type"},
             Row{"get configmaps settings -n shop", nullptr},
             Row{"get configmaps root -n shop", nullptr},
             Row{"get configmaps own -n shop", unrelated},
             Row{"get persistentvolumeclaims disk -n shop", nullptr},
             Row{"get persistentvolumeclaims web-scratch -n shop", nullptr},
             Row{"patch persistentvolumeclaims/status disk -n shop", nullptr},
             Row{"delete persistentvolumeclaims/status disk -n shop", "can only get/update/patch this type"},
             Row{"list persistentvolumeclaims -n shop", "can only get individual resources of this type"},
             Row{"get persistentvolumes pv-1", nullptr},
             Row{"get persistentvolumes pv-2", unrelated},
             Row{"get persistentvolumes pv-3", unrelated},
             Row{"create serviceaccounts/token seller -n shop", nullptr},
             Row{"create serviceaccounts/token buyer -n shop", unrelated},
             Row{"create serviceaccounts -n shop", "can only create tokens for individual service accounts"},
             Row{"get serviceaccounts seller -n shop", "can only create tokens for individual service accounts"},
             Row{"get pods web -n shop", nullptr},
             Row{"get pods other -n shop", unrelated},
             Row{"list pods -f spec.nodeName=n1", nullptr},
             Row{"watch pods -f metadata.name=web,spec.nodeName==n1", nullptr},
             Row{"list pods -f spec.nodeName=n2", "can only list/watch pods with spec.nodeName field selector"},
             Row{"list pods -f spec.nodeName!=n1", "can only list/watch pods with spec.nodeName field selector"},
             Row{"list pods", "can only list/watch pods with spec.nodeName field selector"},
             Row{"patch pods/status web -n shop", nullptr},
             Row{"create pods/exec web -n shop", ""},
             Row{"get nodes n1", nullptr},
             Row{"get nodes n2", "node 'n1' cannot read 'n2', only its own Node object"},
             Row{"list nodes", "node 'n1' cannot read all nodes, only its own Node object"},
             Row{"patch nodes/status n1", nullptr},
             Row{"create nodes", nullptr},
             Row{"delete nodes n1", ""},
             Row{"update leases.coordination.k8s.io n1 -n kube-node-lease", nullptr},
             Row{"update leases.coordination.k8s.io n2 -n kube-node-lease",
                 "can only access node lease with the same name as the requesting node"},
             Row{"update leases.coordination.k8s.io n1 -n shop",
                 "can only access leases in the \"kube-node-lease\" system namespace"},
             Row{"list leases.coordination.k8s.io -n kube-node-lease",
                 "can only get, create, update, patch, or delete a node lease"},
             Row{"get csinodes.storage.k8s.io n2", "can only access CSINode with the same name as the requesting node"},
             Row{"list services", nullptr},
             Row{"create tokenreviews.authentication.k8s.io", nullptr},
             Row{"create deployments.apps -n shop", ""},
         }) {
        const auto decision = ask(what);
        EXPECT_EQ(decision.allowed, refusal == nullptr) << what;
        EXPECT_EQ(decision.reason, refusal ? refusal : "") << what;
    }
}

TEST_F(NodeAuthorizerTest, followsPodsAndVolumes)
{
    const std::string secret = "get secrets own -n shop";
    m_graph.setPod(podOf("{metadata: {name: web2, namespace: shop}, spec: {nodeName: n1, containers: [{name: c}], "
                         "volumes: [{name: a, secret: {secretName: own}}]}}"));
    m_graph.removePod({"shop", "web"});
    EXPECT_TRUE(ask(secret).allowed) << "the other pod still needs it";
    m_graph.removePod({"shop", "web2"});
    EXPECT_FALSE(ask(secret).allowed);
    EXPECT_FALSE(ask("get persistentvolumes pv-1").allowed);
    m_graph.setPod(podOf("{metadata: {name: waits, namespace: shop}, spec: {nodeName: n1, containers: [{name: c}], "
                         "volumes: [{name: a, secret: {secretName: later}}, {name: b, persistentVolumeClaim: "
                         "{claimName: others}}]}}"));
    EXPECT_TRUE(ask("get secrets later -n shop").allowed);
    EXPECT_TRUE(ask("get persistentvolumes pv-2").allowed);
    m_graph.setVolume("pv-2", std::nullopt);
    EXPECT_FALSE(ask("get persistentvolumes pv-2").allowed);
}

TEST_F(NodeAuthorizerTest, hasNoOpinionOnOthers)
{
    const auto secret = question("get secrets own -n shop");
    EXPECT_FALSE(m_authorizer.authorize(User::system("system:node:n1"), secret).allowed) << "not in the group";
    EXPECT_FALSE(m_authorizer.authorize({"jane", {}, {"system:nodes"}, {}}, secret).allowed);
    EXPECT_FALSE(m_authorizer.authorize({"system:node:", {}, {"system:nodes"}, {}}, secret).allowed);
}

class Fixed : public Authorizer {
public:
    explicit Fixed(Decision decision) : m_decision(std::move(decision)) {}
    Decision authorize(const User&, const Attributes&) const override { return m_decision; }

private:
    Decision m_decision;
};

TEST(AuthorizerChain, takesTheFirstThatAllowsAndAllReasonsToRefuse)
{
    const Fixed no({false, "no"});
    const Fixed silent({false, ""});
    const Fixed never({false, "never"});
    const Fixed yes({true, "yes"});
    AuthorizerChain chain;
    for (const auto* one : {&no, &silent, &never})
        chain.add(*one);
    EXPECT_EQ(chain.authorize({}, {}).reason, "no\nnever");
    chain.add(yes);
    EXPECT_TRUE(chain.authorize({}, {}).allowed);
    EXPECT_EQ(chain.authorize({}, {}).reason, "yes");
}

} // namespace
} // namespace keelson::auth
