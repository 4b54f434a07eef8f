// SPDX-License-Identifier: Apache-2.0
#include "policies/admission_policy.h"
#include "policies/type_check.h"
#include "policies/written_policies.h"

#include "api/catalog.h"
#include "api/codec.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::policies {
namespace {

const api::Kind& kindOf(const char* group, const char* version, const char* kind)
{
    return *api::Catalog::builtIn().find({group, version}, kind);
}

class OnlyReads : public auth::Authorizer {
public:
    auth::Decision authorize(const auth::User& user, const auth::Attributes& attributes) const override
    {
        return {attributes.verb == "get" && user.name == "jane", user.name};
    }
};

/// An update of a Deployment by jane, which expressions are asked about.
class Write {
public:
    const api::Value object =
        *api::parseYaml("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: "
                        "d, labels: {tier: front}}, spec: {replicas: 5}}");
    const api::Value before = *api::parseYaml("{metadata: {name: web, namespace: d}, spec: {replicas: 3}}");
    const api::Value space = *api::parseYaml("{metadata: {name: d, labels: {stage: prod}}}");
    const auth::User user{"jane", "u1", {"dev"}, {{"team", {"a"}}}};
    const Operation operation{.kind = kindOf("apps", "v1", "Deployment"),
                              .otherVersions = {},
                              .subresource = {},
                              .verb = "UPDATE",
                              .nameSpace = "d"};
    const Request request{.operation = operation,
                          .name = "web",
                          .user = user,
                          .object = &object,
                          .before = &before,
                          .dryRun = false,
                          .fieldManager = "kubectl"};
    const OnlyReads authorizer;
    const Input input{request, &space, &authorizer};
};

std::shared_ptr<const AdmissionPolicy> policyOf(std::string_view spec)
{
    const auto text = fmt::format("{{metadata: {{name: p}}, spec: {{{}}}}}", spec);
    const auto document = api::parseYaml(text);
    EXPECT_TRUE(document) << text;
    return *AdmissionPolicy::of(*api::fromJson<api::ValidatingAdmissionPolicy>(*document));
}

/// "ok", or what denies; then the notes.
std::string judged(std::string_view spec, std::string_view params = "")
{
    const Write write;
    const auto document = api::parseYaml(params).value_or(api::Value{});
    const auto verdict = policyOf(spec)->judge(write.input, params.empty() ? nullptr : &document);
    std::string said;
    for (const auto& [index, message, reason] : verdict.denials)
        said += fmt::format("{}{}:{}{}{}", said.empty() ? "" : "; ", index, reason, reason.empty() ? "" : " ", message);
    for (const auto& why : verdict.notesFailed)
        said += "!" + why;
    for (const auto& [key, value] : verdict.notes)
        said += fmt::format(" {}={}", key, value);
    return said.empty() ? "ok" : said;
}

struct Row {
    const char* spec;
    const char* expected;
};

TEST(AdmissionPolicy, judgesByItsValidations)
{
    for (const auto& [spec, expected] : {
             Row{"validations: [{expression: 'object.spec.replicas <= 5'}]", "ok"},
             Row{"validations: [{expression: ' object.spec.replicas <= 4 '}]",
                 "0:failed expression: object.spec.replicas <= 4"},
             Row{"validations: [{expression: 'true'}, {expression: 'false', message: ' too many ', reason: Forbidden}]",
                 "1:Forbidden too many"},
             Row{"validations: [{expression: 'false', message: m, messageExpression: \"'have ' + "
                 "string(object.spec.replicas)\"}]",
                 "0:have 5"},
             Row{"validations: [{expression: 'false', message: m, messageExpression: 'object.spec.none'}]", "0:m"},
             Row{"validations: [{expression: 'false', message: m, messageExpression: \"'a\\\\nb'\"}]", "0:m"},
             Row{"validations: [{expression: 'object.spec.none > 1'}]",
                 "0:expression 'object.spec.none > 1' resulted in error: no such key: none"},
             Row{"failurePolicy: Ignore, validations: [{expression: 'object.spec.none > 1'}]", "ok"},
             Row{"failurePolicy: Ignore, validations: [{expression: 'false'}]", "0:failed expression: false"},
             Row{"validations: [{expression: 'nonsense'}]",
                 "0:compilation error: compilation failed: ERROR: <input>:1:1: undeclared reference to 'nonsense' (in "
                 "container '')\n | nonsense\n | ^"},
             Row{"validations: [{expression: 'oldObject.spec.replicas == 3 && request.operation == \"UPDATE\" && "
                 "request.userInfo.username == \"jane\" && request.namespace == \"d\" && "
                 "request.resource.resource == \"deployments\" && request.kind.kind == \"Deployment\" && "
                 "!has(request.subResource) && request.options.fieldManager == \"kubectl\"'}]",
                 "ok"},
             Row{"validations: [{expression: 'namespaceObject.metadata.labels.stage == \"prod\"'}]", "ok"},
             Row{"validations: [{expression: 'authorizer.requestResource.check(\"get\").allowed() && "
                 "!authorizer.requestResource.check(\"delete\").allowed()'}]",
                 "ok"},
             Row{"validations: [{expression: 'authorizer.serviceAccount(\"d\", \"x\").path(\"/\").check(\"get\")"
                 ".reason() == \"system:serviceaccount:d:x\"'}]",
                 "ok"},
         })
        EXPECT_EQ(judged(spec), expected) << spec;
}

TEST(AdmissionPolicy, evaluatesConditionsAndVariables)
{
    for (const auto& [spec, expected] : {
             Row{"matchConditions: [{name: a, expression: 'false'}], validations: [{expression: 'false'}]", "ok"},
             Row{"matchConditions: [{name: a, expression: 'object.x'}, {name: b, expression: 'false'}], validations: "
                 "[{expression: 'false'}]",
                 "ok"},
             Row{"matchConditions: [{name: a, expression: 'object.x'}, {name: b, expression: 'object.y'}], "
                 "validations: "
                 "[{expression: 'false'}]",
                 "0:[expression 'object.x' resulted in error: no such key: x, expression 'object.y' resulted in error: "
                 "no such key: y]"},
             Row{"failurePolicy: Ignore, matchConditions: [{name: a, expression: 'object.x'}], validations: "
                 "[{expression: 'false'}]",
                 "ok"},
             Row{"variables: [{name: a, expression: object.spec.replicas}, {name: b, expression: 'variables.a * 2'}], "
                 "validations: [{expression: 'variables.b == 10'}]",
                 "ok"},
             Row{"variables: [{name: a, expression: object.none}], validations: [{expression: 'true'}]", "ok"},
             Row{"variables: [{name: a, expression: object.none}], validations: [{expression: 'variables.a == 1'}]",
                 "0:expression 'variables.a == 1' resulted in error: composited variable \"a\" fails to evaluate: no "
                 "such key: none"},
             Row{"validations: [{expression: '[0,1,2,3,4,5,6,7,8,9].all(a, [0,1,2,3,4,5,6,7,8,9].all(b, "
                 "[0,1,2,3,4,5,6,7,8,9].all(c, [0,1,2,3,4,5,6,7,8,9].all(d, [0,1,2,3,4,5,6,7,8,9].all(e, "
                 "[0,1,2,3,4,5,6,7,8,9].all(f, true))))))'}]",
                 "ok"},
         })
        EXPECT_EQ(judged(spec), expected) << spec;
    std::string deep = "true";
    for (int i = 0; i < 8; ++i)
        deep = fmt::format("[0,1,2,3,4,5,6,7,8,9].all(x{}, {})", i, deep);
    EXPECT_EQ(judged(fmt::format("validations: [{{expression: 'true'}}, {{expression: '{}'}}]", deep)),
              "0:validation failed due to running out of cost budget, no further validation rules will be run");
}

TEST(AdmissionPolicy, seesItsParameters)
{
    constexpr auto spec = "paramKind: {apiVersion: v1, kind: ConfigMap}, validations: [{expression: 'params == null || "
                          "object.spec.replicas <= int(params.data.max)', messageExpression: \"'at most ' + "
                          "params.data.max\"}]";
    EXPECT_EQ(judged(spec, "{data: {max: '5'}}"), "ok");
    EXPECT_EQ(judged(spec, "{data: {max: '4'}}"), "0:at most 4");
    EXPECT_EQ(judged(spec), "ok");
}

TEST(AdmissionPolicy, annotatesTheAuditLog)
{
    for (const auto& [spec, expected] : {
             Row{"auditAnnotations: [{key: k, valueExpression: \"' by ' + request.userInfo.username + ' '\"}]",
                 " k=by jane"},
             Row{"auditAnnotations: [{key: k, valueExpression: \"''\"}, {key: l, valueExpression: 'null'}]", "ok"},
             Row{"auditAnnotations: [{key: k, valueExpression: 'object.none'}]",
                 "!expression 'object.none' resulted in error: no such key: none"},
             Row{"failurePolicy: Ignore, auditAnnotations: [{key: k, valueExpression: 'object.none'}]", "ok"},
             Row{"auditAnnotations: [{key: k, valueExpression: 'object.spec.replicas'}]",
                 "!valueExpression 'object.spec.replicas' resulted in unsupported return type: int. Return type must "
                 "be "
                 "either string or null."},
         })
        EXPECT_EQ(judged(spec), expected) << spec;
}

TEST(Matching, takesTheWritesOfItsRules)
{
    const Write write;
    const api::Labels prod{{"stage", "prod"}};
    constexpr auto all = "{apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], operations: ['*']}";
    constexpr auto web = "{apiGroups: [apps], apiVersions: [v1], resources: [deployments], operations: [UPDATE], "
                         "resourceNames: [web]}";
    struct Case {
        std::string resources;
        bool expected;
    };
    for (const auto& [resources, expected] : {
             Case{"{}", true},
             Case{fmt::format("{{resourceRules: [{}]}}", all), true},
             Case{fmt::format("{{resourceRules: [{}]}}", web), true},
             Case{"{resourceRules: [{apiGroups: [apps], apiVersions: [v1], resources: [deployments], operations: "
                  "[UPDATE], resourceNames: [other]}]}",
                  false},
             Case{"{resourceRules: [{apiGroups: [apps], apiVersions: [v1], resources: [deployments], operations: "
                  "[CREATE]}]}",
                  false},
             Case{fmt::format("{{resourceRules: [{}], excludeResourceRules: [{}]}}", all, web), false},
             Case{"{namespaceSelector: {matchLabels: {stage: prod}}}", true},
             Case{"{namespaceSelector: {matchLabels: {stage: test}}}", false},
             Case{"{objectSelector: {matchLabels: {tier: front}}}", true},
             Case{"{objectSelector: {matchLabels: {tier: back}}}", false},
         }) {
        const auto matching = Matching::of(*api::fromJson<api::MatchResources>(*api::parseYaml(resources)));
        EXPECT_EQ(matching->match(write.request, labelsOf(write.request, &prod)), expected) << resources;
    }
}

TEST(TypeCheck, warnsOfWhatSchemasDoNotKnow)
{
    const auto warned = [](std::string_view members) {
        const auto text =
            fmt::format("{{metadata: {{name: p}}, spec: {{matchConstraints: {{resourceRules: [{{apiGroups: "
                        "[apps], apiVersions: [v1], resources: [deployments, replicasets, '*'], operations: "
                        "['*']}}]}}, {}}}}}",
                        members);
        const auto document = api::parseYaml(text);
        EXPECT_TRUE(document) << document.error().message;
        const auto policy = api::fromJson<api::ValidatingAdmissionPolicy>(*document);
        EXPECT_TRUE(policy) << policy.error().message;
        std::string said;
        for (const auto& [field, warning] : typeWarnings(*policy, api::Catalog::builtIn()))
            said += field + ": " + warning + "\n";
        return said;
    };
    EXPECT_EQ(
        warned(
            "variables: [{name: size, expression: object.spec.replicas}], validations: [{expression: 'variables.size "
            "<= 5 && object.metadata.namespace != \"\" && object.spec.template.spec.containers.all(c, c.image "
            "!= \"\") && object.metadata.labels.?tier.orValue(\"\") != \"x\"'}]"),
        "");
    EXPECT_EQ(
        warned("validations: [{expression: 'object.replicas > 1'}]"),
        "spec.validations[0].expression: apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n"
        " | object.replicas > 1\n | ......^\napps/v1, Kind=ReplicaSet: ERROR: <input>:1:7: undefined field "
        "'replicas'\n | object.replicas > 1\n | ......^\n");
    EXPECT_EQ(
        warned("validations: [{expression: 'object.spec.paused', messageExpression: '\"a\"'}]"),
        "spec.validations[0].expression: apps/v1, Kind=ReplicaSet: ERROR: <input>:1:12: undefined field 'paused'\n"
        " | object.spec.paused\n | ...........^\n");
    EXPECT_EQ(warned("paramKind: {apiVersion: v1, kind: ConfigMap}, validations: [{expression: 'params.data.a == "
                     "params.foo'}]")
                  .substr(0, 100),
              "spec.validations[0].expression: apps/v1, Kind=Deployment: ERROR: <input>:1:24: undefined field 'foo'");
}

/// The refusals of a written object.
std::string refused(const char* kind, std::string_view text)
{
    std::string said;
    for (const auto& cause :
         checkWritten(kindOf("admissionregistration.k8s.io", "v1", kind), api::parseYaml(text).value_or(api::Value{})))
        said += fmt::format("{}{}: {}", said.empty() ? "" : "\n", cause.field, cause.message);
    return said;
}

std::string refusedPolicy(std::string_view members)
{
    return refused(
        "ValidatingAdmissionPolicy",
        fmt::format("{{metadata: {{name: p}}, spec: {{matchConstraints: {{resourceRules: [{{}}]}}, {}}}}}", members));
}

TEST(WrittenPolicies, areRefusedInKubernetesWords)
{
    for (const auto& [members, expected] : {
             Row{"validations: [{expression: 'object.x == 1', messageExpression: \"'a'\"}]", ""},
             Row{"validations: []", "spec.validations: Required value: validations or auditAnnotations must contain at "
                                    "least one item\nspec.auditAnnotations: Required value: validations or "
                                    "auditAnnotations must contain at least one item"},
             Row{"validations: [{expression: 'object.x =='}]",
                 "spec.validations[0].expression: Invalid value: \"object.x ==\": compilation failed: ERROR: "
                 "<input>:1:12: Syntax error: unexpected '<EOF>'\n | object.x ==\n | ...........^"},
             Row{"validations: [{expression: '1 + 1'}]",
                 "spec.validations[0].expression: Invalid value: \"1 + 1\": must evaluate to bool"},
             Row{"validations: [{expression: 'params.x == 1'}]",
                 "spec.validations[0].expression: Invalid value: \"params.x == 1\": compilation failed: ERROR: "
                 "<input>:1:1: undeclared reference to 'params' (in container '')\n | params.x == 1\n | ^"},
             Row{"paramKind: {apiVersion: v1, kind: ConfigMap}, validations: [{expression: 'params.x == 1'}]", ""},
             Row{"validations: [{expression: 'request.foo == 1'}]",
                 "spec.validations[0].expression: Invalid value: \"request.foo == 1\": compilation failed: ERROR: "
                 "<input>:1:8: undefined field 'foo'\n | request.foo == 1\n | .......^"},
             Row{"validations: [{expression: ' '}]",
                 "spec.validations[0].expression: Required value: expression is not specified"},
             Row{"validations: [{expression: 'true', reason: NotFound}]",
                 "spec.validations[0].reason: Unsupported value: \"NotFound\": supported values: \"Forbidden\", "
                 "\"Invalid\", \"RequestEntityTooLarge\""},
             Row{"validations: [{expression: 'true', message: \"a\\nb\"}]",
                 "spec.validations[0].message: Invalid value: \"a\\nb\": message must not contain line breaks"},
             Row{"validations: [{expression: 'true', messageExpression: 'true'}]",
                 "spec.validations[0].messageExpression: Invalid value: \"true\": must evaluate to string"},
             Row{"validations: [{expression: 'true', messageExpression: 'authorizer.path(\"/\").check(\"get\")"
                 ".reason()'}]",
                 "spec.validations[0].messageExpression: Invalid value: "
                 "\"authorizer.path(\\\"/\\\").check(\\\"get\\\").reason()\": compilation failed: ERROR: <input>:1:1: "
                 "undeclared reference to 'authorizer' (in container '')\n | "
                 "authorizer.path(\"/\").check(\"get\").reason()\n | ^"},
             Row{"variables: [{name: a, expression: variables.b}, {name: b, expression: '1'}], validations: "
                 "[{expression: 'true'}]",
                 "spec.variables[0].expression: Invalid value: \"variables.b\": compilation failed: ERROR: "
                 "<input>:1:10: undefined field 'b'\n | variables.b\n | .........^"},
             Row{"variables: [{name: a-b, expression: '1'}], validations: [{expression: 'true'}]",
                 "spec.variables[0].name: Invalid value: \"a-b\": name is not a valid CEL identifier"},
             Row{"matchConditions: [{name: a, expression: '1'}, {name: a, expression: 'true'}], validations: "
                 "[{expression: 'true'}]",
                 "spec.matchConditions[0].expression: Invalid value: \"1\": must evaluate to bool\n"
                 "spec.matchConditions[1].name: Duplicate value: \"a\""},
             Row{"auditAnnotations: [{key: k, valueExpression: 'true'}]",
                 "spec.auditAnnotations[0].valueExpression: Invalid value: \"true\": must evaluate to one of [string "
                 "null_type]"},
         })
        EXPECT_EQ(refusedPolicy(members), expected) << members;
}

TEST(WrittenPolicies, bindingsAndWebhooksToo)
{
    const auto binding = [](std::string_view members) {
        return refused("ValidatingAdmissionPolicyBinding", fmt::format("{{spec: {{policyName: p, {}}}}}", members));
    };
    EXPECT_EQ(binding("validationActions: [Deny, Audit]"), "");
    EXPECT_EQ(
        binding("validationActions: [Deny, Warn]"),
        "spec.validationActions: Invalid value: [\"Deny\",\"Warn\"]: must not contain both Deny and Warn (repeating "
        "the same validation failure information in the API response and headers serves no purpose)");
    EXPECT_EQ(binding("validationActions: []"),
              "spec.validationActions: Required value: at least one validation action is required");
    EXPECT_EQ(binding("validationActions: [Deny], paramRef: {}"),
              "spec.paramRef: Required value: one of name or selector must be specified\n"
              "spec.paramRef.parameterNotFoundAction: Required value");
    EXPECT_EQ(binding("validationActions: [Deny], paramRef: {name: a, selector: {}, parameterNotFoundAction: Deny}"),
              "spec.paramRef.name: Forbidden: name and selector are mutually exclusive\n"
              "spec.paramRef.selector: Forbidden: name and selector are mutually exclusive");
    EXPECT_EQ(refused("ValidatingWebhookConfiguration",
                      "{webhooks: [{name: w, matchConditions: [{name: c, expression: 'object.x &&'}]}]}"),
              "webhooks[0].matchConditions[0].expression: Invalid value: \"object.x &&\": compilation failed: ERROR: "
              "<input>:1:12: Syntax error: unexpected '<EOF>'\n | object.x &&\n | ...........^");
}

} // namespace
} // namespace keelson::policies
