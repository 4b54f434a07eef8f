// SPDX-License-Identifier: Apache-2.0
#include "api/catalog.h"
#include "api/validation.h"
#include "fieldmanager/field_walk.h"
#include "fieldmanager/merge.h"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace keelson::fieldmanager {
namespace {

using api::Value;

Value yaml(std::string_view text)
{
    auto value = api::parseYaml(text);
    EXPECT_TRUE(value) << text << ": " << value.error().message;
    return value ? *value : Value{};
}

const api::Schema& schemaOf(std::string_view group, std::string_view kind)
{
    return *api::Catalog::builtIn().find({std::string(group), "v1"}, kind)->schema;
}
const api::Schema& pods()
{
    return schemaOf("", "Pod");
}

TEST(FieldWalk, ownsWhatAConfigurationSays)
{
    struct Row {
        const char* configuration;
        const char* fields;
    };
    for (const auto& [configuration, fields] : {
             Row{"{}", "{}"},
             Row{"{metadata: {labels: {a: b}}}", R"({"f:metadata":{"f:labels":{"f:a":{}}}})"},
             Row{"{metadata: {labels: {}}}", R"({"f:metadata":{"f:labels":{}}})"},
             Row{"{spec: {nodeName: null}}", R"({"f:spec":{"f:nodeName":{}}})"},
             Row{"{metadata: {finalizers: [b, a]}}", R"({"f:metadata":{"f:finalizers":{"v:\"a\"":{},"v:\"b\"":{}}}})"},
             Row{"{spec: {containers: [{name: web, args: [x, y], ports: [{containerPort: 80}]}]}}",
                 R"({"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{".":{},"f:args":{},"f:name":{},)"
                 R"("f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}}}})"},
             Row{"{spec: {nodeSelector: {a: b}}}", R"({"f:spec":{"f:nodeSelector":{}}})"}, // atomic
             Row{"{spec: {containers: [{name: a, image: x}, {name: a}]}}",
                 R"({"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{}}}})"},
         })
        EXPECT_EQ(fieldsOf(pods(), yaml(configuration)).text(), fields) << configuration;
}

TEST(FieldWalk, tellsWhatChanged)
{
    struct Row {
        const char* before;
        const char* after;
        const char* added;
        const char* modified;
        const char* removed;
    };
    for (const auto& [before, after, added, modified, removed] : {
             Row{"{a: 1}", "{a: 1}", "{}", "{}", "{}"},
             Row{"{spec: {nodeName: a}}", "{spec: {nodeName: b}}", "{}", R"({"f:spec":{"f:nodeName":{}}})", "{}"},
             Row{"{spec: {}}", "{spec: {nodeName: b}}", R"({"f:spec":{"f:nodeName":{}}})", "{}", "{}"},
             Row{"{metadata: {}}", "{metadata: {labels: {a: b}}}", R"({"f:metadata":{"f:labels":{".":{},"f:a":{}}}})",
                 "{}", "{}"},
             Row{"{metadata: {labels: {a: b, c: d}}}", "{metadata: {labels: {c: e}}}", "{}",
                 R"({"f:metadata":{"f:labels":{"f:c":{}}}})", R"({"f:metadata":{"f:labels":{"f:a":{}}}})"},
             Row{"{metadata: {labels: null}}", "{metadata: {}}", "{}", "{}", "{}"},
             Row{"{spec: {containers: [{name: a}, {name: b}]}}", "{spec: {containers: [{name: b}, {name: a}]}}", "{}",
                 "{}", "{}"},
             Row{"{spec: {containers: [{name: a, image: x}]}}", "{spec: {containers: [{name: b}]}}",
                 R"({"f:spec":{"f:containers":{"k:{\"name\":\"b\"}":{".":{},"f:name":{}}}}})", "{}",
                 R"({"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:image":{},"f:name":{}}}}})"},
             Row{"{spec: {containers: [{name: a}]}}", "{spec: {containers: [{name: a}, {name: a, image: x}]}}",
                 R"({"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{}}}})", "{}",
                 R"({"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:name":{}}}}})"},
         }) {
        const auto changes = compare(pods(), yaml(before), yaml(after));
        EXPECT_EQ(changes.added.text(), added) << before << " to " << after;
        EXPECT_EQ(changes.modified.text(), modified) << before << " to " << after;
        EXPECT_EQ(changes.removed.text(), removed) << before << " to " << after;
    }
}

/// An object that keeps what it does not declare.
const api::Schema& open()
{
    static const api::Schema schema{.type = api::SchemaType::Object, .preserveUnknown = true};
    return schema;
}

TEST(FieldWalk, ownsMembersBelowWhatNoSchemaKnows)
{
    struct Row {
        const char* before;
        const char* after;
        const char* owned; ///< Of `after`.
        const char* added;
        const char* modified;
        const char* removed;
    };
    for (const auto& [before, after, owned, added, modified, removed] : {
             Row{"{}", "{a: {b: 1, c: [1, {d: 2}]}}", R"({"f:a":{".":{},"f:b":{},"f:c":{}}})",
                 R"({"f:a":{".":{},"f:b":{},"f:c":{}}})", "{}", "{}"},
             Row{"{a: {b: 1, c: 2}}", "{a: {b: 3, d: 4}}", R"({"f:a":{".":{},"f:b":{},"f:d":{}}})",
                 R"({"f:a":{"f:d":{}}})", R"({"f:a":{"f:b":{}}})", R"({"f:a":{"f:c":{}}})"},
             Row{"{a: [1, 2]}", "{a: [2]}", R"({"f:a":{}})", "{}", R"({"f:a":{}})", "{}"},
             Row{"{a: {b: 1}}", "{a: x}", R"({"f:a":{}})", "{}", R"({"f:a":{}})", R"({"f:a":{"f:b":{}}})"},
             Row{"{a: 1}", "{a: {b: 1}}", R"({"f:a":{".":{},"f:b":{}}})", R"({"f:a":{"f:b":{}}})", R"({"f:a":{}})",
                 "{}"},
             Row{"{a: {}}", "{a: null}", R"({"f:a":{}})", "{}", "{}", R"({"f:a":{}})"},
         }) {
        const auto changes = compare(open(), yaml(before), yaml(after));
        EXPECT_EQ(fieldsOf(open(), yaml(after)).text(), owned) << after;
        EXPECT_EQ(changes.added.text(), added) << before << " to " << after;
        EXPECT_EQ(changes.modified.text(), modified) << before << " to " << after;
        EXPECT_EQ(changes.removed.text(), removed) << before << " to " << after;
    }
    for (const auto& [live, configuration, merged] :
         {std::tuple{"{a: {b: 1, c: 2}}", "{a: {c: 3}}", "{a: {b: 1, c: 3}}"},
          std::tuple{"{a: 1}", "{a: {c: 3}}", "{a: {c: 3}}"}, std::tuple{"{a: {b: 1}}", "{a: 1}", "{a: 1}"},
          std::tuple{"{a: [1, 2]}", "{a: [3]}", "{a: [3]}"}, std::tuple{"{a: 1}", "{a: null}", "{a: null}"}})
        EXPECT_EQ(merge(open(), yaml(live), yaml(configuration)), yaml(merged)) << live << " " << configuration;
    auto document = yaml("{a: {b: 1, c: {d: 2}}, e: 3}");
    removeFields(open(), document, *FieldSet::parse(R"({"f:a":{"f:c":{"f:d":{}}},"f:e":{}})"));
    EXPECT_EQ(document, yaml("{a: {b: 1, c: null}}"));
}

TEST(FieldWalk, findsWhatCannotBeMerged)
{
    struct Row {
        const char* configuration;
        const char* problems;
    };
    for (const auto& [configuration, problems] : {
             Row{"{metadata: {labels: {a: b}}, spec: {containers: [{name: a}]}}", ""},
             Row{"{sepc: {}}", ".sepc: field not declared in schema"},
             Row{"{spec: {containers: [{name: a, x: 1}]}}",
                 R"(.spec.containers[name="a"].x: field not declared in schema)"},
             Row{"{spec: {containers: [{image: a}]}}",
                 ".spec.containers: element 0: associative list with keys has an element that omits key field \"name\" "
                 "(and doesn't have default value)"},
             Row{"{spec: {containers: [{name: a}, {name: a}, {name: a}]}}",
                 R"(.spec.containers: duplicate entries for key [name="a"])"},
             Row{"{metadata: {finalizers: [a, a]}}", R"(.metadata.finalizers: duplicate entries for key [="a"])"},
         })
        EXPECT_EQ(fmt::format("{}", fmt::join(findMergeProblems(pods(), yaml(configuration)), "|")), problems);
}

TEST(Merge, takesTheConfigurationIntoTheLiveDocument)
{
    struct Row {
        const char* live;
        const char* configuration;
        const char* merged;
    };
    for (const auto& [live, configuration, merged] : {
             Row{"{metadata: {labels: {a: b}}}", "{metadata: {labels: {c: d}}}", "{metadata: {labels: {a: b, c: d}}}"},
             Row{"{metadata: {labels: {a: b}}}", "{metadata: {labels: null}}", "{metadata: {labels: {a: b}}}"},
             Row{"{spec: {nodeSelector: {a: b}}}", "{spec: {nodeSelector: {c: d}}}", "{spec: {nodeSelector: {c: d}}}"},
             Row{"{spec: {containers: [{name: a, image: x}]}}", "{spec: {containers: [{name: a, args: [b]}]}}",
                 "{spec: {containers: [{name: a, image: x, args: [b]}]}}"},
         })
        EXPECT_EQ(merge(pods(), yaml(live), yaml(configuration)), yaml(merged)) << configuration;
}

/// Lists of finalizers, which are a set: a letter an item.
std::string mergedLetters(std::string_view live, std::string_view configuration)
{
    const auto document = [](std::string_view letters) {
        api::Array list;
        for (const char letter : letters)
            list.push_back(Value(std::string(1, letter)));
        return Value{{"metadata", {{"finalizers", std::move(list)}}}};
    };
    const auto merged = merge(pods(), document(live), document(configuration));
    std::string letters;
    for (const auto& item : api::find(merged, {"metadata", "finalizers"})->as_array())
        letters += item.as_string();
    return letters;
}

TEST(Merge, keepsTheConfigurationsOrderAndTheOthersPlaces)
{
    struct Row {
        const char* live;
        const char* configuration;
        const char* merged;
    };
    for (const auto& [live, configuration, merged] :
         {Row{"", "ab", "ab"}, Row{"ab", "", "ab"}, Row{"abc", "cb", "acb"}, Row{"ab", "ac", "abc"},
          Row{"xa", "ya", "xya"}, Row{"abcd", "dcba", "dcba"}, Row{"axb", "ba", "xba"}, Row{"axbyc", "cd", "axbycd"},
          Row{"abc", "bac", "bac"}, Row{"x", "y", "xy"}})
        EXPECT_EQ(mergedLetters(live, configuration), merged) << live << " " << configuration;
}

TEST(Merge, removesFieldsWithTheirContent)
{
    struct Row {
        const char* fields;
        const char* left;
    };
    constexpr auto document = "{metadata: {labels: {a: b}, finalizers: [x, y]}, "
                              "spec: {nodeName: n, containers: [{name: a, image: i}, {name: b}]}}";
    for (const auto& [fields, left] : {
             Row{"{}", document},
             Row{R"({"f:spec":{"f:nodeName":{}}})", "{metadata: {labels: {a: b}, finalizers: [x, y]}, "
                                                    "spec: {containers: [{name: a, image: i}, {name: b}]}}"},
             Row{R"({"f:spec":{},"f:metadata":{"f:labels":{"f:a":{}},"f:finalizers":{"v:\"x\"":{}}}})",
                 "{metadata: {labels: null, finalizers: [y]}}"},
             Row{R"({"f:metadata":{},"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{"f:image":{}},)"
                 R"("k:{\"name\":\"b\"}":{}}}})",
                 "{spec: {nodeName: n, containers: [{name: a}]}}"},
         }) {
        auto value = yaml(document);
        removeFields(pods(), value, FieldSet::parse(fields).value());
        EXPECT_EQ(value, yaml(left)) << fields;
    }
}

} // namespace
} // namespace keelson::fieldmanager
