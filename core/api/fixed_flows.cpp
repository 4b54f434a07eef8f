// SPDX-License-Identifier: Apache-2.0
#include "api/fixed_flows.h"

#include <algorithm>
#include <array>

namespace keelson::api {
namespace {

struct Fixed {
    std::string_view kind;
    std::string_view name;
    Value spec;
};

const std::array<Fixed, 4>& fixedSpecs()
{
    static const auto spec = [](std::string_view text) { return parseYaml(text).value(); };
    static const std::array<Fixed, 4> specs{
        Fixed{"FlowSchema", "exempt", spec(R"(
matchingPrecedence: 1
priorityLevelConfiguration: {name: exempt}
rules:
- subjects: [{kind: Group, group: {name: "system:masters"}}]
  resourceRules: [{verbs: ["*"], apiGroups: ["*"], resources: ["*"], clusterScope: true, namespaces: ["*"]}]
  nonResourceRules: [{verbs: ["*"], nonResourceURLs: ["*"]}])")},
        Fixed{"FlowSchema", "catch-all", spec(R"(
matchingPrecedence: 10000
priorityLevelConfiguration: {name: catch-all}
distinguisherMethod: {type: ByUser}
rules:
- subjects:
  - {kind: Group, group: {name: "system:unauthenticated"}}
  - {kind: Group, group: {name: "system:authenticated"}}
  resourceRules: [{verbs: ["*"], apiGroups: ["*"], resources: ["*"], clusterScope: true, namespaces: ["*"]}]
  nonResourceRules: [{verbs: ["*"], nonResourceURLs: ["*"]}])")},
        Fixed{"PriorityLevelConfiguration", "exempt",
              spec("{type: Exempt, exempt: {nominalConcurrencyShares: 0, lendablePercent: 0}}")},
        Fixed{"PriorityLevelConfiguration", "catch-all", spec(R"(
type: Limited
limited: {nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: {type: Reject}})")},
    };
    return specs;
}

} // namespace

const Value* fixedFlowSpec(std::string_view kind, std::string_view name)
{
    const auto& specs = fixedSpecs();
    const auto found =
        std::ranges::find_if(specs, [&](const Fixed& fixed) { return fixed.kind == kind && fixed.name == name; });
    return found == specs.end() ? nullptr : &found->spec;
}

} // namespace keelson::api
