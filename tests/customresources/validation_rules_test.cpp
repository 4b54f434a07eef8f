// SPDX-License-Identifier: Apache-2.0
#include "customresources/validation_rules.h"

#include "customresources/schema_rules.h"
#include "customresources/texts.h"

namespace keelson::customresources {
namespace {

/// What the rules of `x` refuse; `property`: the schema of `x`.
std::string refusalsOf(std::string_view property, std::string_view value, std::string_view old = {},
                       std::int64_t steps = ruleStepsMax)
{
    auto schema = readSchema(yaml(fmt::format("{{type: object, properties: {{x: {}}}}}", property)));
    std::deque<cel::Type> types;
    api::Refusals refusals;
    const api::FieldPath root;
    compileRules(schema, types, root, refusals);
    EXPECT_EQ(textOf(refusals.take()), "") << property;
    cel::Budget budget(steps);
    const auto before = old.empty() ? api::Value{} : yaml(fmt::format("{{x: {}}}", old));
    checkRules(schema, yaml(fmt::format("{{x: {}}}", value)), old.empty() ? nullptr : &before, root, budget, refusals);
    return textOf(refusals.take());
}

constexpr std::string_view replicas =
    "{type: object, properties: {min: {type: integer}, max: {type: integer}, name: {type: string}}, "
    "x-kubernetes-validations: [%]}";

std::string withRule(std::string_view schema, std::string_view rule)
{
    std::string made(schema);
    return made.replace(made.find('%'), 1, rule);
}

TEST(ValidationRules, refuseInTheWordsOfTheirAuthors)
{
    struct Row {
        const char* rule;
        const char* refusals;
    };
    for (const auto& [rule, refusals] : {
             Row{"{rule: self.min <= self.max}", "x: Invalid value: \"object\": failed rule: self.min <= self.max"},
             Row{"{rule: self.max <= self.min}", ""},
             Row{"{rule: self.min <= self.max, message: min is too large}",
                 "x: Invalid value: \"object\": min is too large"},
             Row{"{rule: self.min <= self.max, message: plain, messageExpression: \"'min %d'.format([self.min])\"}",
                 "x: Invalid value: \"object\": min 5"},
             Row{"{rule: self.min <= self.max, fieldPath: .min, reason: FieldValueForbidden, message: not so many}",
                 "x.min: Forbidden: not so many"},
             Row{"{rule: self.min <= self.max, fieldPath: .max, reason: FieldValueRequired, message: more}",
                 "x.max: Required value: more"},
             Row{"{rule: has(self.name)}", "x: Invalid value: \"object\": failed rule: has(self.name)"},
             Row{"{rule: self.name == 'a'}", "x: Invalid value: \"object\": rule evaluation error: no such key: name"},
             Row{"{rule: '!has(self.name) || self.name.size() > 3'}", ""},
         })
        EXPECT_EQ(refusalsOf(withRule(replicas, rule), "{min: 5, max: 3}"), refusals) << rule;
}

TEST(ValidationRules, compareWithWhatWasThere)
{
    const auto immutable = withRule(replicas, "{rule: self.name == oldSelf.name, message: name is immutable}");
    EXPECT_EQ(refusalsOf(immutable, "{name: a}"), "");
    EXPECT_EQ(refusalsOf(immutable, "{name: a}", "{name: a}"), "");
    EXPECT_EQ(refusalsOf(immutable, "{name: b}", "{name: a}"), "x: Invalid value: \"object\": name is immutable");
    const auto once = withRule(replicas, "{rule: oldSelf.hasValue() || self.min == 1, optionalOldSelf: true}");
    EXPECT_EQ(refusalsOf(once, "{min: 2}"),
              "x: Invalid value: \"object\": failed rule: oldSelf.hasValue() || self.min == 1");
    EXPECT_EQ(refusalsOf(once, "{min: 2}", "{min: 1}"), "");
    const auto bound = withRule(replicas, "{rule: self.min < 3}");
    EXPECT_EQ(refusalsOf(bound, "{min: 5}", "{min: 5}"), ""); // it was so before
    EXPECT_NE(refusalsOf(bound, "{min: 6}", "{min: 5}"), "");
}

TEST(ValidationRules, reachInto)
{
    EXPECT_EQ(
        refusalsOf("{type: array, items: {type: string, x-kubernetes-validations: [{rule: self.startsWith('a')}]}}",
                   "[a, b]"),
        "x[1]: Invalid value: \"string\": failed rule: self.startsWith('a')");
    EXPECT_EQ(
        refusalsOf("{type: object, additionalProperties: {type: integer, x-kubernetes-validations: [{rule: self > "
                   "0}]}}",
                   "{a: 1, b: 0}"),
        "x.b: Invalid value: \"integer\": failed rule: self > 0");
    EXPECT_EQ(
        refusalsOf("{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: {type: "
                   "object, properties: {k: {type: string}, v: {type: integer}}, x-kubernetes-validations: [{rule: "
                   "self.v >= oldSelf.v}]}}",
                   "[{k: b, v: 1}, {k: a, v: 1}]", "[{k: a, v: 2}]"),
        "x[1]: Invalid value: \"object\": failed rule: self.v >= oldSelf.v");
    EXPECT_EQ(refusalsOf("{type: object, properties: {in: {type: string}, a-b: {type: string, format: date-time}}, "
                         "x-kubernetes-validations: [{rule: \"self.__in__ == 'x' && self.a__dash__b < "
                         "timestamp('2026-01-01T00:00:00Z')\"}]}",
                         "{in: x, a-b: '2025-01-01T00:00:00Z'}"),
              "");
}

TEST(ValidationRules, stopWhenTheyCostTooMuch)
{
    EXPECT_EQ(refusalsOf("{type: array, maxItems: 20, items: {type: integer}, x-kubernetes-validations: [{rule: "
                         "'self.all(a, self.all(b, self.all(c, a + b + c >= 0)))', message: m}, {rule: 'false'}]}",
                         "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", {}, 1000),
              "x: Invalid value: \"array\": validation failed due to running out of cost budget, no further validation "
              "rules will be run");
}

TEST(ValidationRules, areRefusedWithTheSchema)
{
    struct Row {
        const char* property;
        const char* refusals;
    };
    for (const auto& [property, refusals] : {
             Row{"{type: object, properties: {a: {type: string}}, x-kubernetes-validations: [{rule: self.b == ''}]}",
                 "S.properties[x].x-kubernetes-validations[0].rule: Invalid value: \"self.b == ''\": compilation "
                 "failed: "
                 "ERROR: <input>:1:5: undefined field 'b'\n | self.b == ''\n | ....^"},
             Row{"{type: string, x-kubernetes-validations: [{rule: self + 'a'}]}",
                 "S.properties[x].x-kubernetes-validations[0].rule: Invalid value: \"self + 'a'\": compilation failed: "
                 "cel "
                 "expression must evaluate to a bool"},
             Row{"{type: string, x-kubernetes-validations: [{rule: 'true', optionalOldSelf: true}]}",
                 "S.properties[x].x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if "
                 "oldSelf is not used in rule"},
             Row{"{type: string, x-kubernetes-validations: [{rule: ' '}]}",
                 "S.properties[x].x-kubernetes-validations[0].rule: Required value: rule is not specified"},
             Row{"{type: string, x-kubernetes-validations: [{rule: 'true', message: ' '}, {rule: 'true', message: "
                 "\"a\\nb\"}, "
                 "{rule: \"true ||\\nfalse\"}, {rule: 'true', messageExpression: ' '}]}",
                 "S.properties[x].x-kubernetes-validations[0].message: Invalid value: \" \": message must be non-empty "
                 "if "
                 "specified\n"
                 "S.properties[x].x-kubernetes-validations[1].message: Invalid value: \"a\\nb\": message must not "
                 "contain "
                 "line breaks\n"
                 "S.properties[x].x-kubernetes-validations[2].message: Required value: message must be specified if "
                 "rule "
                 "contains line breaks\n"
                 "S.properties[x].x-kubernetes-validations[3].messageExpression: Required value: must be non-empty if "
                 "specified"},
             Row{"{type: object, properties: {a: {type: object, additionalProperties: {type: string}}, b.c: {type: "
                 "array, items: "
                 "{type: string}}}, x-kubernetes-validations: [{rule: 'true', fieldPath: .a.x}, {rule: 'true', "
                 "fieldPath: "
                 "\"['b.c']\"}]}",
                 ""},
             Row{"{type: object, properties: {a: {type: array, items: {type: string}}}, x-kubernetes-validations: "
                 "[{rule: 'true', "
                 "fieldPath: .b}, {rule: 'true', fieldPath: a}, {rule: 'true', fieldPath: '.a[0]'}]}",
                 "S.properties[x].x-kubernetes-validations[0].fieldPath: Invalid value: \".b\": fieldPath must be a "
                 "valid "
                 "path: does not refer to a valid field\n"
                 "S.properties[x].x-kubernetes-validations[1].fieldPath: Invalid value: \"a\": fieldPath must be a "
                 "valid "
                 "path: expected [ or . but got: a\n"
                 "S.properties[x].x-kubernetes-validations[2].fieldPath: Invalid value: \".a[0]\": fieldPath must be a "
                 "valid "
                 "path: does not refer to a valid field"},
             Row{"{type: string, x-kubernetes-validations: [{rule: 'true', messageExpression: '1'}]}",
                 "S.properties[x].x-kubernetes-validations[0].messageExpression: Invalid value: \"1\": "
                 "messageExpression "
                 "compilation failed: messageExpression must evaluate to a string"},
             Row{"{type: array, items: {type: string, x-kubernetes-validations: [{rule: self == oldSelf}]}}",
                 "S.properties[x].items.x-kubernetes-validations[0].rule: Invalid value: \"self == oldSelf\": oldSelf "
                 "cannot be used on the uncorrelatable portion of the schema within S.properties[x]"},
         }) {
        api::Refusals found;
        const api::FieldPath root;
        checkSchema(yaml(fmt::format("{{type: object, properties: {{x: {}}}}}", property)), root.child("S"), found);
        EXPECT_EQ(textOf(found.take()), refusals) << property;
    }
}

} // namespace
} // namespace keelson::customresources
