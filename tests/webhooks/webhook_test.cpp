// SPDX-License-Identifier: Apache-2.0
#include "webhooks/review.h"

#include "api/base64.h"
#include "api/catalog.h"
#include "api/codec.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::webhooks {
namespace {

const api::Kind& kindOf(const char* group, const char* version, const char* kind)
{
    return *api::Catalog::builtIn().find({group, version}, kind);
}

Webhook webhookOf(std::string_view members)
{
    const auto text = fmt::format("{{metadata: {{name: c}}, webhooks: [{{name: w.example.com, {}}}]}}", members);
    const auto typed = api::fromJson<api::MutatingWebhookConfiguration>(*api::parseYaml(text));
    return webhooksOf(*typed)->front();
}

std::string rule(std::string_view groups, std::string_view versions, std::string_view resources,
                 std::string_view operations, std::string_view more = "")
{
    return fmt::format("rules: [{{apiGroups: [{}], apiVersions: [{}], resources: [{}], operations: [{}]{}}}]", groups,
                       versions, resources, operations, more);
}

TEST(Webhook, takesTheWritesOfItsRules)
{
    const Operation pod{
        .kind = kindOf("", "v1", "Pod"), .otherVersions = {}, .subresource = {}, .verb = "CREATE", .nameSpace = "d"};
    const Operation status{.kind = kindOf("", "v1", "Pod"),
                           .otherVersions = {},
                           .subresource = "status",
                           .verb = "UPDATE",
                           .nameSpace = "d"};
    const Operation node{
        .kind = kindOf("", "v1", "Node"), .otherVersions = {}, .subresource = {}, .verb = "DELETE", .nameSpace = {}};
    const Operation scaler{.kind = kindOf("autoscaling", "v2", "HorizontalPodAutoscaler"),
                           .otherVersions = {"v1"},
                           .subresource = {},
                           .verb = "CREATE",
                           .nameSpace = "d"};
    const auto user = auth::User::system("test");
    struct Row {
        std::string members;
        const Operation& operation;
        bool expected;
    };
    for (const auto& [members, operation, expected] : {
             Row{rule("''", "v1", "pods", "CREATE"), pod, true},
             Row{rule("''", "v1", "pods", "UPDATE, DELETE"), pod, false},
             Row{rule("'*'", "'*'", "'*'", "'*'"), pod, true},
             Row{rule("apps", "v1", "pods", "CREATE"), pod, false},
             Row{rule("''", "v1beta1", "pods", "CREATE"), pod, false},
             Row{rule("''", "v1", "services", "CREATE"), pod, false},
             Row{rule("''", "v1", "pods", "'*'"), status, false},
             Row{rule("''", "v1", "pods/status", "'*'"), status, true},
             Row{rule("''", "v1", "pods/*", "'*'"), status, true},
             Row{rule("''", "v1", "'*/status'", "'*'"), status, true},
             Row{rule("''", "v1", "'*/*'", "'*'"), status, true},
             Row{rule("''", "v1", "'*/scale'", "'*'"), status, false},
             Row{rule("''", "v1", "'*'", "'*'", ", scope: Namespaced"), pod, true},
             Row{rule("''", "v1", "'*'", "'*'", ", scope: Cluster"), pod, false},
             Row{rule("''", "v1", "'*'", "'*'", ", scope: Cluster"), node, true},
             Row{rule("''", "v1", "'*'", "'*'", ", scope: Namespaced"), node, false},
             Row{rule("autoscaling", "v1", "horizontalpodautoscalers", "CREATE"), scaler, true},
             Row{rule("autoscaling", "v1", "horizontalpodautoscalers", "CREATE") + ", matchPolicy: Exact", scaler,
                 false},
         })
        EXPECT_EQ(matches(webhookOf(members), {.operation = operation, .name = "x", .user = user}, {}), expected)
            << members;
}

TEST(Webhook, takesWhatItsSelectorsTake)
{
    const Operation pod{
        .kind = kindOf("", "v1", "Pod"), .otherVersions = {}, .subresource = {}, .verb = "UPDATE", .nameSpace = "d"};
    const auto all = rule("'*'", "'*'", "'*'", "'*'");
    const auto ofSpace = webhookOf(all + ", namespaceSelector: {matchLabels: {inject: \"yes\"}}");
    const api::Labels yes{{"inject", "yes"}};
    const api::Labels none;
    const auto user = auth::User::system("test");
    const Request request{.operation = pod, .name = "x", .user = user};
    EXPECT_TRUE(matches(ofSpace, request, {&yes, {}, {}}));
    EXPECT_FALSE(matches(ofSpace, request, {&none, {}, {}}));
    EXPECT_TRUE(matches(ofSpace, request, {nullptr, {}, {}}));
    const auto ofObject = webhookOf(all + ", objectSelector: {matchExpressions: [{key: inject, operator: Exists}]}");
    EXPECT_TRUE(matches(ofObject, request, {&none, yes, {}}));
    EXPECT_TRUE(matches(ofObject, request, {&none, {}, yes}));
    EXPECT_FALSE(matches(ofObject, request, {&none, {}, {}}));
}

TEST(Webhook, isAskedWithAnAdmissionReview)
{
    const Operation operation{.kind = kindOf("apps", "v1", "Deployment"),
                              .otherVersions = {},
                              .subresource = "status",
                              .verb = "UPDATE",
                              .nameSpace = "d"};
    auth::User user;
    user.name = "jane";
    user.groups = {"dev"};
    user.extra["team"] = {"a"};
    const api::Value now{{"metadata", {{"name", "web"}}}};
    const api::Value before{{"metadata", {{"name", "web"}, {"labels", {{"a", "b"}}}}}};
    const Request question{.operation = operation,
                           .name = "web",
                           .user = user,
                           .object = &now,
                           .before = &before,
                           .dryRun = true,
                           .fieldManager = "kubectl"};
    EXPECT_EQ(*api::parseJson(reviewText(question, "u-1")), *api::parseYaml(R"(
kind: AdmissionReview
apiVersion: admission.k8s.io/v1
request:
  uid: u-1
  kind: {group: apps, version: v1, kind: Deployment}
  resource: {group: apps, version: v1, resource: deployments}
  requestKind: {group: apps, version: v1, kind: Deployment}
  requestResource: {group: apps, version: v1, resource: deployments}
  subResource: status
  requestSubResource: status
  name: web
  namespace: d
  operation: UPDATE
  userInfo: {username: jane, groups: [dev], extra: {team: [a]}}
  object: {metadata: {name: web}}
  oldObject: {metadata: {name: web, labels: {a: b}}}
  dryRun: true
  options: {kind: UpdateOptions, apiVersion: meta.k8s.io/v1, dryRun: [All], fieldManager: kubectl}
)"));
}

std::string answered(Sort sort, std::string_view text)
{
    const auto answer = readAnswer(text, webhookOf("rules: []"), sort, "u");
    if (!answer)
        return "wrong: " + answer.error().message;
    if (!answer->allowed)
        return fmt::format("{} {}: {}", httpStatus(answer->refusal), reasonName(answer->refusal),
                           answer->refusal.message);
    std::string said = answer->patch ? "patch " + api::writeJson(*answer->patch) : "allowed";
    for (const auto& warning : answer->warnings)
        said += " warning " + warning;
    for (const auto& [name, value] : answer->auditAnnotations)
        said += fmt::format(" {}={}", name, value);
    return said;
}

TEST(Webhook, isUnderstoodOrRefused)
{
    const auto review = [](std::string_view response) {
        return fmt::format(R"({{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{}}})",
                           response);
    };
    const std::string denied = "admission webhook \"w.example.com\" denied the request";
    const auto patch = api::encodeBase64(R"([{"op":"add","path":"/a","value":1}])");
    struct Row {
        Sort sort;
        std::string text;
        std::string expected;
    };
    const auto mutating = Sort::Mutating;
    const auto validating = Sort::Validating;
    for (const auto& [sort, text, expected] : {
             Row{validating, review(R"({"uid":"u","allowed":true})"), "allowed"},
             Row{validating, review(R"({"uid":"u","allowed":true,"warnings":["old"],"auditAnnotations":{"k":"v"}})"),
                 "allowed warning old w.example.com/k=v"},
             Row{validating, review(R"({"uid":"u","allowed":false})"), "400 : " + denied + " without explanation"},
             Row{validating, review(R"({"uid":"u","allowed":false,"status":{"message":"no","code":403}})"),
                 "403 : " + denied + ": no"},
             Row{validating, review(R"({"uid":"u","allowed":false,"status":{"reason":"TooBlue","code":418}})"),
                 "418 TooBlue: " + denied + ": TooBlue"},
             Row{validating, review(R"({"uid":"u","allowed":false,"status":{"reason":"Conflict"}})"),
                 "400 Conflict: " + denied + ": Conflict"},
             Row{validating, review(R"({"uid":"u","allowed":false,"status":{"message":"no","code":200}})"),
                 "400 : " + denied + ": no"},
             Row{mutating,
                 review(fmt::format(R"({{"uid":"u","allowed":true,"patchType":"JSONPatch","patch":"{}"}})", patch)),
                 R"(patch [{"op":"add","path":"/a","value":1}])"},
             Row{validating,
                 review(fmt::format(R"({{"uid":"u","allowed":true,"patchType":"JSONPatch","patch":"{}"}})", patch)),
                 "wrong: validating webhook may not return response.patch"},
             Row{mutating, review(fmt::format(R"({{"uid":"u","allowed":true,"patch":"{}"}})", patch)),
                 "wrong: webhook returned response.patch but not response.patchType"},
             Row{mutating, review(R"({"uid":"u","allowed":true,"patchType":"JSONPatch"})"),
                 "wrong: webhook returned response.patchType but not response.patch"},
             Row{mutating,
                 review(fmt::format(R"({{"uid":"u","allowed":true,"patchType":"Merge","patch":"{}"}})", patch)),
                 "wrong: webhook returned invalid response.patchType of \"Merge\""},
             Row{mutating, review(R"({"uid":"u","allowed":true,"patchType":"JSONPatch","patch":"?"})"),
                 "wrong: webhook returned a response.patch that is not base64"},
             Row{validating, review(R"({"uid":"x","allowed":true})"), "wrong: expected response.uid=\"u\", got \"x\""},
             Row{validating, R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"})",
                 "wrong: webhook response was absent"},
             Row{validating, R"({"response":{"uid":"u","allowed":true}})",
                 "wrong: expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got /, Kind="},
         })
        EXPECT_EQ(answered(sort, text), expected) << text;
    EXPECT_TRUE(answered(validating, "<html>").starts_with("wrong: the answer is no AdmissionReview: "));
}

} // namespace
} // namespace keelson::webhooks
