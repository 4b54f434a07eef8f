// SPDX-License-Identifier: Apache-2.0
#include "registry/custom_cluster.h"

namespace keelson::registry {
namespace {

TEST_F(Custom, isServedWhenTheDefinitionIsEstablished)
{
    EXPECT_EQ(outcome(create("CustomResourceDefinition", widgets)), "ok");
    EXPECT_EQ(widget(), nullptr);
    EXPECT_EQ(at(get("CustomResourceDefinition", "widgets.example.org"), {"status"}),
              R"({"acceptedNames":{"plural":"","kind":""},"storedVersions":["v1"]})");
    EXPECT_EQ(define(widgets), "ok");
    ASSERT_NE(widget(), nullptr);
    EXPECT_EQ(outcome(make("{metadata: {name: a}, spec: {color: red}}")), "ok");
    EXPECT_EQ(at(read("a"), {"spec"}), R"({"color":"red","size":3})");
    EXPECT_EQ(at(read("a"), {"metadata", "generation"}), "1");
}

TEST_F(Custom, refusesWhatTheSchemaDoesNotAllow)
{
    ASSERT_EQ(define(widgets), "ok");
    const auto refused = make("{metadata: {name: a}, spec: {size: 0, color: 1}}");
    EXPECT_EQ(
        outcome(refused),
        "Invalid: Widget.example.org \"a\" is invalid: [spec.color: Invalid value: \"integer\": spec.color in body "
        "must be of type string: \"integer\", spec.size: Invalid value: 0: spec.size in body should be greater "
        "than or equal to 1]");
    context.fieldValidation = FieldValidation::Strict;
    EXPECT_EQ(
        outcome(make("{metadata: {name: a}, spec: {colour: red}}")),
        "BadRequest: Widget in version \"v1\" cannot be handled as a Widget: strict decoding error: unknown field "
        "\"spec.colour\"");
    context.fieldValidation = FieldValidation::Ignore;
    EXPECT_EQ(outcome(make("{metadata: {name: a}, spec: {colour: red}}")), "ok");
    EXPECT_EQ(at(read("a"), {"spec"}), R"({"size":3})");
    EXPECT_EQ(outcome(make("{metadata: {name: A_b}}")).substr(0, 68),
              "Invalid: Widget.example.org \"A_b\" is invalid: metadata.name: Invalid");
}

TEST_F(Custom, refusesADefinitionWithABadSchema)
{
    EXPECT_EQ(define(changed(widgets, "type: integer, minimum: 1", "type: int, minimum: 1")),
              "Invalid: CustomResourceDefinition.apiextensions.k8s.io \"widgets.example.org\" is invalid: "
              "spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[size].type: Unsupported value: "
              "\"int\": supported values: \"array\", \"boolean\", \"integer\", \"number\", \"object\", \"string\"");
}

TEST_F(Custom, countsGenerationsOfAllButStatus)
{
    ASSERT_EQ(define(widgets), "ok");
    ASSERT_EQ(outcome(make("{metadata: {name: a}, spec: {}}")), "ok");
    const ObjectKey a{"default", "a"};
    const auto merge = [&](std::string_view patch, std::string_view subresource = {}) {
        return outcome(registry->patch(context, *widget(), a, subresource, api::PatchType::Merge, document(patch)));
    };
    EXPECT_EQ(merge("{status: {size: 2}}"), "ok");
    EXPECT_EQ(at(read("a"), {"status"}), "");
    EXPECT_EQ(merge("{status: {size: 2}, spec: {size: 9}}", "status"), "ok");
    EXPECT_EQ(at(read("a"), {"status"}) + at(read("a"), {"spec"}), R"({"size":2}{"size":3})");
    EXPECT_EQ(at(read("a"), {"metadata", "generation"}), "1");
    EXPECT_EQ(merge("{metadata: {labels: {l: x}}}"), "ok");
    EXPECT_EQ(at(read("a"), {"metadata", "generation"}), "1");
    EXPECT_EQ(merge("{spec: {size: 4}}"), "ok");
    EXPECT_EQ(at(read("a"), {"metadata", "generation"}), "2");
    const auto scale = registry->scale(*widget(), a);
    ASSERT_TRUE(scale);
    EXPECT_EQ(at(*scale, {"spec"}) + at(*scale, {"status"}), R"({"replicas":4}{"replicas":2})");
}

TEST_F(Custom, selectsByFields)
{
    ASSERT_EQ(define(widgets), "ok");
    ASSERT_EQ(outcome(make("{metadata: {name: a}, spec: {color: red}}")), "ok");
    ASSERT_EQ(outcome(make("{metadata: {name: b}, spec: {color: blue}}")), "ok");
    ListOptions options;
    options.fields = *api::FieldSelector::parse("spec.color=blue");
    const auto list = registry->list(*widget(), options);
    ASSERT_EQ(list->objects.size(), 1U);
    EXPECT_EQ(list->objects.front()->key.name, "b");
    options.fields = *api::FieldSelector::parse("spec.size=3");
    EXPECT_EQ(outcome(registry->list(*widget(), options)), "BadRequest: field label not supported: spec.size");
}

TEST_F(Custom, appliesByTheListsOfItsSchema)
{
    ASSERT_EQ(define(widgets), "ok");
    const ObjectKey a{"default", "a"};
    const auto apply = [&](std::string manager, std::string_view parts) {
        auto writer = context;
        writer.fieldManager = std::move(manager);
        return outcome(registry->patch(
            writer, *widget(), a, {}, api::PatchType::Apply,
            document(
                fmt::format("{{apiVersion: example.org/v1, kind: Widget, metadata: {{name: a, namespace: default}}, "
                            "spec: {{parts: {}}}}}",
                            parts))));
    };
    EXPECT_EQ(apply("one", "[{name: x, count: 1}]"), "ok");
    EXPECT_EQ(apply("two", "[{name: z, count: 2}]"), "ok");
    EXPECT_EQ(at(read("a"), {"spec", "parts"}), R"([{"count":1,"name":"x"},{"count":2,"name":"z"}])");
    EXPECT_EQ(apply("two", "[{name: x, count: 7}]").substr(0, 8), "Conflict");
    EXPECT_EQ(apply("one", "[]"), "ok");
    EXPECT_EQ(at(read("a"), {"spec", "parts"}), R"([{"count":2,"name":"z"}])");
}

TEST_F(Custom, followsItsSchemaAndSurvivesARestart)
{
    ASSERT_EQ(define(widgets), "ok");
    ASSERT_EQ(outcome(make("{metadata: {name: a}, spec: {color: red}}")), "ok");
    const auto heard = std::make_shared<Heard>();
    const auto watch = registry->watch(*widget(), {}, heard);
    ASSERT_TRUE(watch);
    const auto other = changed(changed(widgets, "color: {type: string}", "shade: {type: string, default: dark}"),
                               "selectableFields: [{jsonPath: .spec.color}]", "deprecated: false");
    ASSERT_EQ(define(other), "ok");
    EXPECT_EQ(heard->text(), "+a !Expired");
    EXPECT_EQ(at(read("a"), {"spec"}), R"({"shade":"dark","size":3})");
    restart();
    EXPECT_EQ(at(read("a"), {"spec"}), R"({"shade":"dark","size":3})");
    ASSERT_EQ(define(widgets), "ok"); // what was stored is still there
    EXPECT_EQ(at(read("a"), {"spec"}), R"({"color":"red","size":3})");
}

TEST_F(Custom, isServedInSeveralVersions)
{
    ASSERT_EQ(define(widgets), "ok");
    ASSERT_EQ(outcome(make("{metadata: {name: a}, spec: {color: red}}")), "ok");
    const auto two = std::string(widgets) + R"(
  - name: v2
    served: true
    storage: false
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer},
      height: {type: integer}}}}}}
)";
    ASSERT_EQ(define(two), "ok");
    EXPECT_EQ(at(read("a", "v2"), {"apiVersion"}) + at(read("a", "v2"), {"spec"}), R"(example.org/v2{"size":3})");
    const auto heard = std::make_shared<Heard>();
    const auto watch = registry->watch(*widget("v1"), {}, heard);
    ASSERT_EQ(outcome(make("{metadata: {name: b}, spec: {size: 5, height: 1}}", "v2")), "ok");
    EXPECT_EQ(heard->text(), "+a +b");
    EXPECT_EQ(at(read("b"), {"apiVersion"}) + at(read("b"), {"spec"}), R"(example.org/v1{"size":5})");
    const auto record = store.get("/registry/example.org/widgets/default/b");
    ASSERT_TRUE(record);
    EXPECT_TRUE(record->value.contains(R"("apiVersion":"example.org/v1")")) << record->value;
}

TEST_F(Custom, endsWithItsDefinition)
{
    ASSERT_EQ(define(widgets), "ok");
    ASSERT_EQ(outcome(make("{metadata: {name: a, finalizers: [widgets.example.org]}}")), "ok");
    const auto kind = widget(); // as a request that began before has it
    const auto gone = remove("CustomResourceDefinition", "widgets.example.org");
    ASSERT_TRUE(gone) << gone.error().message;
    EXPECT_FALSE(gone->gone);
    const auto definition = get("CustomResourceDefinition", "widgets.example.org");
    EXPECT_EQ(at(definition, {"metadata", "finalizers"}), R"(["customresourcecleanup.apiextensions.k8s.io"])");
    EXPECT_TRUE(customresources::holds(definition, "Terminating"));
    EXPECT_EQ(outcome(make("{metadata: {name: b}}")),
              "MethodNotAllowed: create not allowed while custom resource definition is terminating");
    EXPECT_EQ(outcome(merge("CustomResourceDefinition", "widgets.example.org", "{metadata: {labels: {a: b}}}")), "ok");
    EXPECT_EQ(outcome(registry->remove(context, *kind, {"default", "a"}, {})), "ok");
    EXPECT_EQ(outcome(merge("CustomResourceDefinition", "widgets.example.org", "{metadata: {finalizers: []}}")), "ok");
    EXPECT_EQ(widget(), nullptr);
    EXPECT_EQ(outcome(registry->get(*kind, {"default", "a"})),
              "MethodNotAllowed: objects of widgets.example.org are not stored");
}

TEST_F(Custom, objectsThatOutliveTheirDefinitionShowWithTheNext)
{
    ASSERT_EQ(outcome(create("ResourceQuota", "{metadata: {name: few}, spec: {hard: {count/widgets.example.org: 3}}}")),
              "ok");
    const auto end = [&] {
        ASSERT_TRUE(remove("CustomResourceDefinition", "widgets.example.org"));
        ASSERT_EQ(outcome(merge("CustomResourceDefinition", "widgets.example.org", "{metadata: {finalizers: []}}")),
                  "ok");
        ASSERT_EQ(widget(), nullptr);
    };
    ASSERT_EQ(define(widgets), "ok");
    ASSERT_EQ(outcome(make("{metadata: {name: a}, spec: {color: red}}")), "ok");
    const auto before = read("a");
    end();
    ASSERT_EQ(define(widgets), "ok");
    EXPECT_EQ(read("a"), before);
    ASSERT_EQ(outcome(make("{metadata: {name: b}}")), "ok");
    end();
    restart();
    ASSERT_EQ(define(changed(widgets, "default: 3", "default: 4")), "ok");
    EXPECT_EQ(read("a"), before);
    EXPECT_EQ(outcome(make("{metadata: {name: a}}")), "AlreadyExists: widgets.example.org \"a\" already exists");
    ASSERT_EQ(outcome(make("{metadata: {name: c}}")), "ok");
    EXPECT_TRUE(outcome(make("{metadata: {name: d}}")).starts_with("Forbidden")) << "each counts once";
    const auto heard = std::make_shared<Heard>();
    const auto watch = registry->watch(*widget(), {}, heard);
    ASSERT_EQ(outcome(registry->remove(context, *widget(), {"default", "a"}, {})), "ok");
    EXPECT_EQ(heard->text(), "+a +b +c -a");

    end();
    ASSERT_EQ(define(changed(widgets, "scope: Namespaced", "scope: Cluster")), "ok");
    EXPECT_EQ(registry->list(*widget(), {})->objects.size(), 0U);
    end();
    ASSERT_EQ(define(widgets), "ok");
    EXPECT_EQ(registry->list(*widget(), {})->objects.size(), 2U);
}

TEST_F(Custom, whatIsNotServedIsStillThereForItsOwner)
{
    ASSERT_EQ(define(widgets), "ok");
    ASSERT_EQ(outcome(make("{metadata: {name: a}}")), "ok");
    ASSERT_EQ(define(changed(widgets, "served: true", "served: false")), "ok");
    EXPECT_EQ(widget(), nullptr);
    EXPECT_EQ(registry->catalog()->findPlural({"example.org", "v1"}, "widgets"), nullptr);
    const auto stored =
        customresources::servedDefinition(get("CustomResourceDefinition", "widgets.example.org")).stored;
    ASSERT_NE(stored, nullptr);
    EXPECT_EQ(registry->list(*stored, {})->objects.size(), 1U);
    EXPECT_EQ(outcome(registry->remove(context, *stored, {"default", "a"}, {})), "ok");
    EXPECT_EQ(registry->list(*stored, {})->objects.size(), 0U);
}

TEST_F(Custom, countsInQuotas)
{
    ASSERT_EQ(outcome(create("ResourceQuota", "{metadata: {name: few}, spec: {hard: {count/widgets.example.org: 2}}}")),
              "ok");
    ASSERT_EQ(define(widgets), "ok");
    EXPECT_EQ(outcome(make("{metadata: {name: a}}")), "ok");
    EXPECT_EQ(outcome(make("{metadata: {name: b}}")), "ok");
    const auto refused = "Forbidden: widgets.example.org \"c\" is forbidden: exceeded quota: few, requested: "
                         "count/widgets.example.org=1, used: count/widgets.example.org=2, limited: "
                         "count/widgets.example.org=2";
    EXPECT_EQ(outcome(make("{metadata: {name: c}}")), refused);
    restart();
    EXPECT_EQ(outcome(make("{metadata: {name: c}}")), refused);
    ASSERT_EQ(outcome(registry->remove(context, *widget(), {"default", "a"}, {})), "ok");
    EXPECT_EQ(outcome(make("{metadata: {name: c}}")), "ok");
}

} // namespace
} // namespace keelson::registry
