// SPDX-License-Identifier: Apache-2.0
#include "document/kinds.h"

#include "api/openapi.h"
#include "api/schema.h"
#include "api/validation.h"
#include "document/diagnostics.h"
#include "document/schema_walk.h"

#include <gmock/gmock.h>

namespace keelson::document {
namespace {

/// What a cluster says of a custom kind.
const std::string_view widgets = R"({"openapi":"3.0.0","paths":{
  "/apis/example.com/v1/namespaces/{namespace}/widgets":{"post":{"x-kubernetes-group-version-kind":
    {"group":"example.com","version":"v1","kind":"Widget"}}},
  "/apis/example.com/v1/namespaces/{namespace}/widgets/{name}/status":{"post":{}}},
  "components":{"schemas":{
    "com.example.v1.Widget":{"type":"object","required":["spec"],
      "x-kubernetes-group-version-kind":[{"group":"example.com","version":"v1","kind":"Widget"}],
      "properties":{"apiVersion":{"type":"string"},"kind":{"type":"string"},
        "metadata":{"allOf":[{"$ref":"#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}],"default":{}},
        "spec":{"type":"object","description":"What is wanted.","required":["size"],"properties":{
          "size":{"type":"integer","minimum":1,"maximum":9,"default":0},
          "mode":{"type":"string","enum":["fast","slow"]},
          "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
          "port":{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]},
          "odd":{"type":"string","pattern":"(?<broken"}}}}},
    "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta":{"type":"object","properties":{"name":{"type":"string"},
      "labels":{"type":"object","additionalProperties":{"type":"string","default":""}}}}}}})";

Kinds cluster()
{
    const std::vector<api::Value> documents{*api::parseJson(widgets),
                                            api::openApiV3(api::Catalog::builtIn(), {"apps", "v1"})};
    auto catalog = kindsOfOpenApi(documents);
    EXPECT_TRUE(catalog) << catalog.error().message;
    return Kinds(std::make_shared<const api::Catalog>(*std::move(catalog)));
}

std::string codes(const Kinds& kinds, const std::string& text)
{
    std::string all;
    for (const auto& found : diagnose(text, Tree::read(text), kinds))
        all += (all.empty() ? "" : " ") + std::to_string(found.line + 1) + ":" + found.code;
    return all;
}

} // namespace

TEST(Kinds, ofAClusterAreReadFromItsOpenApi)
{
    const auto kinds = cluster();
    const auto* widget = kinds.find("example.com/v1", "Widget");
    ASSERT_TRUE(widget);
    EXPECT_EQ(widget->plural, "widgets");
    EXPECT_TRUE(widget->namespaced);
    const std::string head = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\n";
    EXPECT_EQ(codes(kinds, head + "spec: {size: 3, mode: fast, free: {x: 1}, port: http}\n"), "");
    EXPECT_EQ(codes(kinds, head + "spec:\n  size: 3\n  mood: fast\n"), "6:unknown-field");
    EXPECT_EQ(codes(kinds, head + "spec:\n  size: ten\n"), "5:wrong-type");
    EXPECT_EQ(codes(kinds, head + "spec:\n  size: 10\n  mode: quick\n"), "5:invalid 6:invalid");
    EXPECT_EQ(codes(kinds, head + "spec: {}\n"), "4:invalid") << "size is required, whatever its default says";
    EXPECT_EQ(codes(Kinds(), head), "2:unknown-kind");
}

TEST(Kinds, ofAClusterKeepOurRules)
{
    const auto kinds = cluster();
    const auto* ours = Kinds::builtIn({"apps", "v1"}, "Deployment");
    ASSERT_NE(kinds.find("apps/v1", "Deployment"), ours);
    const std::string text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n"
                             "  selector: {matchLabels: {app: a}}\n  template:\n    metadata: {labels: {app: b}}\n"
                             "    spec: {containers: [{name: a, image: b}]}\n";
    EXPECT_EQ(codes(kinds, text), "7:invalid");
    EXPECT_EQ(codes(Kinds(), text), "7:invalid");
}

TEST(Kinds, eachOfOursSurvivesTheWayThroughOpenApi)
{
    std::vector<api::Value> documents;
    for (const auto& groupVersion : api::Catalog::builtIn().groupVersions())
        documents.push_back(api::openApiV3(api::Catalog::builtIn(), groupVersion));
    const auto catalog = kindsOfOpenApi(documents);
    ASSERT_TRUE(catalog) << catalog.error().message;
    for (const auto* kind : api::Catalog::builtIn().kinds()) {
        if (std::ranges::find(kind->verbs, "create") == kind->verbs.end() || kind->verbs.size() == 1)
            continue;
        const auto* read = catalog->find(kind->groupVersion, kind->kind);
        ASSERT_TRUE(read) << kind->kind;
        EXPECT_EQ(read->plural, kind->plural);
        EXPECT_EQ(read->namespaced, kind->namespaced) << kind->kind;
        EXPECT_EQ(read->schema->fields.size(), kind->schema->fields.size()) << kind->kind;
    }
}

TEST(Kinds, nothingToReadIsARefusal)
{
    EXPECT_FALSE(kindsOfOpenApi({}));
    const std::vector<api::Value> empty{api::Value(api::Object{})};
    EXPECT_FALSE(kindsOfOpenApi(empty));
}

TEST(SchemaWalk, findsWrongTypesAndWhatWasMeant)
{
    const auto* kind = Kinds::builtIn({"apps", "v1"}, "Deployment");
    const auto wrong = wrongTypes(*kind, *api::parseYaml("{spec: {replicas: '3', paused: 'true', template: {spec: "
                                                         "{containers: {name: a}, nodeName: 5}}}}"));
    std::vector<std::string> shown;
    for (const auto& one : wrong)
        shown.push_back(pathText(one.path) + ": " + one.message +
                        (one.converted ? " -> " + api::writeJson(*one.converted) : ""));
    EXPECT_THAT(shown,
                testing::ElementsAre("spec.replicas: an integer is wanted, not a text -> 3",
                                     "spec.paused: true or false is wanted, not a text -> true",
                                     R"(spec.template.spec.containers: a list is wanted, not a map -> [{"name":"a"}])",
                                     R"(spec.template.spec.nodeName: a text is wanted, not a number -> "5")"));
    EXPECT_EQ(schemaAt(*kind, parsePath("spec.nothing.there")), nullptr);
    EXPECT_EQ(typeWords(*schemaAt(*kind, parsePath("spec.template.spec.containers"))), "list of map");
}

} // namespace keelson::document
