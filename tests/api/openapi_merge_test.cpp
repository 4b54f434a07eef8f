// SPDX-License-Identifier: Apache-2.0
#include "api/openapi_merge.h"

#include "api/object_members.h"
#include "api/openapi.h"

#include <gtest/gtest.h>

namespace keelson::api {
namespace {

Value yaml(std::string_view text)
{
    auto value = parseYaml(text);
    EXPECT_TRUE(value) << value.error().message;
    return value ? *std::move(value) : Value{};
}

constexpr auto theirs = R"(
swagger: "2.0"
info: {title: Metrics, version: v1}
parameters:
  pretty-1: {name: pretty, in: query, type: string, uniqueItems: true}
  body-1: {name: body, in: body, required: true, schema: {$ref: '#/definitions/meta.Options'}}
paths:
  /apis/metrics.k8s.io/: {get: {operationId: group}}
  /apis/metrics.k8s.io/v1: {get: {operationId: resources}}
  /apis/metrics.k8s.io/v1/pods:
    parameters: [{$ref: '#/parameters/pretty-1'}]
    get:
      produces: [application/json]
      responses: {"200": {description: OK, schema: {$ref: '#/definitions/PodList'}}}
    delete:
      consumes: ['*/*']
      parameters: [{$ref: '#/parameters/body-1'}, {name: limit, in: query, type: integer, format: int32}]
      responses: {"401": {description: Unauthorized}}
  /apis/metrics.k8s.io/v1beta1/pods: {get: {responses: {"200": {schema: {$ref: '#/definitions/Old'}}}}}
  /apis/other.io/v1/things: {get: {responses: {"200": {schema: {$ref: '#/definitions/Thing'}}}}}
definitions:
  PodList: {type: object, properties: {items: {type: array, items: {$ref: '#/definitions/Pod'}}}}
  Pod: {type: object, properties: {usage: {description: What it takes., $ref: '#/definitions/meta.Usage'}},
    x-kubernetes-group-version-kind: [{group: metrics.k8s.io, version: v1, kind: Pod}]}
  meta.Options: {type: object, description: theirs,
    x-kubernetes-group-version-kind: [{group: '', version: v1, kind: Options}, {group: metrics.k8s.io, version: v1, kind: Options}]}
  meta.Usage: {type: object, additionalProperties: {type: string}}
  Old: {type: object}
  Thing: {type: object}
)";

std::string names(const Value& object)
{
    std::string text;
    for (const auto& member : object.as_object())
        text += std::string(member.key()) + " ";
    return text;
}

TEST(OpenApiMerge, takesOneGroupVersionAndWhatItNeeds)
{
    const auto part = openApiOfGroup(yaml(theirs), {"metrics.k8s.io", "v1"});
    ASSERT_TRUE(part) << part.error().message;
    EXPECT_EQ(names(part->at("paths")), "/apis/metrics.k8s.io/v1 /apis/metrics.k8s.io/v1/pods ");
    for (const auto* const name : {"PodList", "Pod", "meta.Options", "meta.Usage"})
        EXPECT_TRUE(part->at("definitions").as_object().contains(name)) << name;
    EXPECT_EQ(part->at("definitions").as_object().size(), 4);
    const auto& pods = part->at("paths").at("/apis/metrics.k8s.io/v1/pods");
    EXPECT_EQ(pods.at("parameters").at(0).at("name"), "pretty");
    EXPECT_EQ(pods.at("delete").at("parameters").at(0).at("schema").at("$ref"), "#/definitions/meta.Options");

    for (const auto* const bad : {"{}", "[]", "a", "{swagger: '3.0', paths: {}}"})
        EXPECT_FALSE(openApiOfGroup(yaml(bad), {"metrics.k8s.io", "v1"})) << bad;
    const auto odd =
        openApiOfGroup(yaml("{swagger: '2.0', definitions: 1, parameters: [], paths: {/apis/metrics.k8s.io/v1: 7, "
                            "/apis/metrics.k8s.io/v1/x: {parameters: [1, {$ref: '#/parameters/none'}], get: [{$ref: "
                            "'#/definitions/none'}]}}}"),
                       {"metrics.k8s.io", "v1"});
    ASSERT_TRUE(odd);
    EXPECT_EQ(names(odd->at("paths")), "/apis/metrics.k8s.io/v1/x ");
    EXPECT_NE(openApiV2Protobuf(*odd), "");
    EXPECT_EQ(writeJson(openApiThreeOf(*odd)).find("parameters"), std::string::npos);
}

TEST(OpenApiMerge, givesWhatDiffersAnotherName)
{
    auto whole = yaml(R"(
swagger: "2.0"
paths: {/api/v1/pods: {}, /apis/metrics.k8s.io/v1: {description: ours}}
definitions:
  Pod: {type: object, description: of core, x-kubernetes-group-version-kind: [{group: '', version: v1, kind: Pod}]}
  Pod_v2: {type: object, description: of another}
  meta.Options: {type: object, description: ours, x-kubernetes-group-version-kind: [{group: '', version: v1, kind: Options}]}
  meta.Usage: {type: object, additionalProperties: {type: string}}
)");
    const auto part = openApiOfGroup(yaml(theirs), {"metrics.k8s.io", "v1"});
    ASSERT_TRUE(part);
    mergeOpenApi(whole, *part);
    mergeOpenApi(whole, *part); // once more changes nothing
    EXPECT_EQ(names(whole.at("paths")), "/api/v1/pods /apis/metrics.k8s.io/v1 /apis/metrics.k8s.io/v1/pods ");
    EXPECT_EQ(whole.at("paths").at("/apis/metrics.k8s.io/v1").at("description"), "ours");
    const auto& definitions = whole.at("definitions");
    EXPECT_EQ(definitions.as_object().size(), 7) << writeJson(definitions);
    EXPECT_EQ(definitions.at("Pod").at("description"), "of core");
    EXPECT_TRUE(definitions.at("Pod_v3").at("properties").as_object().contains("usage"));
    EXPECT_EQ(writeJson(definitions.at("Pod_v3").at("x-kubernetes-group-version-kind")),
              R"([{"group":"metrics.k8s.io","version":"v1","kind":"Pod"}])");
    EXPECT_EQ(definitions.at("PodList").at("properties").at("items").at("items").at("$ref"), "#/definitions/Pod_v3");
    EXPECT_EQ(definitions.at("meta.Options_v2").at("description"), "theirs");
    // A kind has one definition: the first that stands for it.
    EXPECT_EQ(writeJson(definitions.at("meta.Options_v2").at("x-kubernetes-group-version-kind")),
              R"([{"group":"metrics.k8s.io","version":"v1","kind":"Options"}])");
}

TEST(OpenApiMerge, makesVersionThree)
{
    const auto part = openApiOfGroup(yaml(theirs), {"metrics.k8s.io", "v1"});
    ASSERT_TRUE(part);
    const auto three = openApiThreeOf(*part);
    EXPECT_EQ(three.at("openapi"), "3.0.0");
    EXPECT_EQ(names(three), "openapi info paths components ");
    const auto& schemas = three.at("components").at("schemas");
    EXPECT_EQ(writeJson(schemas.at("Pod").at("properties").at("usage")),
              R"({"description":"What it takes.","allOf":[{"$ref":"#/components/schemas/meta.Usage"}]})");
    const auto& pods = three.at("paths").at("/apis/metrics.k8s.io/v1/pods");
    EXPECT_EQ(writeJson(pods.at("parameters")),
              R"([{"name":"pretty","in":"query","schema":{"type":"string","uniqueItems":true}}])");
    EXPECT_EQ(writeJson(pods.at("get")), R"({"responses":{"200":{"description":"OK","content":{"application/json":)"
                                         R"({"schema":{"$ref":"#/components/schemas/PodList"}}}}}})");
    EXPECT_EQ(writeJson(pods.at("delete")),
              R"({"parameters":[{"name":"limit","in":"query","schema":{"type":"integer","format":"int32"}}],)"
              R"("responses":{"401":{"description":"Unauthorized"}},"requestBody":{"content":{"*/*":)"
              R"({"schema":{"$ref":"#/components/schemas/meta.Options"}}},"required":true}})");
}

} // namespace
} // namespace keelson::api
