// SPDX-License-Identifier: Apache-2.0
#include "customresources/value_changes.h"
#include "customresources/value_checks.h"

#include "customresources/formats.h"
#include "customresources/texts.h"
#include "support/processor_time.h"

namespace keelson::customresources {
namespace {

std::string refusalsOf(std::string_view schema, std::string_view value, std::string_view old = {})
{
    api::Refusals refusals;
    const api::FieldPath root;
    const auto before = old.empty() ? api::Value{} : yaml(old);
    checkValue(readSchema(yaml(schema)), yaml(value), old.empty() ? nullptr : &before, root, refusals);
    return textOf(refusals.take());
}

TEST(ValueChecks, takeTimeByTheLengthOfLists)
{
    const auto schema =
        readSchema(yaml("{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: "
                        "{type: object, properties: {k: {type: integer}}}}"));
    constexpr int items = 50'000;
    api::Array list;
    for (int i = items; i > 0; --i)
        list.push_back(api::Object{{"k", i}});
    const api::Value value = list;
    const api::FieldPath root;
    api::Refusals refusals;
    const auto before = processorSeconds();
    checkValue(schema, value, &value, root, refusals);
    EXPECT_LT(processorSeconds() - before, processorSecondsMax);
    EXPECT_EQ(textOf(refusals.take()), "");
}

TEST(ValueChanges, addSoManyDefaults)
{
    const auto schema = readSchema(
        yaml(fmt::format("{{type: array, items: {{type: object, properties: {{k: {{type: string, default: {}}}}}}}}}",
                         std::string(1600, 'x'))));
    api::Value few = api::Array(900, api::Object{});
    EXPECT_TRUE(applyDefaults(schema, few));
    EXPECT_EQ(few.as_array().back().at("k").as_string().size(), 1600U);
    api::Value many = api::Array(1'000, api::Object{});
    EXPECT_FALSE(applyDefaults(schema, many)) << "each counts as 101 values";
}

TEST(ValueChecks, sayWhatASchemaDoesNotAllow)
{
    struct Row {
        const char* property; ///< The schema of `x`.
        const char* value;    ///< Of `x`.
        const char* refusals;
    };
    for (const auto& [property, value, refusals] : {
             Row{"{type: integer}", "3", ""},
             Row{"{type: integer}", "3.5",
                 "x: Invalid value: \"number\": x in body must be of type integer: \"number\""},
             Row{"{type: integer}", "a", "x: Invalid value: \"string\": x in body must be of type integer: \"string\""},
             Row{"{type: string}", "null", "x: Invalid value: \"null\": x in body must be of type string: \"null\""},
             Row{"{type: string, nullable: true}", "null", ""},
             Row{"{type: integer, minimum: 1}", "0",
                 "x: Invalid value: 0: x in body should be greater than or equal to 1"},
             Row{"{type: integer, maximum: 5, exclusiveMaximum: true}", "5",
                 "x: Invalid value: 5: x in body should be less than 5"},
             Row{"{type: integer, minimum: 1, exclusiveMinimum: true}", "1",
                 "x: Invalid value: 1: x in body should be greater than 1"},
             Row{"{type: number, multipleOf: 0.5}", "0.7",
                 "x: Invalid value: 0.7: x in body should be a multiple of 0.5"},
             Row{"{type: string, enum: [a, b]}", "c", "x: Unsupported value: \"c\": supported values: \"a\", \"b\""},
             Row{"{type: string, pattern: '^a+$'}", "b", "x: Invalid value: \"b\": x in body should match '^a+$'"},
             Row{"{type: string, maxLength: 2}", "\"äöü\"", "x: Too long: may not be more than 2 bytes"},
             Row{"{type: string, maxLength: 3}", "\"äöü\"", ""},
             Row{"{type: string, minLength: 2}", "a",
                 "x: Invalid value: \"a\": x in body should be at least 2 chars long"},
             Row{"{type: string, format: ipv4}", "1.2.3",
                 "x: Invalid value: \"1.2.3\": x in body must be of type ipv4: \"1.2.3\""},
             Row{"{type: array, items: {type: string}, minItems: 1}", "[]",
                 "x: Invalid value: 0: x in body should have at least 1 items"},
             Row{"{type: array, items: {type: string}, maxItems: 1}", "[a, b]",
                 "x: Too many: 2: must have at most 1 items"},
             Row{"{type: array, items: {type: string}}", "[a, 1]",
                 "x[1]: Invalid value: \"integer\": x[1] in body must be of type string: \"integer\""},
             Row{"{type: array, x-kubernetes-list-type: set, items: {type: string}}", "[a, b, a]",
                 "x[2]: Duplicate value: \"a\""},
             Row{"{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: {type: object, "
                 "properties: {k: {type: string}}}}",
                 "[{k: a}, {k: a}]", "x[1]: Duplicate value: {\"k\":\"a\"}"},
             Row{"{type: object, required: [a], properties: {a: {type: string}}}", "{}", "x.a: Required value"},
             Row{"{type: object, additionalProperties: {type: integer}}", "{m: a}",
                 "x.m: Invalid value: \"string\": x.m in body must be of type integer: \"string\""},
             Row{"{x-kubernetes-int-or-string: true}", "true",
                 "x: Invalid value: \"boolean\": x in body must be of type integer,string: \"boolean\""},
             Row{"{x-kubernetes-int-or-string: true}", "80", ""},
             Row{"{type: object, oneOf: [{required: [a]}, {required: [b]}]}", "{}",
                 "<nil>: Invalid value: \"\": \"x\" must validate one and only one schema (oneOf). Found none valid\n"
                 "x.a: Required value"},
             Row{"{type: object, oneOf: [{required: [a]}, {required: [b]}], properties: {a: {type: string}, b: {type: "
                 "string}}}",
                 "{a: '1', b: '2'}",
                 "<nil>: Invalid value: \"\": \"x\" must validate one and only one schema (oneOf). Found 2 valid "
                 "alternatives"},
             Row{"{type: object, anyOf: [{required: [a]}]}", "{}",
                 "<nil>: Invalid value: \"\": \"x\" must validate at least one schema (anyOf)\nx.a: Required value"},
             Row{"{type: object, not: {required: [a]}, x-kubernetes-preserve-unknown-fields: true}", "{a: 1}",
                 "<nil>: Invalid value: \"\": \"x\" must not validate the schema (not)"},
         })
        EXPECT_EQ(refusalsOf(fmt::format("{{type: object, properties: {{x: {}}}}}", property),
                             fmt::format("{{x: {}}}", value)),
                  refusals)
            << property << " " << value;
}

TEST(ValueChecks, doNotRefuseWhatWasThereBefore)
{
    constexpr std::string_view schema =
        "{type: object, properties: {a: {type: integer, minimum: 5}, l: {type: array, x-kubernetes-list-type: map, "
        "x-kubernetes-list-map-keys: [k], items: {type: object, properties: {k: {type: string}, v: {type: integer, "
        "maximum: 3}}}}}}";
    EXPECT_EQ(refusalsOf(schema, "{a: 1}", "{a: 1}"), "");
    EXPECT_NE(refusalsOf(schema, "{a: 2}", "{a: 1}"), "");
    EXPECT_EQ(refusalsOf(schema, "{l: [{k: b, v: 1}, {k: a, v: 9}]}", "{l: [{k: a, v: 9}]}"), "");
    EXPECT_EQ(refusalsOf(schema, "{l: [{k: b, v: 9}]}", "{l: [{k: a, v: 9}]}"),
              "l[0].v: Invalid value: 9: l[0].v in body should be less than or equal to 3");
}

TEST(ValueChanges, pruneAndDefault)
{
    const auto schema = readSchema(yaml(R"(
type: object
properties:
  spec:
    type: object
    default: {}
    properties:
      size: {type: integer, default: 3}
      none: {type: string}
      maybe: {type: string, nullable: true}
      open: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {in: {type: object}}}
      pod: {type: object, x-kubernetes-embedded-resource: true, properties: {spec: {type: object}}}
      list: {type: array, items: {type: object, properties: {p: {type: string, default: TCP}}}}
)"));
    struct Row {
        const char* given;
        const char* expected;
        const char* removed;
    };
    for (const auto& [given, expected, removed] : {
             Row{"{}", "{spec: {size: 3}}", ""},
             Row{"{spec: {size: null, none: null, maybe: null}}", "{spec: {size: 3, maybe: null}}", ""},
             Row{"{spec: {x: 1, size: 1}, z: 2}", "{spec: {size: 1}}", "spec.x z"},
             Row{"{spec: {open: {a: {b: 1}, in: {c: 1}}}}", "{spec: {size: 3, open: {a: {b: 1}, in: {}}}}",
                 "spec.open.in.c"},
             Row{"{spec: {pod: {kind: Pod, metadata: {name: a, x: 1}, spec: {}, z: 1}}}",
                 "{spec: {size: 3, pod: {kind: Pod, metadata: {name: a}, spec: {}}}}",
                 "spec.pod.metadata.x spec.pod.z"},
             Row{"{spec: {list: [{}, {p: UDP, q: 1}]}}", "{spec: {size: 3, list: [{p: TCP}, {p: UDP}]}}",
                 "spec.list[1].q"},
         }) {
        auto value = yaml(given);
        std::vector<std::string> gone;
        const api::FieldPath root;
        pruneResource(schema, value, root, gone);
        applyDefaults(schema, value);
        EXPECT_EQ(value, yaml(expected)) << given << " became " << api::writeJson(value);
        EXPECT_EQ(fmt::format("{}", fmt::join(gone, " ")), removed) << given;
    }
}

TEST(ValueChanges, equalObjectsHaveEqualBytes)
{
    auto value = yaml("{b: [{d: 1, c: {}}], a: ''}");
    sortMembers(value);
    EXPECT_EQ(api::writeJson(value), R"({"a":"","b":[{"c":{},"d":1}]})");
}

TEST(Formats, areKnownByTheirNames)
{
    struct Row {
        const char* format;
        const char* good;
        const char* bad;
    };
    for (const auto& [format, good, bad] : {
             Row{"date-time", "2026-01-02T03:04:05Z", "2026-01-02"},
             Row{"date", "2026-01-02", "2026-13-02"},
             Row{"duration", "1h30m", "soon"},
             Row{"byte", "aGk=", "a"},
             Row{"ipv6", "::1", "127.0.0.1"},
             Row{"cidr", "10.0.0.0/8", "10.0.0.0"},
             Row{"email", "a@example.org", "a"},
             Row{"hostname", "a.example.org", "-a"},
             Row{"mac", "00:11:22:33:44:55", "00:11"},
             Row{"uri", "https://example.org", "example"},
             Row{"uuid", "123e4567-e89b-12d3-a456-426614174000", "123"},
         }) {
        EXPECT_TRUE(hasFormat(good, format)) << format << " " << good;
        EXPECT_FALSE(hasFormat(bad, format)) << format << " " << bad;
    }
    EXPECT_TRUE(hasFormat("anything", "of-my-own"));
}

} // namespace
} // namespace keelson::customresources
