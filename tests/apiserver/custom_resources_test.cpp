// SPDX-License-Identifier: Apache-2.0
#include "apiserver/served_cluster.h"

#include "customresources/definition_status.h"

namespace keelson::apiserver {
namespace {

constexpr std::string_view definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
constexpr std::string_view crontabs = R"({
"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
"metadata": {"name": "crontabs.stable.example.com"},
"spec": {"group": "stable.example.com", "scope": "Namespaced",
  "names": {"plural": "crontabs", "kind": "CronTab", "shortNames": ["ct"], "categories": ["all"]},
  "versions": [{"name": "v1", "served": true, "storage": true,
    "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas",
      "labelSelectorPath": ".status.labelSelector"}},
    "additionalPrinterColumns": [{"name": "Spec", "type": "string", "jsonPath": ".spec.cronSpec"},
      {"name": "Replicas", "type": "integer", "jsonPath": ".spec.replicas"},
      {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}],
    "schema": {"openAPIV3Schema": {"type": "object", "description": "A table of jobs.", "properties": {
      "spec": {"type": "object", "properties": {
        "cronSpec": {"type": "string", "pattern": "^(\\S+\\s){4}\\S+$"},
        "replicas": {"type": "integer", "minimum": 1, "maximum": 10, "default": 1},
        "port": {"x-kubernetes-int-or-string": true}}},
      "status": {"type": "object", "properties": {"replicas": {"type": "integer"}, "labelSelector": {"type": "string"}}}
}}}}]}})";

class CustomResources : public ServedCluster {
protected:
    void establish(std::string_view text, std::string_view name)
    {
        const auto made = admin().ask("POST", std::string(definitions), std::string(text));
        ASSERT_EQ(made.status, 201) << made.body;
        const auto accepted = customresources::withAcceptedNames(json(made.body), {}, m_clock.wall());
        const auto reply = admin().ask("PUT", fmt::format("{}/{}/status", definitions, name), api::writeJson(accepted));
        ASSERT_EQ(reply.status, 200) << reply.body;
    }
    HttpsClient::Reply post(std::string_view body)
    {
        return admin().ask("POST", "/apis/stable.example.com/v1/namespaces/default/crontabs", std::string(body));
    }
};

TEST_F(CustomResources, areServedAsOtherKindsAre)
{
    EXPECT_EQ(admin().ask("GET", "/apis/stable.example.com/v1").status, 404);
    establish(crontabs, "crontabs.stable.example.com");
    const auto list = json(admin().ask("GET", "/apis/stable.example.com/v1").body);
    EXPECT_EQ(api::stringAt(list.at("resources").at(0), {"kind"}), "CronTab");
    EXPECT_EQ(list.at("resources").as_array().size(), 3U); // and scale and status
    const auto group = json(admin().ask("GET", "/apis/stable.example.com").body);
    EXPECT_EQ(api::stringAt(group, {"preferredVersion", "version"}), "v1");
    EXPECT_EQ(post(R"({"apiVersion": "stable.example.com/v1", "kind": "CronTab", "metadata": {"name": "a"},
                       "spec": {"cronSpec": "* * * * */5", "port": "http"}})")
                  .status,
              201);
    const auto refused = post(R"({"metadata": {"name": "b"}, "spec": {"cronSpec": "never", "replicas": 11}})");
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(
        message(refused),
        "CronTab.stable.example.com \"b\" is invalid: [spec.cronSpec: Invalid value: \"never\": spec.cronSpec in "
        "body should match '^(\\S+\\s){4}\\S+$', spec.replicas: Invalid value: 11: spec.replicas in body should be "
        "less than or equal to 10]");
}

TEST_F(CustomResources, areShownInTables)
{
    establish(crontabs, "crontabs.stable.example.com");
    ASSERT_EQ(post(R"({"metadata": {"name": "a"}, "spec": {"cronSpec": "* * * * *"}})").status, 201);
    const auto table = json(admin()
                                .ask("GET", "/apis/stable.example.com/v1/crontabs", {},
                                     {"Accept: application/json;as=Table;v=v1;g=meta.k8s.io"})
                                .body);
    std::string heads;
    for (const auto& column : table.at("columnDefinitions").as_array())
        heads += std::string(api::stringAt(column, {"name"})) + " ";
    EXPECT_EQ(heads, "Name Spec Replicas Age ");
    EXPECT_EQ(api::writeJson(table.at("rows").at(0).at("cells").at(1)), R"("* * * * *")");
    EXPECT_EQ(api::writeJson(table.at("rows").at(0).at("cells").at(2)), "1");
}

TEST_F(CustomResources, arePartOfOpenApi)
{
    const auto etag = [&] { return std::string(admin().ask("GET", "/openapi/v2").headers.get("ETag")); };
    const auto before = etag();
    establish(crontabs, "crontabs.stable.example.com");
    EXPECT_NE(etag(), before);
    const auto three = json(admin().ask("GET", "/openapi/v3/apis/stable.example.com/v1").body);
    const auto* schema = api::find(three, {"components", "schemas", "com.example.stable.v1.CronTab"});
    ASSERT_TRUE(schema);
    EXPECT_EQ(api::stringAt(*schema, {"description"}), "A table of jobs.");
    EXPECT_EQ(api::integerAt(*schema, {"properties", "spec", "properties", "replicas", "maximum"}), 10);
    EXPECT_TRUE(api::find(three, {"components", "schemas", "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}));
    EXPECT_TRUE(
        api::find(three, {"paths", "/apis/stable.example.com/v1/namespaces/{namespace}/crontabs/{name}/scale"}));
    const auto* patch = api::find(three, {"paths", "/apis/stable.example.com/v1/namespaces/{namespace}/crontabs/{name}",
                                          "patch", "requestBody", "content"});
    ASSERT_TRUE(patch);
    EXPECT_EQ(patch->as_object().size(), 3U);
    EXPECT_FALSE(api::find(*patch, {"application/strategic-merge-patch+json"})) << "kubectl would send one";
    const auto two = json(admin().ask("GET", "/openapi/v2").body);
    const auto* older = api::find(two, {"definitions", "com.example.stable.v1.CronTab"});
    ASSERT_TRUE(older);
    EXPECT_EQ(api::writeJson(*api::find(*older, {"properties", "spec", "properties", "port"})),
              R"({"x-kubernetes-int-or-string":true})");
    EXPECT_EQ(admin()
                  .ask("GET", "/openapi/v2", {}, {"Accept: application/com.github.proto-openapi.spec.v2@v1.0+protobuf"})
                  .status,
              200);
}

TEST_F(CustomResources, haveJsonAlone)
{
    establish(crontabs, "crontabs.stable.example.com");
    ASSERT_EQ(post(R"({"metadata": {"name": "a"}, "spec": {"cronSpec": "* * * * *"}})").status, 201);
    const std::string path = "/apis/stable.example.com/v1/namespaces/default/crontabs/a";
    EXPECT_EQ(admin().ask("GET", path, {}, {"Accept: application/vnd.kubernetes.protobuf"}).status, 406);
    EXPECT_EQ(admin().ask("GET", path, {}, {"Accept: application/vnd.kubernetes.protobuf,application/json"}).status,
              200);
    const auto strategic = admin().ask("PATCH", path, R"({"spec":{"replicas":2}})",
                                       {"Content-Type: application/strategic-merge-patch+json"});
    EXPECT_EQ(strategic.status, 415);
    EXPECT_EQ(message(strategic), "the body of the request was in an unknown format - accepted media types include: "
                                  "application/json-patch+json, application/merge-patch+json, "
                                  "application/apply-patch+yaml");
    const auto scale = admin().ask("PATCH", path + "/scale", R"({"spec":{"replicas":2}})",
                                   {"Content-Type: application/merge-patch+json"});
    EXPECT_EQ(scale.status, 200) << scale.body;
    EXPECT_EQ(api::integerAt(json(admin().ask("GET", path).body), {"spec", "replicas"}), 2);
}

TEST_F(CustomResources, sayWhichVersionIsToGoAndHowTheirListsAreCalled)
{
    auto two = json(std::string(crontabs));
    api::objectAt(two, {"spec", "names"})["listKind"] = "CronTabs";
    auto& versions = two.at("spec").at("versions").as_array();
    auto newer = versions.front();
    newer.as_object()["name"] = "v2";
    newer.as_object()["storage"] = false;
    versions.front().as_object()["deprecated"] = true;
    versions.push_back(std::move(newer));
    establish(api::writeJson(two), "crontabs.stable.example.com");
    const auto older = admin().ask("GET", "/apis/stable.example.com/v1/crontabs");
    EXPECT_EQ(older.headers.get("Warning"),
              "299 - \"stable.example.com/v1 CronTab is deprecated; use stable.example.com/v2 CronTab\"");
    EXPECT_EQ(api::stringAt(json(older.body), {"kind"}), "CronTabs");
    const auto list = admin().ask("GET", "/apis/stable.example.com/v2/crontabs");
    EXPECT_FALSE(list.headers.has("Warning"));
    EXPECT_EQ(api::stringAt(json(list.body), {"kind"}), "CronTabs");
    EXPECT_EQ(api::stringAt(json(list.body), {"apiVersion"}), "stable.example.com/v2");
}

TEST_F(CustomResources, areGuardedByRolesAsAnyKind)
{
    establish(crontabs, "crontabs.stable.example.com");
    const std::string path = "/apis/stable.example.com/v1/namespaces/default/crontabs";
    const auto refused = jane().ask("GET", path);
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(message(refused), "crontabs.stable.example.com is forbidden: User \"jane\" cannot list resource "
                                "\"crontabs\" in API group \"stable.example.com\" in the namespace \"default\"");
}

} // namespace
} // namespace keelson::apiserver
