// SPDX-License-Identifier: Apache-2.0
#include "api/apps_v1.h"
#include "api/coordination_v1.h"
#include "api/core_v1.h"
#include "api/discovery_v1.h"
#include "api/rbac_v1.h"
#include "api/schema.h"

#include <gtest/gtest.h>

#include <set>

namespace keelson::api {
namespace {

constexpr auto listMeta = R"({"package":"meta/v1","definitions":{"ListMeta":{"type":"object"}}})";

Result<Catalog> load(std::string_view yaml)
{
    const std::vector<Value> documents{parseJson(listMeta).value(), parseYaml(yaml).value()};
    return Catalog::fromDocuments(documents);
}

TEST(Catalog, readsAKind)
{
    const auto catalog = load(R"(
group: example.org
version: v1
names: {kind: Box, plural: boxes, singular: box, shortNames: [bx]}
scope: Namespaced
verbs: [get, list]
subresources: {status: {}, scale: {specReplicasPath: .spec.replicas}, open: {}}
columns: [{name: Size, type: integer, jsonPath: .spec.size, priority: 1}]
schema:
  type: object
  properties:
    spec: {x-keelson-proto: 2, $ref: BoxSpec, x-keelson-rules: [fits]}
definitions:
  BoxSpec:
    type: object
    required: [size]
    x-keelson-inline:
      - {x-keelson-proto: 3, $ref: Lid}
    properties:
      size: {x-keelson-proto: 1, type: integer, format: int32, minimum: 1, default: 5, x-keelson-unit: cm, description: How wide it is.}
      inner: {x-keelson-proto: 2, type: array, items: {$ref: BoxSpec}}
  Lid:
    type: object
    properties:
      colour: {x-keelson-proto: 7, type: string, enum: [red, blue]}
)")
                             .value();
    const auto* kind = catalog.findPlural({"example.org", "v1"}, "boxes");
    ASSERT_NE(kind, nullptr);
    EXPECT_EQ(kind, catalog.find({"example.org", "v1"}, "Box"));
    EXPECT_EQ(kind->resourceName(), "boxes.example.org");
    EXPECT_TRUE(kind->hasStatus);
    EXPECT_EQ(kind->scale->specReplicasPath, ".spec.replicas");
    EXPECT_EQ(kind->otherSubresources, std::vector<std::string>{"open"});
    EXPECT_EQ(kind->columns.at(0).priority, 1);

    EXPECT_NE(kind->schema->field("apiVersion"), nullptr);
    const auto* spec = kind->schema->field("spec")->schema;
    EXPECT_EQ(spec->name, "example/v1/BoxSpec");
    EXPECT_EQ(spec->rules, std::vector<std::string>{"fits"});
    const auto* size = spec->field("size");
    EXPECT_TRUE(size->required);
    EXPECT_EQ(*size->defaultValue, Value(5));
    EXPECT_EQ(size->unit, "cm");
    EXPECT_EQ(size->schema->minimum, 1);
    const auto* colour = spec->field("colour");
    EXPECT_EQ(colour->protoPath, std::vector<int>{3});
    EXPECT_EQ(colour->protoNumber, 7);
    EXPECT_EQ(spec->field("inner")->schema->items, catalog.findDefinition("example/v1/BoxSpec"));
    EXPECT_TRUE(catalog.findDefinition("example/v1/BoxSpec")->rules.empty());
    EXPECT_EQ(catalog.findDefinition("example/v1/BoxList")->field("items")->protoNumber, 2);
    EXPECT_EQ(spec->field("nothing"), nullptr);
}

TEST(Catalog, namesThePlaceOfAMistake)
{
    const std::pair<std::string, std::string> rows[] = {
        {"A: {type: object, properties: {b: {typ: string}}}", "x/v1/A.b: unknown type \"\""},
        {"A: {type: object, properties: {b: {type: string, colour: red}}}", "x/v1/A.b: unknown word \"colour\""},
        {"A: {type: object, properties: {b: {$ref: C}}}", "x/v1/A.b: refers to \"x/v1/C\", which is not defined"},
        {"A: {type: object, required: [c]}", "x/v1/A: requires \"c\", which it does not have"},
        {"A: {type: object, x-keelson-inline: [{$ref: A}]}", "x/v1/A: is a part of itself"},
        {"A: {type: object, properties: {b: {type: string, minLength: x}}}", "x/v1/A.b: minLength wants an integer"},
        {"A: {type: object, properties: {b: {type: array}}}", "x/v1/A.b: an array wants items"},
    };
    for (const auto& [definition, message] : rows) {
        const auto catalog = load("group: x\nversion: v1\ndefinitions:\n  " + definition);
        ASSERT_FALSE(catalog.has_value()) << definition;
        EXPECT_EQ(catalog.error().message, message);
    }
}

TEST(Catalog, hasTheBuiltInKinds)
{
    const auto& catalog = Catalog::builtIn();
    std::string text;
    for (const auto& groupVersion : catalog.groupVersions())
        text += groupVersion.text() + " ";
    EXPECT_EQ(
        text,
        "v1 admissionregistration.k8s.io/v1 apiextensions.k8s.io/v1 apiregistration.k8s.io/v1 apps/v1 "
        "autoscaling/v2 autoscaling/v1 batch/v1 certificates.k8s.io/v1 coordination.k8s.io/v1 discovery.k8s.io/v1 "
        "events.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1 networking.k8s.io/v1 node.k8s.io/v1 policy/v1 "
        "rbac.authorization.k8s.io/v1 scheduling.k8s.io/v1 storage.k8s.io/v1 ");
    EXPECT_EQ(kindOf<Deployment>().plural, "deployments");
    EXPECT_EQ(kindOf<Lease>().groupVersion.text(), "coordination.k8s.io/v1");
    EXPECT_EQ(catalog.groupVersionOf("authorization/v1/SubjectAccessReview")->text(), "authorization.k8s.io/v1");
    EXPECT_EQ(catalog.kinds().size(), 52U);
    EXPECT_EQ(kindOf<Pod>().schema->field("spec")->schema->field("containers")->schema->patchMergeKey, "name");
}

TEST(Catalog, describesEveryTypeAndField)
{
    for (const auto& [name, schema] : Catalog::builtIn().definitions()) {
        EXPECT_TRUE(schema->description.ends_with('.')) << name;
        for (const auto& field : schema->fields)
            EXPECT_TRUE(field.description.ends_with('.')) << name << "." << field.name;
    }
}

TEST(Catalog, givesEveryFieldItsNumber)
{
    for (const auto& [name, schema] : Catalog::builtIn().definitions()) {
        std::set<std::pair<std::vector<int>, int>> numbers;
        for (const auto& field : schema->fields) {
            if (schema->envelope && (field.name == "apiVersion" || field.name == "kind"))
                continue;
            EXPECT_GT(field.protoNumber, 0) << name << "." << field.name;
            EXPECT_TRUE(numbers.emplace(field.protoPath, field.protoNumber).second) << name << "." << field.name;
        }
    }
}

TEST(Structs, readAndWriteDocuments)
{
    const auto document = parseYaml(R"(
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}
  creationTimestamp: 2026-01-31T12:00:00Z
  deletionGracePeriodSeconds: 0
spec:
  volumes:
  - name: data
    emptyDir: {sizeLimit: 1Gi}
  containers:
  - name: c
    image: web:1
    ports: [{containerPort: 80}]
    resources: {limits: {cpu: 500m}}
    livenessProbe: {httpGet: {path: /, port: http}, periodSeconds: 5}
)")
                              .value();
    const auto pod = fromJson<Pod>(document).value();
    EXPECT_EQ(pod.metadata.labels.at("app"), "web");
    EXPECT_EQ(pod.metadata.deletionGracePeriodSeconds, 0);
    EXPECT_EQ(pod.spec.containers.at(0).ports.at(0).containerPort, 80);
    EXPECT_EQ(pod.spec.containers.at(0).resources.limits.at("cpu").milli(), 500);
    EXPECT_TRUE(pod.spec.containers.at(0).livenessProbe->httpGet->port.isString);
    EXPECT_EQ(pod.spec.volumes.at(0).emptyDir->sizeLimit->text(), "1Gi");
    EXPECT_EQ(fromJson<Pod>(toJson(pod)).value(), pod);
    EXPECT_EQ(toJson(pod), document) << writeJson(toJson(pod));
}

TEST(Structs, passOverWhatTheyDoNotKnowAndNulls)
{
    const auto config =
        fromJson<ConfigMap>(parseJson(R"({"data":null,"new":1,"binaryData":{"x":"AAH/"}})").value()).value();
    EXPECT_EQ(config.binaryData.at("x"), std::string("\0\1\xff", 3));
    EXPECT_EQ(writeJson(toJson(config)), R"({"apiVersion":"v1","kind":"ConfigMap","binaryData":{"x":"AAH/"}})");
}

TEST(Structs, nameTheMemberThatDoesNotFit)
{
    const std::pair<std::string, std::string> rows[] = {
        {R"({"spec":{"replicas":"3"}})", "spec.replicas: an integer is wanted, not a string"},
        {R"({"spec":{"replicas":3000000000}})", "spec.replicas: 3000000000 is out of range"},
        {R"({"spec":{"template":{"spec":{"containers":[{},{"name":1}]}}}})",
         "spec.template.spec.containers[1].name: a string is wanted, not a number"},
        {R"({"metadata":{"labels":{"a":{}}}})", "metadata.labels.a: a string is wanted, not an object"},
        {R"({"metadata":{"creationTimestamp":"noon"}})",
         "metadata.creationTimestamp: \"noon\" is not an RFC 3339 time"},
        {R"([])", "an object is wanted, not an array"},
    };
    for (const auto& [text, message] : rows) {
        const auto deployment = fromJson<Deployment>(parseJson(text).value());
        ASSERT_FALSE(deployment.has_value()) << text;
        EXPECT_EQ(deployment.error().message, message);
    }
}

} // namespace
} // namespace keelson::api
