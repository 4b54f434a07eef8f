// SPDX-License-Identifier: Apache-2.0
#include "auth/access_question.h"

#include "api/catalog.h"
#include "auth/default_roles.h"
#include "auth/rbac_authorizer.h"

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace keelson::auth {
namespace {

using testing::HasSubstr;

User user(const std::string& name, const std::string& group = "")
{
    User made = User::system(name);
    if (!group.empty())
        made.groups.push_back(group);
    return made;
}

api::Value document(const std::string& kind, const std::string& name, const std::string& nameSpace,
                    const std::string& more)
{
    const auto place = nameSpace.empty() ? std::string() : fmt::format(R"(,"namespace":"{}")", nameSpace);
    return boost::json::parse(fmt::format(R"({{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"{}",
        "metadata":{{"name":"{}"{}}},{}}})",
                                          kind, name, place, more));
}

api::Value binding(const std::string& name, const std::string& nameSpace, const std::string& role,
                   const std::string& subject)
{
    return document(
        nameSpace.empty() ? "ClusterRoleBinding" : "RoleBinding", name, nameSpace,
        fmt::format(R"("roleRef":{{"kind":"ClusterRole","name":"{}"}},"subjects":[{{"kind":"User","name":"{}"}}])",
                    role, subject));
}

/// A cluster with the default roles and a few users.
class Rbac : public testing::Test {
protected:
    Rbac()
    {
        auto objects = defaultRoles();
        objects.push_back(binding("viewer", "team", "view", "vera"));
        objects.push_back(binding("editor", "team", "edit", "ed"));
        objects.push_back(binding("admin", "team", "admin", "ada"));
        objects.push_back(binding("root", "", "cluster-admin", "root"));
        objects.push_back(document("Role", "named", "team", R"("rules":[
            {"verbs":["get","update"],"apiGroups":[""],"resources":["configmaps"],"resourceNames":["one","two"]},
            {"verbs":["get"],"apiGroups":["*"],"resources":["*/scale"]}])"));
        objects.push_back(document("RoleBinding", "named", "team", R"(
            "roleRef":{"kind":"Role","name":"named"},
            "subjects":[{"kind":"ServiceAccount","name":"bot"},{"kind":"Group","name":"bots"}])"));
        objects.push_back(binding("dangling", "", "no-such-role", "mallory"));
        m_authorizer.replace(objects);
    }

    RbacAuthorizer m_authorizer;
};

TEST_F(Rbac, answersTheDenyMatrix)
{
    const User bot = user("system:serviceaccount:team:bot");
    const User scheduler = user("system:kube-scheduler");
    const User dispatcher = user("system:keelson:dispatcher");
    const User deployer = user("system:serviceaccount:kube-system:deployment-controller");
    const User cleaner = user("system:serviceaccount:kube-system:generic-garbage-collector");
    struct Row {
        User who;
        const char* what;
        bool allowed;
    };
    for (const auto& [who, what, allowed] : {
             Row{User::anonymous(), "get /healthz", true},
             Row{User::anonymous(), "get /version", true},
             Row{User::anonymous(), "get /api", false},
             Row{User::anonymous(), "get /metrics", false},
             Row{User::anonymous(), "list pods -n team", false},
             Row{user("jane"), "get /api/v1", true},
             Row{user("jane"), "get /openapi/v3/apis/apps/v1", true},
             Row{user("jane"), "post /api", false},
             Row{user("jane"), "create selfsubjectaccessreviews.authorization.k8s.io", true},
             Row{user("jane"), "create selfsubjectreviews.authentication.k8s.io", true},
             Row{user("jane"), "list pods -n team", false},
             Row{user("mallory"), "list pods -n team", false},
             Row{user("jane", "system:masters"), "delete nodes n1", true},
             Row{user("jane", "system:masters"), "get /metrics", true},
             Row{user("root"), "delete nodes n1", true},
             Row{user("root"), "put /anything", true},
             Row{user("vera"), "list pods -n team", true},
             Row{user("vera"), "get pods/log web -n team", true},
             Row{user("vera"), "list pods -n default", false},
             Row{user("vera"), "list pods", false},
             Row{user("vera"), "get secrets s -n team", false},
             Row{user("vera"), "create pods -n team", false},
             Row{user("vera"), "create pods/exec web -n team", false},
             Row{user("vera"), "list endpointslices.discovery.k8s.io -n team", true},
             Row{user("ed"), "create deployments.apps -n team", true},
             Row{user("ed"), "patch deployments.apps/scale web -n team", true},
             Row{user("ed"), "get secrets s -n team", true},
             Row{user("ed"), "create pods/exec web -n team", true},
             Row{user("ed"), "list pods -n team", true},
             Row{user("ed"), "create roles.rbac.authorization.k8s.io -n team", false},
             Row{user("ed"), "update pods/status web -n team", false},
             Row{user("ada"), "create roles.rbac.authorization.k8s.io -n team", true},
             Row{user("ada"), "create deployments.apps -n team", true},
             Row{user("ada"), "create deployments.apps -n default", false},
             Row{user("ada"), "delete namespaces team -n team", false},
             Row{bot, "get configmaps one -n team", true},
             Row{bot, "get configmaps three -n team", false},
             Row{bot, "list configmaps -n team", false},
             Row{bot, "get configmaps one -n other", false},
             Row{bot, "get statefulsets.apps/scale db -n team", true},
             Row{bot, "get statefulsets.apps db -n team", false},
             Row{user("x", "bots"), "update configmaps two -n team", true},
             Row{user("bot"), "get configmaps one -n team", false},
             Row{scheduler, "create pods/binding web -n team", true},
             Row{scheduler, "update pods/status web -n team", true},
             Row{scheduler, "list nodes", true},
             Row{scheduler, "get secrets s -n team", false},
             Row{scheduler, "delete nodes n1", false},
             Row{dispatcher, "list secrets", true},
             Row{dispatcher, "update pods/status web -n team", true},
             Row{dispatcher, "create deployments.apps -n team", false},
             Row{deployer, "create replicasets.apps -n team", true},
             Row{deployer, "update deployments.apps/status web -n team", true},
             Row{deployer, "delete pods web -n team", false},
             Row{cleaner, "delete widgets.example.com w -n team", true},
             Row{user("system:node:n1", "system:nodes"), "list secrets", false},
         })
        EXPECT_EQ(m_authorizer.authorize(who, question(what)).allowed, allowed) << who.name << ": " << what;
}

TEST_F(Rbac, saysWhoAllowedIt)
{
    EXPECT_EQ(m_authorizer.authorize(user("vera"), question("list pods -n team")).reason,
              R"(RBAC: allowed by RoleBinding "viewer/team" of ClusterRole "view" to User "vera")");
}

TEST_F(Rbac, followsChanges)
{
    const auto pods = question("list pods -n other");
    EXPECT_FALSE(m_authorizer.authorize(user("vera"), pods).allowed);
    m_authorizer.apply(binding("viewer", "other", "view", "vera"));
    EXPECT_TRUE(m_authorizer.authorize(user("vera"), pods).allowed);
    m_authorizer.remove("RoleBinding", "other", "viewer");
    EXPECT_FALSE(m_authorizer.authorize(user("vera"), pods).allowed);
    const auto widgets = question("list widgets.example.com -n team");
    EXPECT_FALSE(m_authorizer.authorize(user("vera"), widgets).allowed);
    m_authorizer.apply(document("ClusterRole", "view", "", R"("rules":[
        {"verbs":["list"],"apiGroups":["example.com"],"resources":["widgets"]}])"));
    EXPECT_TRUE(m_authorizer.authorize(user("vera"), widgets).allowed);
    EXPECT_FALSE(m_authorizer.authorize(user("vera"), question("list pods -n team")).allowed);
}

TEST_F(Rbac, nobodyGrantsWhatTheyDoNotHold)
{
    const auto role = [](const std::string& rules) {
        return document("Role", "r", "team", R"("rules":[)" + rules + "]");
    };
    const auto held = role(R"({"verbs":["get","create"],"apiGroups":[""],"resources":["pods","pods/exec"]})");
    const auto more = role(R"({"verbs":["get","escalate"],"apiGroups":["","x"],"resources":["pods"]})");
    const auto everything = role(R"({"verbs":["*"],"apiGroups":["*"],"resources":["*"]})");
    EXPECT_TRUE(m_authorizer.checkRole(user("ada"), held));
    const auto refused = m_authorizer.checkRole(user("ada"), more);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, Reason::Forbidden);
    EXPECT_EQ(refused.error().message,
              "roles.rbac.authorization.k8s.io \"r\" is forbidden: user \"ada\" (groups=[\"system:authenticated\"]) is "
              "attempting to grant RBAC permissions not currently held:\n"
              "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"escalate\"]}\n"
              "{APIGroups:[\"x\"], Resources:[\"pods\"], Verbs:[\"get\" \"escalate\"]}");
    EXPECT_FALSE(m_authorizer.checkRole(user("ada"), everything));
    EXPECT_TRUE(m_authorizer.checkRole(user("root"), everything));
    EXPECT_TRUE(m_authorizer.checkRole(user("any", "system:masters"), everything));

    EXPECT_TRUE(m_authorizer.checkBinding(user("ada"), binding("b", "team", "edit", "new")));
    EXPECT_FALSE(m_authorizer.checkBinding(user("ada"), binding("b", "team", "cluster-admin", "ada")));
    EXPECT_FALSE(m_authorizer.checkBinding(user("ada"), binding("b", "", "view", "new"))) << "cluster-wide";
    EXPECT_EQ(m_authorizer.checkBinding(user("ada"), binding("b", "team", "nothing", "new")).error().message,
              "clusterroles.rbac.authorization.k8s.io \"nothing\" not found");
    EXPECT_TRUE(m_authorizer.checkBinding(user("root"), binding("b", "team", "nothing", "new")));
}

TEST_F(Rbac, aRightToOneNameIsGivenForThatNameAlone)
{
    const auto role = [](const std::string& more) {
        return document("Role", "r", "team",
                        R"("rules":[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"])" + more + "}]");
    };
    m_authorizer.apply(document("Role", "one-name", "team",
                                R"("rules":[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"],
                                "resourceNames":["a","b"]}])"));
    auto gives = binding("one-name", "team", "one-name", "nell");
    gives.at("roleRef").as_object()["kind"] = "Role";
    m_authorizer.apply(gives);
    EXPECT_TRUE(m_authorizer.checkRole(user("nell"), role(R"(,"resourceNames":["a"])")));
    EXPECT_TRUE(m_authorizer.checkRole(user("nell"), role(R"(,"resourceNames":["b","a"])")));
    EXPECT_FALSE(m_authorizer.checkRole(user("nell"), role(R"(,"resourceNames":["a","c"])")));
    EXPECT_FALSE(m_authorizer.checkRole(user("nell"), role(""))) << "all names";
    EXPECT_FALSE(m_authorizer.checkRole(user("nell"), role(R"(,"resourceNames":["*"])"))) << "no wildcard in names";
}

TEST_F(Rbac, anAggregationRuleNeedsEveryRight)
{
    const auto role = document("ClusterRole", "r", "", R"("rules":[],"aggregationRule":{"clusterRoleSelectors":[]})");
    const auto plain = document("ClusterRole", "r", "", R"("rules":[])");
    m_authorizer.apply(document("ClusterRole", "all-resources", "",
                                R"("rules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}])"));
    m_authorizer.apply(binding("nearly", "", "all-resources", "nora"));
    const std::string refusal = "clusterroles.rbac.authorization.k8s.io \"r\" is forbidden: must have cluster-admin "
                                "privileges to use the aggregationRule";
    EXPECT_EQ(m_authorizer.checkRole(user("ada"), role).error().message, refusal);
    EXPECT_EQ(m_authorizer.checkRole(user("ada"), plain, &role).error().message, refusal) << "nor may it be taken away";
    EXPECT_TRUE(m_authorizer.checkRole(user("ada"), plain, &plain));
    EXPECT_TRUE(m_authorizer.checkRole(user("root"), role));
    // Everything on resources includes the verb `escalate`: that is said openly, and enough.
    EXPECT_TRUE(m_authorizer.checkRole(user("nora"), role));
}

TEST_F(Rbac, whoClearsUpNeedsNoRightsOfTheRole)
{
    auto before = document("Role", "r", "team", R"("rules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}])");
    before.at("metadata").as_object()["finalizers"] = boost::json::array{"example.com/x"};
    auto after = before;
    after.at("metadata").as_object().erase("finalizers");
    EXPECT_TRUE(m_authorizer.checkRole(user("ada"), after, &before));
    after.at("metadata").as_object()["labels"] = boost::json::object{{"a", "b"}};
    EXPECT_FALSE(m_authorizer.checkRole(user("ada"), after, &before));
}

TEST(Rights, ofEachResourceAndVerbAreGivenOnlyByWhoHoldsThem)
{
    std::vector<PolicyRule> rights;
    for (const auto* kind : api::Catalog::builtIn().kinds()) {
        if (kind->storedAs && kind->storedAs->groupVersion.group == kind->groupVersion.group)
            continue; // Rights are of groups: its other version has them.
        for (const auto& verb : kind->verbs)
            rights.push_back({{verb}, {kind->groupVersion.group}, {kind->plural}, {}, {}});
        for (const auto& part : kind->otherSubresources)
            rights.push_back({{"create"}, {kind->groupVersion.group}, {kind->plural + "/" + part}, {}, {}});
        for (const auto* const part : {kind->hasStatus ? "status" : "", kind->scale ? "scale" : ""}) {
            if (*part)
                rights.push_back(
                    {{"patch"}, {kind->groupVersion.group}, {fmt::format("{}/{}", kind->plural, part)}, {}, {}});
        }
    }
    for (const auto* const resource : {"users", "groups", "serviceaccounts"})
        rights.push_back({{"impersonate"}, {""}, {resource}, {}, {}});
    for (const auto* const resource : {"uids", "userextras/scopes"})
        rights.push_back({{"impersonate"}, {"authentication.k8s.io"}, {resource}, {}, {}});
    for (const auto* const verb : {"approve", "sign", "attest"})
        rights.push_back({{verb}, {"certificates.k8s.io"}, {"signers"}, {}, {}});
    for (const auto* const resource : {"roles", "clusterroles"})
        rights.push_back({{"bind"}, {"rbac.authorization.k8s.io"}, {resource}, {}, {}});
    rights.push_back({{"escalate"}, {"rbac.authorization.k8s.io"}, {"roles"}, {}, {}}); // which are no cluster roles
    rights.push_back({{"get"}, {}, {}, {}, {"/metrics"}});
    const auto roleOf = [](std::initializer_list<const PolicyRule*> rules) {
        api::Array list;
        for (const auto* rule : rules)
            list.push_back(toDocument(*rule));
        return api::Value(api::Object{
            {"kind", "ClusterRole"}, {"metadata", api::Object{{"name", "made"}}}, {"rules", std::move(list)}});
    };
    RbacAuthorizer authorizer;
    const auto maker = user("maker");
    for (const auto& held : rights) {
        auto own = roleOf({&held});
        own.as_object()["metadata"] = api::Object{{"name", "own"}};
        authorizer.replace(std::vector{own, binding("b", "", "own", "maker")});
        EXPECT_TRUE(authorizer.checkRole(maker, roleOf({&held})));
        for (const auto& wanted : rights)
            EXPECT_EQ(authorizer.checkRole(maker, roleOf({&held, &wanted})).has_value(), wanted == held)
                << ruleText(held) << " made " << ruleText(wanted);
    }
    EXPECT_GT(rights.size(), 100U);
}

TEST(DefaultRoles, areThoseOfKubernetesInTheirPlaces)
{
    std::set<std::string> names;
    for (const auto& each : defaultRoles())
        names.insert(fmt::format("{} {}/{}", api::stringAt(each, {"kind"}),
                                 api::stringAt(each, {"metadata", "namespace"}),
                                 api::stringAt(each, {"metadata", "name"})));
    for (const auto* const name : {
             "ClusterRole /system:node-bootstrapper",
             "ClusterRole /system:certificates.k8s.io:legacy-unknown-approver",
             "ClusterRoleBinding /system:controller:certificate-controller",
             "Role kube-system/extension-apiserver-authentication-reader",
             "RoleBinding kube-system/system::extension-apiserver-authentication-reader",
             "Role kube-system/system::leader-locking-kube-scheduler",
             "RoleBinding kube-system/system::leader-locking-kube-scheduler",
             "Role kube-public/system:controller:bootstrap-signer",
             "RoleBinding kube-system/system:controller:token-cleaner",
         })
        EXPECT_TRUE(names.contains(name)) << name;
    for (const auto& each : defaultRoles()) {
        for (const auto& rule : rulesOf(each)) {
            EXPECT_FALSE(rule.verbs.empty()) << api::writeJson(each);
            EXPECT_EQ(rule.groups.empty(), !rule.nonResourceUrls.empty()) << api::writeJson(each);
            EXPECT_EQ(rule.resources.empty(), !rule.nonResourceUrls.empty()) << api::writeJson(each);
        }
    }
}

TEST(Forbidden, speaksKubernetesWords)
{
    struct Row {
        const char* what;
        const char* message;
    };
    for (
        const auto& [what, message] : {
            Row{"list pods -n default",
                R"(pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default")"},
            Row{"get deployments.apps/scale web -n a",
                R"(deployments.apps "web" is forbidden: User "jane" cannot get resource "deployments/scale" in API group "apps" in the namespace "a")"},
            Row{"list nodes",
                R"(nodes is forbidden: User "jane" cannot list resource "nodes" in API group "" at the cluster scope)"},
            Row{"get /metrics", R"(forbidden: User "jane" cannot get path "/metrics")"},
        })
        EXPECT_EQ(forbidden(user("jane"), question(what), "").message, message);
    EXPECT_THAT(forbidden(user("jane"), question("list nodes"), "because").message,
                HasSubstr("cluster scope: because"));
}

} // namespace
} // namespace keelson::auth
