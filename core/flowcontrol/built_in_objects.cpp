// SPDX-License-Identifier: Apache-2.0
#include "api/fixed_flows.h"
#include "flowcontrol/flow_configuration.h"

#include <array>

namespace keelson::flowcontrol {
namespace {

using api::Array;
using api::Object;
using api::Value;

constexpr auto apiVersion = "flowcontrol.apiserver.k8s.io/v1";
constexpr int queueLength = 50;

/// Names and numbers are those of Kubernetes' suggested configuration; `api::fixedFlowSpec` has what is mandatory.
struct LevelRow {
    const char* name;
    int shares;
    int lendablePercent;
    int queues;
    int handSize;
};
constexpr std::array levelRows{
    LevelRow{"system", 30, 33, 64, 6},         LevelRow{"node-high", 40, 25, 64, 6},
    LevelRow{"leader-election", 10, 0, 16, 4}, LevelRow{"workload-high", 40, 50, 128, 6},
    LevelRow{"workload-low", 100, 90, 128, 6}, LevelRow{"global-default", 20, 50, 128, 6},
};

struct SchemaRow {
    const char* name;
    int precedence;
    const char* level;
    const char* distinguisher;
    const char* subjects; ///< Flow style YAML.
    const char* rules;    ///< Flow style YAML; "" for everything.
};
constexpr auto everyone =
    R"([{kind: Group, group: {name: "system:unauthenticated"}}, {kind: Group, group: {name: "system:authenticated"}}])";
constexpr auto nodes = R"([{kind: Group, group: {name: "system:nodes"}}])";
constexpr auto kubeSystemAccounts = R"([{kind: ServiceAccount, serviceAccount: {namespace: kube-system, name: "*"}}])";
constexpr std::array schemaRows{
    SchemaRow{"probes", 2, "exempt", "", everyone,
              "nonResourceRules: [{verbs: [get], nonResourceURLs: [/healthz, /readyz, /livez]}]"},
    SchemaRow{"system-leader-election", 100, "leader-election", "ByUser",
              R"([{kind: User, user: {name: "system:kube-controller-manager"}},
                  {kind: User, user: {name: "system:kube-scheduler"}},
                  {kind: ServiceAccount, serviceAccount: {namespace: kube-system, name: "*"}}])",
              R"(resourceRules: [{verbs: [get, create, update], apiGroups: [coordination.k8s.io],
                  resources: [leases], namespaces: ["*"]}])"},
    SchemaRow{"endpoint-controller", 150, "workload-high", "ByUser",
              R"([{kind: User, user: {name: "system:kube-controller-manager"}},
                  {kind: ServiceAccount, serviceAccount: {namespace: kube-system, name: endpoint-controller}},
                  {kind: ServiceAccount, serviceAccount: {namespace: kube-system, name: endpointslice-controller}}])",
              R"(resourceRules: [{verbs: [get, create, update], apiGroups: [""], resources: [endpoints],
                  namespaces: ["*"]}, {verbs: [get, create, update], apiGroups: [discovery.k8s.io],
                  resources: [endpointslices], namespaces: ["*"]}])"},
    SchemaRow{"workload-leader-election", 200, "leader-election", "ByUser", kubeSystemAccounts,
              R"(resourceRules: [{verbs: [get, create, update], apiGroups: [""], resources: [endpoints, configmaps],
                  namespaces: ["*"]}, {verbs: [get, create, update], apiGroups: [coordination.k8s.io],
                  resources: [leases], namespaces: ["*"]}])"},
    SchemaRow{"system-node-high", 400, "node-high", "ByUser", nodes,
              R"(resourceRules: [{verbs: ["*"], apiGroups: [""], resources: [nodes, nodes/status], clusterScope: true,
                  namespaces: ["*"]}, {verbs: ["*"], apiGroups: [coordination.k8s.io], resources: [leases],
                  namespaces: ["*"]}])"},
    SchemaRow{"system-nodes", 500, "system", "ByUser", nodes, ""},
    SchemaRow{"kube-controller-manager", 800, "workload-high", "ByNamespace",
              R"([{kind: User, user: {name: "system:kube-controller-manager"}}])", ""},
    SchemaRow{"kube-scheduler", 800, "workload-high", "ByNamespace",
              R"([{kind: User, user: {name: "system:kube-scheduler"}}])", ""},
    SchemaRow{"kube-system-service-accounts", 900, "workload-high", "ByNamespace", kubeSystemAccounts, ""},
    SchemaRow{"service-accounts", 9000, "workload-low", "ByUser",
              R"([{kind: Group, group: {name: "system:serviceaccounts"}}])", ""},
    SchemaRow{"global-default", 9900, "global-default", "ByUser", everyone, ""},
};
constexpr auto everything =
    R"(resourceRules: [{verbs: ["*"], apiGroups: ["*"], resources: ["*"], clusterScope: true, namespaces: ["*"]}],
       nonResourceRules: [{verbs: ["*"], nonResourceURLs: ["*"]}])";

Value named(std::string_view kind, const char* name, Object spec)
{
    return Object{
        {"apiVersion", apiVersion}, {"kind", kind}, {"metadata", Object{{"name", name}}}, {"spec", std::move(spec)}};
}

Value levelObject(const LevelRow& row)
{
    Object response{
        {"type", "Queue"},
        {"queuing", Object{{"queues", row.queues}, {"handSize", row.handSize}, {"queueLengthLimit", queueLength}}}};
    Object limited{{"nominalConcurrencyShares", row.shares},
                   {"lendablePercent", row.lendablePercent},
                   {"limitResponse", std::move(response)}};
    return named("PriorityLevelConfiguration", row.name, Object{{"type", "Limited"}, {"limited", std::move(limited)}});
}

Value schemaObject(const SchemaRow& row)
{
    const auto rules = std::string_view(row.rules).empty() ? everything : row.rules;
    const auto rule = api::parseYaml(std::string("{subjects: ") + row.subjects + ", " + rules + "}");
    Object spec{{"matchingPrecedence", row.precedence},
                {"priorityLevelConfiguration", Object{{"name", row.level}}},
                {"rules", Array{rule.value_or(Value())}}};
    if (*row.distinguisher)
        spec["distinguisherMethod"] = Object{{"type", row.distinguisher}};
    return named("FlowSchema", row.name, std::move(spec));
}

} // namespace

std::vector<Value> builtInObjects()
{
    std::vector<Value> objects;
    for (const auto* kind : {"PriorityLevelConfiguration", "FlowSchema"})
        for (const auto* name : {"exempt", "catch-all"})
            objects.push_back(named(kind, name, api::fixedFlowSpec(kind, name)->get_object()));
    for (const auto& row : levelRows)
        objects.push_back(levelObject(row));
    for (const auto& row : schemaRows)
        objects.push_back(schemaObject(row));
    return objects;
}

} // namespace keelson::flowcontrol
