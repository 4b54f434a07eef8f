// SPDX-License-Identifier: Apache-2.0
#include "quota/object_counts.h"

#include "api/catalog.h"
#include "api/codec.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::quota {
namespace {

template <typename T>
T read(std::string_view yaml)
{
    return *api::fromJson<T>(*api::parseYaml(yaml));
}

TEST(ObjectCounts, countPodsByWhatTheyAskFor)
{
    struct Row {
        const char* pod;
        const char* expected;
    };
    for (const auto& [pod, expected] : {
             Row{"{spec: {containers: [{name: a}]}}", "count/pods=1,pods=1"},
             Row{"{spec: {containers: [{name: a}]}, status: {phase: Succeeded}}", "count/pods=1"},
             Row{"{spec: {containers: [{name: a, resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 2}}}, "
                 "{name: "
                 "b, resources: {requests: {cpu: 500m}}}]}}",
                 "count/pods=1,cpu=1500m,limits.cpu=2,memory=1Gi,pods=1,requests.cpu=1500m,requests.memory=1Gi"},
             Row{"{spec: {overhead: {cpu: 250m}, containers: [{name: a, resources: {requests: {cpu: 1}, limits: {cpu: "
                 "1}}}]}}",
                 "count/pods=1,cpu=1250m,limits.cpu=1250m,pods=1,requests.cpu=1250m"},
             Row{"{spec: {containers: [{name: a, resources: {requests: {ephemeral-storage: 1Gi, hugepages-2Mi: 4Mi, "
                 "example.com/gpu: 2}}}]}}",
                 "count/pods=1,ephemeral-storage=1Gi,hugepages-2Mi=4Mi,pods=1,requests.ephemeral-storage=1Gi,"
                 "requests.example.com/gpu=2,requests.hugepages-2Mi=4Mi"},
         })
        EXPECT_EQ(text(countedOf(read<api::Pod>(pod)).amounts), expected) << pod;
}

TEST(ObjectCounts, countServicesAndClaims)
{
    struct Row {
        const char* kind;
        const char* object;
        const char* expected;
    };
    for (const auto& [kind, object, expected] : {
             Row{"Service", "{spec: {ports: [{port: 1}, {port: 2}]}}", "count/services=1,services=1"},
             Row{"Service", "{spec: {type: NodePort, ports: [{port: 1}, {port: 2}]}}",
                 "count/services=1,services=1,services.nodeports=2"},
             Row{"Service", "{spec: {type: LoadBalancer, ports: [{port: 1}]}}",
                 "count/services=1,services=1,services.loadbalancers=1,services.nodeports=1"},
             Row{"Service",
                 "{spec: {type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{port: 1}, {port: 2, "
                 "nodePort: 30000}]}}",
                 "count/services=1,services=1,services.loadbalancers=1,services.nodeports=1"},
             Row{"PersistentVolumeClaim", "{spec: {resources: {requests: {storage: 2Gi}}}}",
                 "count/persistentvolumeclaims=1,persistentvolumeclaims=1,requests.storage=2Gi"},
             Row{"PersistentVolumeClaim", "{spec: {storageClassName: gold, resources: {requests: {storage: 2Gi}}}}",
                 "count/persistentvolumeclaims=1,gold.storageclass.storage.k8s.io/persistentvolumeclaims=1,"
                 "gold.storageclass.storage.k8s.io/requests.storage=2Gi,persistentvolumeclaims=1,requests.storage=2Gi"},
             Row{"Secret", "{}", "count/secrets=1,secrets=1"},
         })
        EXPECT_EQ(text(countedOf(*api::Catalog::builtIn().find({"", "v1"}, kind), *api::parseYaml(object))->amounts),
                  expected)
            << object;
    EXPECT_EQ(text(countedByKind(*api::Catalog::builtIn().find({"batch", "v1"}, "Job")).amounts), "count/jobs.batch=1");
}

TEST(ObjectCounts, followTheScopesOfAQuota)
{
    const auto priority = [](std::string_view how) {
        return fmt::format("{{hard: {{pods: 1}}, scopeSelector: {{matchExpressions: [{{scopeName: PriorityClass, "
                           "operator: {}}}]}}}}",
                           how);
    };
    const auto affinity = [](std::string_view term) {
        return fmt::format("{{containers: [{{name: a}}], affinity: {{podAntiAffinity: "
                           "{{requiredDuringSchedulingIgnoredDuringExecution: [{{topologyKey: zone{}}}]}}}}}}",
                           term);
    };
    const std::string plain = "{containers: [{name: a}]}";
    const std::string burst = "{containers: [{name: a, resources: {limits: {memory: 1Mi}}}]}";
    const std::string brief = "{activeDeadlineSeconds: 5, containers: [{name: a}]}";
    const std::string high = "{priorityClassName: high, containers: [{name: a}]}";
    struct Row {
        std::string quota;
        std::string pod;
        bool taken;
    };
    for (const auto& [quota, pod, taken] : {
             Row{"{hard: {pods: 1}}", plain, true},
             Row{"{hard: {secrets: 1}}", plain, false},
             Row{"{hard: {pods: 1}, scopes: [Terminating]}", plain, false},
             Row{"{hard: {pods: 1}, scopes: [Terminating]}", brief, true},
             Row{"{hard: {pods: 1}, scopes: [NotTerminating]}", plain, true},
             Row{"{hard: {pods: 1}, scopes: [NotTerminating]}", brief, false},
             Row{"{hard: {pods: 1}, scopes: [BestEffort]}", plain, true},
             Row{"{hard: {pods: 1}, scopes: [BestEffort]}", burst, false},
             Row{"{hard: {pods: 1}, scopes: [NotBestEffort]}", plain, false},
             Row{"{hard: {pods: 1}, scopes: [NotBestEffort]}", burst, true},
             Row{"{hard: {pods: 1}, scopes: [BestEffort, Terminating]}", brief, true},
             Row{"{hard: {pods: 1}, scopes: [BestEffort, Terminating]}", plain, false},
             Row{priority("Exists"), plain, false},
             Row{priority("Exists"), high, true},
             Row{priority("DoesNotExist"), plain, true},
             Row{priority("In, values: [high, top]"), high, true},
             Row{priority("In, values: [low]"), high, false},
             Row{priority("NotIn, values: [low]"), high, true},
             Row{priority("NotIn, values: [high]"), high, false},
             Row{priority("NotIn, values: [high]"), plain, true},
             Row{"{hard: {pods: 1}, scopes: [CrossNamespacePodAffinity]}", affinity(""), false},
             Row{"{hard: {pods: 1}, scopes: [CrossNamespacePodAffinity]}", affinity(", namespaces: [x]"), true},
             Row{"{hard: {pods: 1}, scopes: [CrossNamespacePodAffinity]}", affinity(", namespaceSelector: {}"), true},
         }) {
        api::Pod read_;
        read_.spec = read<api::PodSpec>(pod);
        EXPECT_EQ(text(shareOf(read<api::ResourceQuotaSpec>(quota), countedOf(read_))), taken ? "pods=1" : "")
            << quota << " " << pod;
    }
    EXPECT_TRUE(shareOf(read<api::ResourceQuotaSpec>("{hard: {services: 1}, scopes: [NotTerminating]}"),
                        countedOf(api::Service{}))
                    .empty())
        << "scopes are about pods";
}

TEST(ObjectCounts, sayWhatContainersMustName)
{
    const auto quota = read<api::ResourceQuotaSpec>("{hard: {requests.cpu: 1, limits.memory: 1Gi, pods: 5}}");
    for (const auto& [pod, expected] :
         {std::pair{"{spec: {containers: [{name: b}, {name: a}]}}", "limits.memory for: a,b; requests.cpu for: a,b"},
          {"{spec: {initContainers: [{name: i}], containers: [{name: a, resources: {requests: {cpu: 1}, limits: "
           "{memory: "
           "1Mi}}}]}}",
           "limits.memory for: i; requests.cpu for: i"},
          {"{spec: {containers: [{name: a, resources: {requests: {cpu: 1}, limits: {memory: 1Mi}}}]}}", ""}})
        EXPECT_EQ(unspecified(quota, read<api::Pod>(pod)), expected) << pod;
}

TEST(ObjectCounts, concernTheKindsThatAQuotaNames)
{
    for (const auto& [hard, kinds] : {std::pair{"pods", "Pod "},
                                      {"requests.cpu", "Pod "},
                                      {"limits.memory", "Pod "},
                                      {"requests.example.com/gpu", "Pod "},
                                      {"count/pods", "Pod "},
                                      {"requests.storage", "PersistentVolumeClaim "},
                                      {"gold.storageclass.storage.k8s.io/requests.storage", "PersistentVolumeClaim "},
                                      {"services.nodeports", "Service "},
                                      {"services", "Service "},
                                      {"count/deployments.apps", "Deployment "},
                                      {"configmaps", "ConfigMap "},
                                      {"deployments", ""}}) {
        const Amounts limits{{hard, api::Quantity::fromUnits(1)}};
        std::string concerned;
        for (const auto* kind : api::Catalog::builtIn().kinds())
            concerned += concerns(limits, *kind) ? kind->kind + " " : "";
        EXPECT_EQ(concerned, kinds) << hard;
    }
}

} // namespace
} // namespace keelson::quota
