// SPDX-License-Identifier: Apache-2.0
#include "customresources/schema_rules.h"

#include "customresources/texts.h"

namespace keelson::customresources {
namespace {

std::string refusalsOf(std::string_view schema)
{
    api::Refusals refusals;
    const api::FieldPath root;
    checkSchema(yaml(schema), root.child("S"), refusals);
    return textOf(refusals.take());
}

TEST(SchemaRules, sayWhatIsNotStructural)
{
    struct Row {
        const char* schema;
        const char* refusals;
    };
    for (
        const auto& [schema, refusals] : {
            Row{"{type: object}", ""},
            Row{"{}", "S.type: Required value: must not be empty at the root"},
            Row{"{type: string}", "S.type: Invalid value: \"string\": must be object at the root"},
            Row{"{type: object, properties: {spec: {}}}",
                "S.properties[spec].type: Required value: must not be empty for specified object fields"},
            Row{"{type: object, properties: {a: {type: array, items: {}}}}",
                "S.properties[a].items.type: Required value: must not be empty for specified array items"},
            Row{"{type: object, properties: {a: {type: array}}}",
                "S.properties[a].items: Required value: must be specified"},
            Row{"{type: object, properties: {a: {type: text}}}",
                "S.properties[a].type: Unsupported value: \"text\": supported values: \"array\", \"boolean\", "
                "\"integer\", \"number\", \"object\", \"string\""},
            Row{"{type: object, properties: {a: {$ref: '#/x', type: object}}}",
                "S.properties[a].$ref: Forbidden: $ref is not supported"},
            Row{"{type: object, properties: {a: {type: array, uniqueItems: true, items: {type: string}}}}",
                "S.properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime "
                "complexity "
                "becomes quadratic"},
            Row{"{type: object, additionalProperties: {type: string}}",
                "S.additionalProperties: Forbidden: must not be used at the root"},
            Row{"{type: object, properties: {a: {type: object, properties: {b: {type: string}}, "
                "additionalProperties: {type: string}}}}",
                "S.properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual "
                "exclusive"},
            Row{"{type: object, properties: {a: {type: string, pattern: '('}}}",
                "S.properties[a].pattern: Invalid value: \"(\": must be a valid regular expression, but isn't: missing "
                "): ("},
            Row{"{type: object, anyOf: [{type: object}]}",
                "S.anyOf[0].type: Forbidden: must be empty to be structural"},
            Row{"{type: object, anyOf: [{required: [a]}, {required: [b]}]}", ""},
            Row{"{type: object, properties: {a: {type: object}}, anyOf: [{properties: {b: {minimum: 1}}}]}",
                "S.properties[b]: Required value: because it is defined in S.anyOf[0].properties[b]"},
            Row{"{type: object, properties: {a: {x-kubernetes-int-or-string: true, "
                "anyOf: [{type: integer}, {type: string}]}}}",
                ""},
            Row{"{type: object, properties: {a: {x-kubernetes-preserve-unknown-fields: false, type: object}}}",
                "S.properties[a].x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or "
                "undefined"},
            Row{"{type: object, properties: {a: {x-kubernetes-embedded-resource: true, type: object}}}",
                "S.properties[a].properties: Required value: must not be empty if x-kubernetes-embedded-resource is "
                "true without x-kubernetes-preserve-unknown-fields"},
            Row{"{type: object, properties: {metadata: {type: object, properties: {labels: {type: object}}}}}",
                "S.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but "
                "metadata is implicitly specified"},
            Row{"{type: object, properties: {a: {type: array, items: {type: object}, x-kubernetes-list-type: map}}}",
                "S.properties[a].x-kubernetes-list-map-keys: Required value: must not be empty if "
                "x-kubernetes-list-type is map"},
            Row{"{type: object, properties: {a: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: "
                "[k], items: {type: object, properties: {k: {type: string}}}}}}",
                "S.properties[a].items.properties[k].default: Required value: this property is in "
                "x-kubernetes-list-map-keys, so it must have a default or be a required property"},
            Row{"{type: object, properties: {a: {type: object, x-kubernetes-list-type: set}}}",
                "S.properties[a].type: Invalid value: \"object\": must be array if x-kubernetes-list-type is "
                "specified"},
            Row{"{type: object, properties: {a: {type: integer, default: x}}}",
                "S.properties[a].default: Invalid value: \"string\": S.properties[a].default in body must be of type "
                "integer: \"string\""},
            Row{"{type: object, properties: {a: {type: object, default: {b: 1}}}}",
                "S.properties[a].default: Invalid value: {\"b\":1}: must not have unknown fields"},
        })
        EXPECT_EQ(refusalsOf(schema), refusals) << schema;
}

} // namespace
} // namespace keelson::customresources
