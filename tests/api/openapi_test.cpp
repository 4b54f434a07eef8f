// SPDX-License-Identifier: Apache-2.0
#include "api/openapi.h"
#include "api/openapi_discovery.h"
#include "support/tree.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

namespace keelson::api {
namespace {

const Catalog& catalog()
{
    return Catalog::builtIn();
}

/// Calls `visit` for each object in the tree.
template <typename Visit>
void eachObject(const Value& value, const Visit& visit)
{
    if (const auto* array = value.if_array()) {
        for (const auto& each : *array)
            eachObject(each, visit);
    } else if (const auto* object = value.if_object()) {
        visit(*object);
        for (const auto& member : *object)
            eachObject(member.value(), visit);
    }
}

std::string readFile(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// One line for each entry of paths and schemas: changes of the contract show as small diffs.
std::string goldenText(const Value& document)
{
    std::string text;
    for (const auto& path : document.at("paths").get_object()) {
        for (const auto& call : path.value().get_object())
            text += fmt::format("{} {}: {}\n", std::string_view{path.key()}, std::string_view{call.key()},
                                writeJson(call.value()));
    }
    for (const auto& schema : document.at("components").at("schemas").get_object()) {
        auto rest = schema.value().get_object();
        const auto* properties = schema.value().get_object().if_contains("properties");
        if (properties)
            rest.erase("properties");
        text += fmt::format("{}: {}\n", std::string_view{schema.key()}, writeJson(rest));
        if (!properties)
            continue;
        for (const auto& property : properties->get_object())
            text += fmt::format("{}.{}: {}\n", std::string_view{schema.key()}, std::string_view{property.key()},
                                writeJson(property.value()));
    }
    return text;
}

/// KEELSON_REWRITE_GOLDENS=1 writes the files anew.
TEST(OpenApi, isTheGoldenOne)
{
    for (const auto& groupVersion : openApiGroupVersions(catalog())) {
        auto name = groupVersion.text();
        std::ranges::replace(name, '/', '_');
        const auto path = fmt::format("{}/tests/golden/openapi/{}.txt", support::sourceFolder(), name);
        const auto text = goldenText(openApiV3(catalog(), groupVersion));
        if (std::getenv("KEELSON_REWRITE_GOLDENS"))
            std::ofstream(path, std::ios::binary) << text;
        EXPECT_TRUE(readFile(path) == text) << path << " differs: look at the diff after KEELSON_REWRITE_GOLDENS=1";
    }
}

TEST(OpenApi, referencesHaveATarget)
{
    const auto check = [](const Value& document, const Value& definitions, std::string_view prefix) {
        eachObject(document, [&](const Object& object) {
            const auto* reference = object.if_contains("$ref");
            if (!reference || !reference->is_string())
                return;
            const std::string_view target = reference->get_string();
            ASSERT_TRUE(target.starts_with(prefix)) << target;
            EXPECT_TRUE(definitions.get_object().contains(target.substr(prefix.size()))) << target;
        });
    };
    for (const auto& groupVersion : openApiGroupVersions(catalog())) {
        const auto document = openApiV3(catalog(), groupVersion);
        check(document, document.at("components").at("schemas"), "#/components/schemas/");
    }
    for (const auto& name : openApiDiscoveryNames(catalog())) {
        const auto document = openApiV3Discovery(name);
        check(document, document.at("components").at("schemas"), "#/components/schemas/");
    }
    const auto document = openApiV2(catalog());
    check(document, document.at("definitions"), "#/definitions/");
}

TEST(OpenApi, tellsKubectlWhatItAsks)
{
    const auto document = openApiV3(catalog(), {"apps", "v1"});
    const auto& schemas = document.at("components").at("schemas");
    const auto& deployment = schemas.at("io.k8s.api.apps.v1.Deployment");
    EXPECT_EQ(writeJson(deployment.at("x-kubernetes-group-version-kind")),
              R"([{"group":"apps","kind":"Deployment","version":"v1"}])");
    const auto& containers = schemas.at("io.k8s.api.core.v1.PodSpec").at("properties").at("containers");
    EXPECT_EQ(containers.at("x-kubernetes-patch-merge-key"), "name");
    EXPECT_EQ(containers.at("x-kubernetes-patch-strategy"), "merge");
    const auto& ports = schemas.at("io.k8s.api.core.v1.Container").at("properties").at("ports");
    EXPECT_EQ(writeJson(ports.at("x-kubernetes-list-map-keys")), R"(["containerPort","protocol"])");
    const auto& strategy = schemas.at("io.k8s.api.apps.v1.DeploymentSpec").at("properties").at("strategy");
    EXPECT_EQ(strategy.at("x-kubernetes-patch-strategy"), "retainKeys");
    for (const char* name :
         {"io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", "io.k8s.apimachinery.pkg.api.resource.Quantity",
          "io.k8s.apimachinery.pkg.util.intstr.IntOrString", "io.k8s.apimachinery.pkg.apis.meta.v1.Time",
          "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions", "io.k8s.apimachinery.pkg.apis.meta.v1.Patch",
          "io.k8s.api.autoscaling.v1.Scale", "io.k8s.api.apps.v1.DeploymentList"})
        EXPECT_TRUE(schemas.get_object().contains(name)) << name;

    const auto& patch = document.at("paths").at("/apis/apps/v1/namespaces/{namespace}/deployments/{name}").at("patch");
    EXPECT_EQ(patch.at("x-kubernetes-group-version-kind").at("kind"), "Deployment");
    std::set<std::string> queries;
    for (const auto& parameter : patch.at("parameters").get_array())
        queries.emplace(parameter.at("name").get_string());
    EXPECT_EQ(queries, (std::set<std::string>{"dryRun", "fieldManager", "fieldValidation", "force"}));
    const auto types = [](const Value& operation) {
        std::string text;
        for (const auto& type : operation.at("responses").at("200").at("content").as_object())
            text += std::string(type.key()) + " ";
        return text;
    };
    const auto& collection = document.at("paths").at("/apis/apps/v1/namespaces/{namespace}/deployments");
    EXPECT_EQ(types(patch), "application/json application/yaml application/vnd.kubernetes.protobuf ");
    EXPECT_EQ(types(collection.at("get")), types(patch) + "application/json;stream=watch "
                                                          "application/vnd.kubernetes.protobuf;stream=watch ");
    EXPECT_TRUE(collection.at("post").at("requestBody").at("content").as_object().contains("*/*"));
    EXPECT_EQ(openApiV2(catalog()).at("securityDefinitions").at("BearerToken").at("in"), "header");
    EXPECT_TRUE(patch.at("requestBody").at("content").get_object().contains("application/strategic-merge-patch+json"));
    EXPECT_TRUE(
        document.at("paths").get_object().contains("/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale"));
    EXPECT_TRUE(document.at("paths").get_object().contains("/apis/apps/v1/deployments"));
}

TEST(OpenApi, operationsHaveDifferentIds)
{
    std::set<std::string> ids;
    eachObject(openApiV2(catalog()), [&](const Object& object) {
        if (const auto* id = object.if_contains("operationId"))
            EXPECT_TRUE(ids.emplace(id->get_string()).second) << *id;
    });
    EXPECT_TRUE(ids.contains("createCoreV1NamespacedPod"));
    EXPECT_TRUE(ids.contains("listCoreV1PodForAllNamespaces"));
    EXPECT_TRUE(ids.contains("readRbacAuthorizationV1ClusterRole"));
    for (const auto* const id :
         {"connectCoreV1GetNamespacedPodExec", "connectCoreV1PostNamespacedPodPortforward",
          "connectCoreV1DeleteNamespacedServiceProxyWithPath", "connectCoreV1GetNodeProxy",
          "readCoreV1NamespacedPodLog", "createCoreV1NamespacedPodBinding", "createCoreV1NamespacedPodEviction",
          "createCoreV1NamespacedServiceAccountToken", "replaceCoreV1NamespaceFinalize",
          "patchCoreV1NamespacedPodEphemeralcontainers", "replaceCertificatesV1CertificateSigningRequestApproval",
          "createAuthorizationV1NamespacedLocalSubjectAccessReview", "createAuthenticationV1TokenReview"})
        EXPECT_TRUE(ids.contains(id)) << id;
}

TEST(OpenApi, hasThePathsOfDiscovery)
{
    const auto names = openApiDiscoveryNames(catalog());
    for (const char* name : {"api", "apis", "apis/apps", "version", "openid/v1/jwks"})
        EXPECT_TRUE(std::ranges::find(names, name) != names.end()) << name;
    struct Row {
        const char* path;
        const char* id;
        const char* tag;
        const char* answer;
    };
    const auto versionTwo = openApiV2(catalog());
    for (const auto& [path, id, tag, answer] : {
             Row{"/api/", "getCoreAPIVersions", "core", "io.k8s.apimachinery.pkg.apis.meta.v1.APIVersions"},
             Row{"/api/v1/", "getCoreV1APIResources", "core_v1",
                 "io.k8s.apimachinery.pkg.apis.meta.v1.APIResourceList"},
             Row{"/apis/", "getAPIVersions", "apis", "io.k8s.apimachinery.pkg.apis.meta.v1.APIGroupList"},
             Row{"/apis/rbac.authorization.k8s.io/", "getRbacAuthorizationAPIGroup", "rbacAuthorization",
                 "io.k8s.apimachinery.pkg.apis.meta.v1.APIGroup"},
             Row{"/apis/apps/v1/", "getAppsV1APIResources", "apps_v1",
                 "io.k8s.apimachinery.pkg.apis.meta.v1.APIResourceList"},
             Row{"/version/", "getCodeVersion", "version", "io.k8s.apimachinery.pkg.version.Info"},
         }) {
        const auto& get = versionTwo.at("paths").at(path).at("get");
        EXPECT_EQ(stringAt(get, {"operationId"}), id);
        EXPECT_EQ(std::string_view(get.at("tags").at(0).get_string()), tag);
        EXPECT_EQ(stringAt(get, {"responses", "200", "schema", "$ref"}), std::string("#/definitions/") + answer);
    }
    const auto ofGroup = openApiV3Discovery("apis/apps");
    EXPECT_EQ(stringAt(ofGroup, {"paths", "/apis/apps/", "get", "responses", "200", "content", "application/json",
                                 "schema", "$ref"}),
              "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.APIGroup");
}

TEST(OpenApi, hasAProtobufForm)
{
    const auto document =
        parseJson(R"({"swagger":"2.0","info":{"title":"t","version":"v"},"paths":{"/x":{"get":{"x-a":{"b":1}}}},
        "definitions":{"d":{"type":"array","items":{"$ref":"#"}}}})");
    ASSERT_TRUE(document);
    const auto framed = [](std::string_view tag, const std::string& content) {
        return std::string{tag} + static_cast<char>(content.size()) + content;
    };
    const auto any = framed("\x12", R"({"b":1})");
    const auto operation = framed("\x6a", framed("\x0a", "x-a") + framed("\x12", any));
    const auto pathItem = framed("\x12", operation);
    const auto paths = framed("\x12", framed("\x0a", "/x") + framed("\x12", pathItem));
    const auto items = framed("\x0a", framed("\x0a", "#"));
    const auto schema = framed("\xb2\x01", framed("\x0a", "array")) + framed("\xba\x01", items);
    const auto definitions = framed("\x0a", framed("\x0a", "d") + framed("\x12", schema));
    EXPECT_EQ(openApiV2Protobuf(*document), framed("\x0a", "2.0") +
                                                framed("\x12", framed("\x0a", "t") + framed("\x12", "v")) +
                                                framed("\x42", paths) + framed("\x4a", definitions));
}

TEST(OpenApi, versionThreeHasAProtobufForm)
{
    const auto framed = [](std::string_view tag, const std::string& content) {
        return std::string{tag} + static_cast<char>(content.size()) + content;
    };
    const auto reference = framed("\x12", framed("\x0a", "#/d"));
    const auto content = [&](const std::string& schema) {
        return framed("\x0a", framed("\x0a", "a/b") + framed("\x12", framed("\x0a", schema)));
    };
    const auto extension = framed("\x0a", "x-a") + framed("\x12", framed("\x12", R"({"b":1})"));
    struct Row {
        const char* json;
        std::string message;
    };
    for (const auto& [json, message] : {
             Row{R"({"openapi":"3.0.0","info":{"title":"t","version":"v"}})",
                 framed("\x0a", "3.0.0") + framed("\x12", framed("\x0a", "t") + framed("\x32", "v"))},
             Row{R"({"paths":{"/x":{"get":{"x-a":{"b":1},"requestBody":{"content":{"a/b":{"schema":{"$ref":"#/d"}}}},
                 "responses":{"200":{"description":"o","content":{"a/b":{"schema":{"$ref":"#/d"}}}}}}}}})",
                 framed(
                     "\x22",
                     framed("\x0a",
                            framed("\x0a", "/x") +
                                framed("\x12",
                                       framed("\x22",
                                              framed("\x3a", framed("\x0a", framed("\x12", content(reference)))) +
                                                  framed("\x42",
                                                         framed("\x12",
                                                                framed("\x0a", "200") +
                                                                    framed("\x12",
                                                                           framed("\x0a",
                                                                                  framed("\x0a", "o") +
                                                                                      framed("\x1a",
                                                                                             content(reference)))))) +
                                                  framed("\x6a", extension)))))},
             Row{R"({"components":{"schemas":{"d":{"type":"object","default":"f","items":{"$ref":"#/d"},
                 "additionalProperties":true,"oneOf":[{"$ref":"#/d"}],"minLength":"no number"}}}})",
                 framed(
                     "\x2a",
                     framed("\x0a",
                            framed("\x0a",
                                   framed("\x0a", "d") +
                                       framed("\x12", framed("\x0a", framed("\xca\x01", "object") +
                                                                         framed("\xda\x01", reference) +
                                                                         framed("\xf2\x01", framed("\x0a", reference)) +
                                                                         framed("\x82\x02", std::string("\x10\x01")) +
                                                                         framed("\x8a\x02", framed("\x1a", "f")))))))},
         }) {
        const auto document = parseJson(json);
        ASSERT_TRUE(document) << json;
        EXPECT_EQ(openApiV3Protobuf(*document), message) << json;
    }
}

} // namespace
} // namespace keelson::api
