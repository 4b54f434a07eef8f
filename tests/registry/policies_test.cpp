// SPDX-License-Identifier: Apache-2.0
// ValidatingAdmissionPolicies and their bindings.
#include "registry/cluster.h"

#include <gmock/gmock.h>

namespace keelson::registry {
namespace {

using testing::ElementsAre;

class Policies : public testing::Test {
protected:
    void SetUp() override
    {
        m_cluster.context.warnings = &warnings;
        m_cluster.context.auditAnnotations = &annotations;
    }

    void policy(const std::string& name, std::string_view members)
    {
        ASSERT_EQ(outcome(m_cluster.create(
                      "ValidatingAdmissionPolicy",
                      fmt::format("{{metadata: {{name: {}}}, spec: {{matchConstraints: {{resourceRules: [{{apiGroups: "
                                  "['*'], apiVersions: ['*'], resources: [configmaps, namespaces, pods/eviction], "
                                  "operations: ['*']}}]}}, {}}}}}",
                                  name, members))),
                  "ok");
    }
    void bind(const std::string& name, const std::string& policy, std::string_view members)
    {
        ASSERT_EQ(outcome(m_cluster.create(
                      "ValidatingAdmissionPolicyBinding",
                      fmt::format("{{metadata: {{name: {}}}, spec: {{policyName: {}, {}}}}}", name, policy, members))),
                  "ok");
    }
    std::string createMap(const std::string& name, std::string_view members = "")
    {
        return outcome(m_cluster.create("ConfigMap", fmt::format("{{metadata: {{name: {}}}{}}}", name, members)));
    }

    std::vector<std::string> warnings;
    std::map<std::string, std::string> annotations;
    Cluster m_cluster;
};

TEST_F(Policies, denyInKubernetesWords)
{
    policy("names", "validations: [{expression: 'object.metadata.name != \"bad\"', message: no bad names, reason: "
                    "Forbidden}, {expression: 'object.metadata.name != \"worse\"'}]");
    EXPECT_EQ(createMap("bad"), "ok") << "nothing puts it in force";
    bind("everywhere", "names", "validationActions: [Deny]");
    EXPECT_EQ(createMap("good"), "ok");
    EXPECT_EQ(outcome(m_cluster.merge("ConfigMap", "bad", "{data: {a: b}}")),
              "Forbidden: configmaps \"bad\" is forbidden: ValidatingAdmissionPolicy 'names' with binding 'everywhere' "
              "denied request: no bad names");
    const auto refused = m_cluster.create("ConfigMap", "{metadata: {name: worse}}");
    EXPECT_EQ(outcome(refused),
              "Invalid: configmaps \"worse\" is forbidden: ValidatingAdmissionPolicy 'names' with binding 'everywhere' "
              "denied request: failed expression: object.metadata.name != \"worse\"");
    ASSERT_EQ(refused.error().causes.size(), 1U);
    EXPECT_EQ(refused.error().causes.front().message,
              "ValidatingAdmissionPolicy 'names' with binding 'everywhere' denied request: failed expression: "
              "object.metadata.name != \"worse\"");
    EXPECT_EQ(outcome(m_cluster.remove("ValidatingAdmissionPolicyBinding", "everywhere")), "ok");
    EXPECT_EQ(createMap("worse"), "ok");
}

TEST_F(Policies, warnAndAudit)
{
    policy("names", "validations: [{expression: 'false', message: never}], auditAnnotations: [{key: who, "
                    "valueExpression: 'request.userInfo.username'}]");
    bind("watch", "names", "validationActions: [Warn, Audit]");
    EXPECT_EQ(createMap("a"), "ok");
    EXPECT_THAT(warnings, ElementsAre("Validation failed for ValidatingAdmissionPolicy 'names' with binding 'watch': "
                                      "never"));
    EXPECT_EQ(annotations["names/who"], "test");
    EXPECT_EQ(annotations["validation.policy.admission.k8s.io/validation_failure"],
              R"([{"message":"never","policy":"names","binding":"watch","expressionIndex":0,)"
              R"("validationActions":["Warn","Audit"]}])");
}

TEST_F(Policies, takeTheirParametersFromObjects)
{
    ASSERT_EQ(createMap("limits", ", data: {max: '3'}"), "ok");
    policy("sizes", "paramKind: {apiVersion: v1, kind: ConfigMap}, matchConditions: [{name: sized, expression: "
                    "'has(object.data) && has(object.data.size)'}], validations: [{expression: 'int(object.data.size) "
                    "<= int(params.data.max)', messageExpression: \"'more than ' + params.data.max\"}]");
    bind("b", "sizes", "validationActions: [Deny], paramRef: {name: limits, parameterNotFoundAction: Deny}");
    EXPECT_EQ(createMap("three", ", data: {size: '3'}"), "ok");
    EXPECT_EQ(createMap("four", ", data: {size: '4'}"),
              "Invalid: configmaps \"four\" is forbidden: ValidatingAdmissionPolicy 'sizes' with binding 'b' denied "
              "request: more than 3");
    ASSERT_EQ(outcome(m_cluster.merge("ValidatingAdmissionPolicyBinding", "b", "{spec: {paramRef: {name: none}}}")),
              "ok");
    EXPECT_EQ(createMap("four", ", data: {size: '4'}"),
              "Invalid: configmaps \"four\" is forbidden: ValidatingAdmissionPolicy 'sizes' with binding 'b' denied "
              "request: failed to configure binding: no params found for policy binding with `Deny` "
              "parameterNotFoundAction");
    ASSERT_EQ(outcome(m_cluster.merge("ValidatingAdmissionPolicyBinding", "b",
                                      "{spec: {paramRef: {parameterNotFoundAction: Allow}}}")),
              "ok");
    EXPECT_EQ(createMap("four", ", data: {size: '4'}"), "ok");
    ASSERT_EQ(outcome(m_cluster.merge("ValidatingAdmissionPolicyBinding", "b",
                                      "{spec: {paramRef: {name: null, selector: {matchLabels: {kind: limits}}}}}")),
              "ok");
    EXPECT_EQ(createMap("five", ", data: {size: '5'}"), "ok") << "no map has the label";
    ASSERT_EQ(outcome(m_cluster.merge("ConfigMap", "limits", "{metadata: {labels: {kind: limits}}}")), "ok");
    EXPECT_EQ(createMap("six", ", data: {size: '6'}"),
              "Invalid: configmaps \"six\" is forbidden: ValidatingAdmissionPolicy 'sizes' with binding 'b' denied "
              "request: more than 3");
}

TEST_F(Policies, sayWhatIsWrongWithTheirConfiguration)
{
    policy("p", "paramKind: {apiVersion: example.org/v1, kind: Limit}, validations: [{expression: 'true'}]");
    bind("b", "p", "validationActions: [Warn], paramRef: {name: x, parameterNotFoundAction: Deny}");
    EXPECT_EQ(createMap("a"), "Invalid: configmaps \"a\" is forbidden: ValidatingAdmissionPolicy 'p' denied request: "
                              "failed to configure policy: failed to find resource referenced by paramKind: "
                              "'example.org/v1, Kind=Limit'");
    ASSERT_EQ(outcome(m_cluster.merge("ValidatingAdmissionPolicy", "p", "{spec: {failurePolicy: Ignore}}")), "ok");
    EXPECT_EQ(createMap("a"), "ok");
}

TEST_F(Policies, areAboutWhatTheirBindingsSelect)
{
    policy("p", "validations: [{expression: 'request.operation == \"DELETE\" || namespaceObject == null || "
                "namespaceObject.metadata.name != \"default\"'}]");
    bind("b", "p", "validationActions: [Deny], matchResources: {objectSelector: {matchLabels: {check: 'yes'}}}");
    EXPECT_EQ(createMap("a"), "ok");
    EXPECT_THAT(outcome(m_cluster.create("ConfigMap", "{metadata: {name: b, labels: {check: 'yes'}}}")),
                testing::StartsWith("Invalid: "));
    EXPECT_EQ(outcome(m_cluster.create("Namespace", "{metadata: {name: space, labels: {check: 'yes'}}}")), "ok");
    EXPECT_EQ(outcome(m_cluster.remove("ConfigMap", "a")), "ok");
}

TEST_F(Policies, areAskedAboutEvictions)
{
    policy("p", "validations: [{expression: 'object.metadata.name != \"web\"', message: it stays}]");
    bind("b", "p", "validationActions: [Deny]");
    ASSERT_EQ(outcome(m_cluster.create("Pod", podYaml)), "ok");
    const Value eviction{{"apiVersion", "policy/v1"}, {"kind", "Eviction"}, {"metadata", {{"name", "web"}}}};
    EXPECT_EQ(outcome(m_cluster.registry->evict(m_cluster.context, {"default", "web"}, eviction, {})),
              "Invalid: pods \"web\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: it "
              "stays");

    ASSERT_EQ(outcome(m_cluster.create(
                  "ValidatingAdmissionPolicy",
                  "{metadata: {name: d}, spec: {matchConstraints: {resourceRules: [{apiGroups: [''], apiVersions: "
                  "[v1], resources: [pods], operations: [DELETE]}]}, validations: [{expression: 'false'}]}}")),
              "ok");
    bind("d", "d", "validationActions: [Deny]");
    EXPECT_EQ(outcome(m_cluster.remove("ValidatingAdmissionPolicyBinding", "b")), "ok");
    EXPECT_EQ(
        outcome(m_cluster.remove("Pod", "web")),
        "Invalid: pods \"web\" is forbidden: ValidatingAdmissionPolicy 'd' with binding 'd' denied request: failed "
        "expression: false");
    EXPECT_EQ(outcome(m_cluster.registry->evict(m_cluster.context, {"default", "web"}, eviction, {})), "ok")
        << "the deletion that follows is not asked about";
}

TEST_F(Policies, thatDoNotCompileAreRefused)
{
    EXPECT_EQ(outcome(m_cluster.create("ValidatingAdmissionPolicy",
                                       "{metadata: {name: p}, spec: {matchConstraints: {resourceRules: [{apiGroups: "
                                       "[''], apiVersions: [v1], resources: [pods], operations: ['*']}]}, validations: "
                                       "[{expression: 'object.'}]}}")),
              "Invalid: ValidatingAdmissionPolicy.admissionregistration.k8s.io \"p\" is invalid: "
              "spec.validations[0].expression: Invalid value: \"object.\": compilation failed: ERROR: <input>:1:8: "
              "Syntax error: unexpected '<EOF>'\n | object.\n | .......^");
}

} // namespace
} // namespace keelson::registry
