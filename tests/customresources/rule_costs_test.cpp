// SPDX-License-Identifier: Apache-2.0
#include "customresources/rule_costs.h"

#include "customresources/texts.h"
#include "customresources/validation_rules.h"

namespace keelson::customresources {
namespace {

/// What a schema is refused for, by the estimate of what its rules cost.
std::string refusalsOf(const api::Value& schema)
{
    auto read = readSchema(schema);
    std::deque<cel::Type> types;
    api::Refusals refusals;
    const api::FieldPath root;
    compileRules(read, types, root.child("S"), refusals);
    return textOf(refusals.take());
}

/// The factor by which a rule on `x` costs too much: "2.5x"; empty when it does not.
std::string excessOf(std::string_view property)
{
    const auto refused = refusalsOf(yaml(fmt::format("{{type: object, properties: {{x: {}}}}}", property)));
    constexpr std::string_view before = "S.properties[x].x-kubernetes-validations[0].rule: Forbidden: estimated rule "
                                        "cost exceeds budget by factor of ";
    if (!refused.starts_with(before))
        return refused;
    const auto rest = refused.substr(before.size());
    return rest.substr(0, rest.find(" (try"));
}

TEST(RuleCosts, followTheSizesThatASchemaAllows)
{
    struct Row {
        const char* property;
        const char* excess;
    };
    for (const auto& [property, excess] : {
             // Texts: a tenth of a step for each byte, and characters have up to four.
             Row{"{type: string, x-kubernetes-validations: [{rule: self.contains('gpu')}]}", ""},
             Row{"{type: string, x-kubernetes-validations: [{rule: 'self.contains(self)'}]}", "more than 100x"},
             Row{"{type: string, maxLength: 1000, x-kubernetes-validations: [{rule: 'self.contains(self)'}]}", ""},
             Row{"{type: string, maxLength: 10000, x-kubernetes-validations: [{rule: 'self.contains(self)'}]}", "1.6x"},
             Row{"{type: string, enum: [a, bcd], x-kubernetes-validations: [{rule: 'self.contains(self)'}]}", ""},
             Row{"{type: string, x-kubernetes-validations: [{rule: \"self.matches('^[a-z0-9]{1,63}(-[a-z0-9]{1,63})*$')"
                 "\"}]}",
                 ""},
             Row{"{type: string, x-kubernetes-validations: [{rule: \"self + 'a' == 'ba'\"}]}", ""},
             Row{"{type: integer, x-kubernetes-validations: [{rule: \"'a' + string(self) == 'ba'\"}]}",
                 "more than 100x"},
             // Lists: what fits into a request where nothing says how long they are.
             Row{"{type: array, items: {type: string}, x-kubernetes-validations: [{rule: 'self.all(x, "
                 "x.contains(\"gpu\"))'}]}",
                 "more than 100x"},
             Row{"{type: array, maxItems: 333333, items: {type: string, maxLength: 63}, x-kubernetes-validations: "
                 "[{rule: 'self.all(x, x.contains(\"gpu\"))'}]}",
                 ""},
             Row{"{type: array, maxItems: 350000, items: {type: string, maxLength: 63}, x-kubernetes-validations: "
                 "[{rule: 'self.all(x, x.contains(\"gpu\"))'}]}",
                 "1.1x"},
             Row{"{type: array, items: {type: integer}, x-kubernetes-validations: [{rule: 'self.all(x, x > 0)'}]}", ""},
             Row{"{type: array, items: {type: integer}, x-kubernetes-validations: [{rule: 'self.all(x, "
                 "self.exists(y, x == y))'}]}",
                 "more than 100x"},
             Row{"{type: array, maxItems: 16, items: {type: object, properties: {name: {type: string}}}, "
                 "x-kubernetes-validations: [{rule: 'self.all(a, self.exists_one(b, a.name == b.name))'}]}",
                 "8.1x"},
             Row{"{type: array, maxItems: 16, items: {type: object, properties: {name: {type: string, maxLength: "
                 "253}}}, x-kubernetes-validations: [{rule: 'self.all(a, self.exists_one(b, a.name == b.name))'}]}",
                 ""},
             // Rules below lists are asked once for each item.
             Row{"{type: object, x-kubernetes-validations: [{rule: has(self.a) == has(self.b)}], properties: {a: "
                 "{type: string}, b: {type: string}}}",
                 ""},
             Row{"{type: object, additionalProperties: {type: string}, x-kubernetes-validations: [{rule: "
                 "\"self.all(k, k.matches('^[a-z]+$'))\"}]}",
                 ""},
         })
        EXPECT_EQ(excessOf(property), excess) << property;
}

/// Rules in the shape of those of the Gateway API, cert-manager, Karpenter and others: some go right up to the budget.
constexpr std::string_view knownRules = R"yaml(
# Parents of a route, compared in pairs.
parentRefs:
  type: array
  maxItems: 32
  items:
    type: object
    required: [name]
    properties:
      group: {type: string, default: gateway.networking.k8s.io, maxLength: 253}
      kind: {type: string, maxLength: 63}
      name: {type: string, maxLength: 253, minLength: 1}
      namespace: {type: string, maxLength: 63}
      sectionName: {type: string, maxLength: 253}
  x-kubernetes-validations:
  - message: sectionName must be unique when parentRefs includes 2 or more references to the same parent
    rule: >-
      self.all(p1, self.exists_one(p2, p1.group == p2.group && p1.kind == p2.kind && p1.name == p2.name
      && (((!has(p1.__namespace__) || p1.__namespace__ == '') && (!has(p2.__namespace__) || p2.__namespace__ == ''))
      || (has(p1.__namespace__) && has(p2.__namespace__) && p1.__namespace__ == p2.__namespace__ ))
      && (((!has(p1.sectionName) || p1.sectionName == '') && (!has(p2.sectionName) || p2.sectionName == ''))
      || (has(p1.sectionName) && has(p2.sectionName) && p1.sectionName == p2.sectionName))))
listeners:
  type: array
  maxItems: 64
  x-kubernetes-list-type: map
  x-kubernetes-list-map-keys: [name]
  items:
    type: object
    required: [name, port]
    properties:
      hostname: {type: string, maxLength: 253}
      name: {type: string, maxLength: 253}
      port: {type: integer}
      protocol: {type: string, maxLength: 255}
      tls: {type: object, properties: {mode: {type: string}}}
  x-kubernetes-validations:
  - rule: "self.all(l, l.protocol in ['HTTP', 'TCP', 'UDP'] ? !has(l.tls) : true)"
  - rule: "self.all(l1, self.exists_one(l2, l1.name == l2.name))"
  - rule: >-
      self.all(l1, self.exists_one(l2, l1.port == l2.port && l1.protocol == l2.protocol
      && (has(l1.hostname) && has(l2.hostname) ? l1.hostname == l2.hostname : !has(l1.hostname) && !has(l2.hostname))))
# Rules on the paths of a route's matches, two lists deep.
rules:
  type: array
  maxItems: 16
  items:
    type: object
    properties:
      matches:
        type: array
        maxItems: 64
        items:
          type: object
          properties:
            path:
              type: object
              properties:
                type: {type: string, enum: [Exact, PathPrefix, RegularExpression]}
                value: {type: string, maxLength: 1024}
              x-kubernetes-validations:
              - rule: "(self.type in ['Exact','PathPrefix']) ? self.value.startsWith('/') : true"
              - rule: "(self.type in ['Exact','PathPrefix']) ? !self.value.contains('//') : true"
              - rule: "(self.type in ['Exact','PathPrefix']) ? !self.value.endsWith('/..') : true"
              - rule: >-
                  (self.type in ['Exact','PathPrefix'])
                  ? self.value.matches(r"""^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$""") : true
      filters:
        type: array
        maxItems: 16
        items: {type: object, properties: {type: {type: string}}}
        x-kubernetes-validations:
        - rule: "!(self.exists(f, f.type == 'RequestRedirect') && self.exists(f, f.type == 'URLRewrite'))"
        - rule: "self.filter(f, f.type == 'RequestHeaderModifier').size() <= 1"
  x-kubernetes-validations:
  - rule: "(self.size() > 0 ? self[0].matches.size() : 0) + (self.size() > 1 ? self[1].matches.size() : 0) <= 128"
# Labels that a gateway passes on.
labels:
  type: object
  maxProperties: 8
  additionalProperties: {type: string, maxLength: 63}
  x-kubernetes-validations:
  - rule: >-
      self.all(key, key.matches(r"""^(([a-zA-Z0-9][-a-zA-Z0-9.]*)/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$"""))
  - rule: self.all(key, key.split('/')[0].size() < 253)
# One of several members, what may not change, quantities, durations and ports.
choice:
  type: object
  properties:
    a: {type: string}
    b: {type: object, properties: {c: {type: string}}}
    size: {type: string}
    every: {type: string, format: duration}
    since: {type: string, format: date-time}
    port: {x-kubernetes-int-or-string: true}
  x-kubernetes-validations:
  - rule: self == oldSelf
  - rule: "[has(self.a), has(self.b)].filter(x, x == true).size() == 1"
  - rule: "has(oldSelf.a) ? has(self.a) && self.a == oldSelf.a : true"
  - rule: "!has(self.every) || self.every >= duration('1h')"
  - rule: "!has(self.since) || self.since < timestamp('2100-01-01T00:00:00Z')"
  - rule: "!has(self.size) || quantity(self.size).isGreaterThan(quantity('1Gi'))"
  - rule: "!has(self.port) || (type(self.port) == int ? self.port > 0 : self.port.matches('^[0-9]+%$'))"
  - rule: "self.?b.?c.orValue('') == '' || self.?a.hasValue()"
    messageExpression: "'b.c needs a, not %s'.format([self.b.c])"
requirements:
  type: array
  maxItems: 100
  items:
    type: object
    properties:
      key:
        type: string
        maxLength: 316
        x-kubernetes-validations:
        - rule: "self in ['kubernetes.io/os'] || !self.find('^([^/]+)').endsWith('kubernetes.io')"
        - rule: self != 'kubernetes.io/hostname'
      operator: {type: string, enum: [In, NotIn, Exists, Gt, Lt]}
      values: {type: array, items: {type: string}}
  x-kubernetes-validations:
  - rule: "self.all(x, x.operator == 'In' ? x.values.size() != 0 : true)"
  - rule: >-
      self.all(x, (x.operator == 'Gt' || x.operator == 'Lt')
      ? (x.values.size() == 1 && int(x.values[0]) >= 0) : true)
)yaml";

TEST(RuleCosts, leaveKnownProjectsAlone)
{
    api::Object spec{{"type", "object"}, {"properties", yaml(knownRules)}};
    const api::Value root =
        api::Object{{"type", "object"},
                    {"properties", api::Object{{"spec", std::move(spec)}}},
                    {"x-kubernetes-validations", yaml("[{rule: self.metadata.name.size() <= 63}, "
                                                      "{rule: \"self.metadata.name.matches('^[a-z]+$')"
                                                      "\"}]")}};
    EXPECT_EQ(refusalsOf(root), "");
}

TEST(RuleCosts, areMultipliedByTheListsAbove)
{
    constexpr std::string_view many = "{type: object, properties: {a: {type: array%1, items: {type: object, "
                                      "properties: {b: {type: array%2, items: {type: string, x-kubernetes-validations: "
                                      "[{rule: \"self.startsWith('a') || self.matches('^a+$')\"}]}}}}}}}";
    const auto refused = [&](std::string_view outer, std::string_view inner) {
        std::string made(many);
        made.replace(made.find("%1"), 2, outer);
        return refusalsOf(yaml(made.replace(made.find("%2"), 2, inner)));
    };
    EXPECT_EQ(refused(", maxItems: 3", ", maxItems: 3"), "");
    constexpr auto place = "S.properties[a].items.properties[b].items.x-kubernetes-validations[0].rule: Forbidden: ";
    EXPECT_TRUE(refused(", maxItems: 30", ", maxItems: 3")
                    .starts_with(std::string(place) + "estimated rule cost exceeds budget by factor of 2.8x"));
    EXPECT_TRUE(refused("", ", maxItems: 3").contains("more than 100x"));
}

TEST(RuleCosts, countTogether)
{
    std::string schema = "{type: object, properties: {";
    for (int at = 0; at < 12; ++at)
        schema += fmt::format("x{}: {{type: string, maxLength: 7500, x-kubernetes-validations: [{{rule: "
                              "'self.contains(self)'}}]}}, ",
                              at);
    const auto refused = refusalsOf(yaml(schema + "z: {type: string}}}"));
    EXPECT_EQ(refused,
              "S.properties[x0].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total "
              "exceeding cost limit for entire OpenAPIv3 schema\n"
              "S.properties[x1].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total "
              "exceeding cost limit for entire OpenAPIv3 schema\n"
              "S.properties[x10].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total "
              "exceeding cost limit for entire OpenAPIv3 schema\n"
              "S.properties[x11].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total "
              "exceeding cost limit for entire OpenAPIv3 schema\n"
              "S: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds "
              "budget by factor of 1.1x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength "
              "where arrays, maps, and strings are declared)");
}

} // namespace
} // namespace keelson::customresources
