// SPDX-License-Identifier: Apache-2.0
#include "customresources/definition_rules.h"

#include "api/conversion.h"
#include "api/custom_rules.h"
#include "api/rules.h"
#include "customresources/custom_kind.h"
#include "customresources/definition_status.h"
#include "customresources/texts.h"

namespace keelson::customresources {
namespace {

/// A definition of one version with parts of it, in flow style.
api::Value definition(std::string_view version = "{}", std::string_view group = "example.org")
{
    auto made = yaml(fmt::format(R"(
metadata: {{name: widgets.{0}}}
spec:
  group: {0}
  scope: Namespaced
  names: {{plural: widgets, singular: widget, kind: Widget, listKind: WidgetList, shortNames: [wd]}}
  versions: []
status: {{storedVersions: [v1]}}
)",
                                 group));
    auto one = yaml(version);
    auto& members = one.as_object();
    members["name"] = "v1";
    members["served"] = true;
    members["storage"] = true;
    if (!members.contains("schema"))
        members["schema"] = yaml("{openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {'n': "
                                 "{type: integer}, o: {type: object}}}}}}");
    made.at("spec").at("versions").as_array().push_back(std::move(one));
    return made;
}

TEST(DefinitionRules, sayWhatIsWrongWithAVersion)
{
    struct Row {
        const char* version;
        const char* refusals;
    };
    for (const auto& [version, refusals] : {
             Row{"{}", ""},
             Row{"{schema: {openAPIV3Schema: {}}}",
                 "spec.versions[0].schema.openAPIV3Schema.type: Required value: must not be empty at the root"},
             Row{"{subresources: {scale: {specReplicasPath: .spec.n, statusReplicasPath: .status.n}}}", ""},
             Row{"{subresources: {scale: {specReplicasPath: spec.n, statusReplicasPath: .n}}}",
                 "spec.versions[0].subresources.scale.specReplicasPath: Invalid value: \"spec.n\": must be a simple "
                 "json "
                 "path starting with .\n"
                 "spec.versions[0].subresources.scale.statusReplicasPath: Invalid value: \".n\": should be a json path "
                 "under .status"},
             Row{"{subresources: {scale: {specReplicasPath: '.spec.n[0]', statusReplicasPath: .status.n.}}}",
                 "spec.versions[0].subresources.scale.specReplicasPath: Invalid value: \".spec.n[0]\": must be a json "
                 "path "
                 "without array notation\n"
                 "spec.versions[0].subresources.scale.statusReplicasPath: Invalid value: \".status.n.\": must be a "
                 "json "
                 "path without array notation"},
             Row{"{additionalPrinterColumns: [{name: A, type: string, jsonPath: "
                 "'.status.conditions[?(@.type==\"Ready\")].status'}, "
                 "{name: B, type: string, jsonPath: \".metadata.annotations['a.b/c']\"}, {name: C, type: string, "
                 "jsonPath: "
                 "'.spec.list[0:2].x'}, {name: D, type: string, jsonPath: '.metadata.labels.a\\.b'}, {name: E, type: "
                 "string, jsonPath: .spec.*}]}",
                 ""},
             Row{"{additionalPrinterColumns: [{name: A, type: string, jsonPath: '.spec['}, {name: B, type: string, "
                 "jsonPath: "
                 "'.spec[a]'}, {name: C, type: string, jsonPath: '.spec[0]x'}]}",
                 "spec.versions[0].additionalPrinterColumns[0].jsonPath: Invalid value: \".spec[\": is an invalid "
                 "jsonpath: "
                 "unterminated array\n"
                 "spec.versions[0].additionalPrinterColumns[1].jsonPath: Invalid value: \".spec[a]\": is an invalid "
                 "jsonpath: "
                 "invalid array index a\n"
                 "spec.versions[0].additionalPrinterColumns[2].jsonPath: Invalid value: \".spec[0]x\": is an invalid "
                 "jsonpath: unrecognized character in action: x"},
             Row{"{additionalPrinterColumns: [{name: A, type: text, format: x, jsonPath: a}]}",
                 "spec.versions[0].additionalPrinterColumns[0].type: Invalid value: \"text\": must be one of "
                 "boolean,date,integer,number,string\n"
                 "spec.versions[0].additionalPrinterColumns[0].format: Invalid value: \"x\": must be one of "
                 "byte,date,date-time,double,float,int32,int64,password\n"
                 "spec.versions[0].additionalPrinterColumns[0].jsonPath: Invalid value: \"a\": must be a simple json "
                 "path starting with ."},
             Row{"{selectableFields: [{jsonPath: .spec.n}, {jsonPath: .spec.n}, {jsonPath: .metadata.name}, {jsonPath: "
                 ".spec.z}, {jsonPath: .spec.o}]}",
                 "spec.versions[0].selectableFields[1].jsonPath: Duplicate value: \".spec.n\"\n"
                 "spec.versions[0].selectableFields[2].jsonPath: Invalid value: \".metadata.name\": must not point to "
                 "fields in metadata\n"
                 "spec.versions[0].selectableFields[3].jsonPath: Invalid value: \".spec.z\": is an invalid path: does "
                 "not refer to a valid field\n"
                 "spec.versions[0].selectableFields[4].jsonPath: Invalid value: \".spec.o\": must point to a field of "
                 "type string, boolean or integer. Enum string fields and strings with formats are allowed."},
             Row{"{deprecationWarning: old}", "spec.versions[0].deprecationWarning: Invalid value: \"old\": can only "
                                              "be set for deprecated versions"},
             Row{"{deprecated: true, deprecationWarning: ''}",
                 "spec.versions[0].deprecationWarning: Invalid value: \"\": must not be empty"},
             Row{"{deprecated: true, deprecationWarning: \"a\\nb\"}",
                 "spec.versions[0].deprecationWarning: Invalid value: \"a\\nb\": must only contain printable UTF-8 "
                 "characters; non-printable character found at index 1"},
         })
        EXPECT_EQ(textOf(checkDefinition(definition(version), nullptr)), refusals) << version;
}

TEST(DefinitionRules, guardTheGroupsOfKubernetes)
{
    auto gateway = definition("{}", "gateway.networking.k8s.io");
    EXPECT_EQ(textOf(checkDefinition(gateway, nullptr)),
              "metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval "
              "annotation \"api-approved.kubernetes.io\", see https://github.com/kubernetes/enhancements/pull/1111");
    gateway.at("metadata").as_object()["annotations"] = yaml("{api-approved.kubernetes.io: 'https://example.org'}");
    EXPECT_EQ(textOf(checkDefinition(gateway, nullptr)), "");
}

TEST(DefinitionRules, holdAnUpdateToWhatObjectsRelyOn)
{
    const auto old = withAcceptedNames(definition(), {}, WallTime{});
    ASSERT_TRUE(holds(old, "Established"));
    auto emptied = old;
    emptied.at("status").as_object()["storedVersions"] = api::Array{};
    EXPECT_EQ(textOf(checkDefinition(emptied, &old)),
              "status.storedVersions: Invalid value: []: must have at least one stored version");
    auto now = old;
    now.at("spec").as_object()["scope"] = "Cluster";
    now.at("spec").at("names").as_object()["kind"] = "Gadget";
    now.at("spec").at("versions").at(0).as_object()["name"] = "v2";
    EXPECT_EQ(
        textOf(checkDefinition(now, &old)),
        "spec.scope: Invalid value: \"Cluster\": field is immutable\n"
        "spec.names.kind: Invalid value: \"Gadget\": field is immutable\n"
        "status.storedVersions: Invalid value: \"v2\": must have the storage version v2\n"
        "status.storedVersions[0]: Invalid value: \"v1\": missing from spec.versions; v1 was previously a storage "
        "version, and must remain in spec.versions until a storage migration ensures no data remains persisted in "
        "v1 and removes v1 from status.storedVersions");
}

std::string conditionsOf(const api::Value& definition)
{
    std::string text;
    for (const auto& one : api::itemsAt(definition, {"status", "conditions"}))
        text += fmt::format("{}{}={} {} ({})", text.empty() ? "" : "; ", api::stringAt(one, {"type"}),
                            api::stringAt(one, {"status"}), api::stringAt(one, {"reason"}),
                            api::stringAt(one, {"message"}));
    return text;
}

TEST(DefinitionStatus, takesNamesThatAreFree)
{
    const auto first = withAcceptedNames(definition(), {}, WallTime{});
    EXPECT_EQ(conditionsOf(first), "NamesAccepted=True NoConflicts (no conflicts found); Established=True "
                                   "InitialNamesAccepted (the initial names have been accepted)");
    auto second = definition();
    second.at("spec").at("names") =
        yaml("{plural: gadgets, singular: gadget, kind: Widget, listKind: GadgetList, shortNames: [wd]}");
    second = withAcceptedNames(second, {first}, WallTime{});
    EXPECT_EQ(conditionsOf(second),
              "NamesAccepted=False KindConflict (\"Widget\" is already in use); Established=False "
              "NotAccepted (not all names are accepted)");
    EXPECT_EQ(api::writeJson(second.at("status").at("acceptedNames")),
              R"({"plural":"gadgets","singular":"gadget","listKind":"GadgetList"})");
    EXPECT_EQ(conditionsOf(withAcceptedNames(second, {}, WallTime{})), conditionsOf(first)); // once the first is gone
    const auto elsewhere = withAcceptedNames(definition("{}", "example.com"), {first}, WallTime{});
    EXPECT_TRUE(holds(elsewhere, "Established"));
}

TEST(DefinitionStatus, keepsTheNamesThatItHas)
{
    const auto first = withAcceptedNames(definition(), {}, WallTime{});
    EXPECT_EQ(withAcceptedNames(first, {}, WallTime{std::chrono::hours{1}}), first);
}

TEST(CustomKind, isServedOnceItIsEstablished)
{
    EXPECT_TRUE(servedDefinition(definition()).kinds.empty());
    auto two = definition("{subresources: {status: {}}, additionalPrinterColumns: [{name: N, type: integer, jsonPath: "
                          ".spec.n}], selectableFields: [{jsonPath: .spec.n}]}");
    two.at("spec")
        .at("versions")
        .as_array()
        .push_back(yaml("{name: v2, served: true, storage: false, schema: {openAPIV3Schema: {type: object, properties: "
                        "{spec: {type: "
                        "object, properties: {m: {type: integer, default: 1}}}}}}}"));
    two = withAcceptedNames(two, {}, WallTime{});
    const auto served = servedDefinition(two);
    ASSERT_EQ(served.kinds.size(), 2U);
    const auto& first = *served.kinds[0];
    EXPECT_EQ(first.groupVersion.text() + " " + first.kind + " " + first.resourceName(),
              "example.org/v1 Widget widgets.example.org");
    EXPECT_EQ(first.fieldSelectors, std::vector<std::string>{"spec.n"});
    EXPECT_TRUE(first.hasStatus);
    EXPECT_FALSE(served.kinds[1]->hasStatus);
    EXPECT_EQ(first.storedAs, nullptr);
    EXPECT_EQ(served.kinds[1]->storedAs, &first);
    EXPECT_EQ(first.repeats || !served.kinds[1]->repeats, false);

    auto object = yaml("{apiVersion: example.org/v1, kind: Widget, metadata: {name: a}, spec: {'n': 1, z: 1}}");
    first.custom->read(object);
    EXPECT_EQ(object, yaml("{apiVersion: example.org/v1, kind: Widget, metadata: {name: a}, spec: {'n': 1}}"));
    // Without what the version does not know, and without its defaults.
    EXPECT_EQ(*api::convert(object, *served.kinds[1]),
              yaml("{apiVersion: example.org/v2, kind: Widget, metadata: {name: a}, spec: {}}"));
}

TEST(CustomKind, warnsOfVersionsThatAreToGo)
{
    struct Row {
        const char* versions;
        const char* warnings;
    };
    for (const auto& [versions, warnings] : {
             Row{"[{name: v1, deprecated: true, served: true, storage: true}]",
                 "example.org/v1 Widget is deprecated\n"},
             Row{"[{name: v1, deprecated: true, served: true, storage: true}, {name: v2beta1, served: true}, "
                 "{name: v2, served: true}, {name: v3, served: false}, {name: v4, served: true, deprecated: true}]",
                 "example.org/v1 Widget is deprecated; use example.org/v2 Widget\n\n\n"
                 "example.org/v4 Widget is deprecated\n"},
             Row{"[{name: v1, deprecated: true, deprecationWarning: gone soon, served: true, storage: true}]",
                 "gone soon\n"},
         }) {
        auto made = definition();
        made.at("spec").at("versions") = yaml(versions);
        std::string text;
        for (const auto& kind : servedDefinition(withAcceptedNames(made, {}, WallTime{})).kinds)
            text += kind->deprecation + "\n";
        EXPECT_EQ(text, warnings) << versions;
    }
}

} // namespace
} // namespace keelson::customresources
