// SPDX-License-Identifier: Apache-2.0
#include "audit/policy.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace keelson::audit {
namespace {

constexpr auto text = R"(
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, users: ["system:kube-proxy"], verbs: [watch]}
- {level: None, nonResourceURLs: ["/healthz*", /version]}
- level: Request
  resources: [{group: "", resources: [pods/log, pods/status, "*/scale"]}]
- level: RequestResponse
  omitManagedFields: true
  omitStages: [ResponseStarted]
  resources: [{group: "", resources: [pods, secrets], resourceNames: []}, {group: apps}]
  namespaces: [team]
- {level: RequestResponse, userGroups: ["system:masters"], resources: [{group: "", resources: ["*"]}]}
- {level: Metadata, verbs: [create, delete]}
)";

auth::Attributes resource(const char* verb, const char* group, const char* plural, const char* nameSpace = "",
                          const char* subresource = "")
{
    return {verb, group, "v1", plural, subresource, nameSpace, "name", ""};
}

TEST(Policy, takesTheFirstRuleThatFits)
{
    const auto policy = Policy::parse(text);
    ASSERT_TRUE(policy) << policy.error().message;
    const auth::User proxy{"system:kube-proxy", {}, {}, {}};
    const auth::User jane{"jane", {}, {"system:authenticated"}, {}};
    const auth::User admin{"admin", {}, {"system:masters"}, {}};
    struct Row {
        auth::User user;
        auth::Attributes what;
        const char* expected;
    };
    for (const auto& [user, what, expected] : {
             Row{proxy, resource("watch", "", "pods", "team"), "None"},
             Row{proxy, resource("create", "", "events", "x"), "Metadata"},
             Row{jane, {"get", {}, {}, {}, {}, {}, {}, "/healthz/ping"}, "None"},
             Row{jane, {"get", {}, {}, {}, {}, {}, {}, "/metrics"}, "None"},
             Row{jane, resource("get", "", "pods", "x", "log"), "Request"},
             Row{jane, resource("update", "", "replicationcontrollers", "x", "scale"), "Request"},
             Row{jane, resource("get", "", "pods", "team"), "RequestResponse"},
             Row{jane, resource("get", "", "pods", "team", "exec"), "None"},
             Row{jane, resource("get", "", "pods", "other"), "None"},
             Row{jane, resource("list", "apps", "deployments", "team"), "RequestResponse"},
             Row{jane, resource("get", "", "secrets", "team"), "Metadata"},
             Row{admin, resource("get", "", "secrets", "x"), "Metadata"},
             Row{admin, resource("create", "", "serviceaccounts", "x", "token"), "Metadata"},
             Row{admin, resource("create", "", "serviceaccounts", "x"), "RequestResponse"},
             Row{jane, resource("create", "authentication.k8s.io", "tokenreviews"), "Metadata"},
             Row{jane, resource("delete", "", "nodes"), "Metadata"},
             Row{jane, resource("list", "", "nodes"), "None"},
         })
        EXPECT_EQ(levelName(policy->choose(user, what).level), expected)
            << user.name << " " << what.verb << " " << what.resource << "/" << what.subresource << what.path;
    const auto pods = policy->choose(jane, resource("get", "", "pods", "team"));
    EXPECT_FALSE(pods.wants(Stage::RequestReceived)) << "left out of all rules";
    EXPECT_FALSE(pods.wants(Stage::ResponseStarted)) << "and of this one";
    EXPECT_TRUE(pods.wants(Stage::ResponseComplete));
    EXPECT_TRUE(pods.omitManagedFields);
}

TEST(Policy, saysWhatCannotBeUsed)
{
    const auto wrong = [](std::string_view rules) {
        const auto policy = Policy::parse(fmt::format("{{apiVersion: audit.k8s.io/v1, kind: Policy, {}}}", rules));
        return policy ? "ok" : policy.error().message;
    };
    EXPECT_EQ(wrong("rules: [{level: Metadata}]"), "ok");
    EXPECT_EQ(wrong("rules: []"), "the audit policy has no rules: nothing would be logged");
    EXPECT_EQ(wrong("rules: [{level: All}]"),
              "rules[0].level: \"All\" is no level: None, Metadata, Request and RequestResponse are");
    EXPECT_EQ(wrong("rules: [{level: None}, {level: None, verbs: get}]"),
              "rules[1].verbs: a list of strings is wanted");
    EXPECT_EQ(wrong("rules: [{level: None}], omitStages: [Begin]"), "policy.omitStages: \"Begin\" is no stage");
    EXPECT_EQ(wrong("rules: [{level: None, nonResourceURLs: [/x], namespaces: [x]}]"),
              "rules[0]: a rule is either about resources or about nonResourceURLs");
    EXPECT_EQ(Policy::parse("kind: Policy").error().message,
              "an audit policy is of the kind Policy in audit.k8s.io/v1");
}

} // namespace
} // namespace keelson::audit
