// SPDX-License-Identifier: Apache-2.0
// What admission adds to new objects, and what it refuses.
#include "registry/cluster.h"

namespace keelson::registry {
namespace {

constexpr std::string_view classes = R"(
- {metadata: {name: high}, value: 1000}
- {metadata: {name: calm}, value: 500, preemptionPolicy: Never}
)";

/// A pod with one container and more members of its spec, in flow style.
std::string podWith(std::string_view spec)
{
    return fmt::format("{{metadata: {{name: web}}, spec: {{containers: [{{name: c, image: i}}]{}{}}}}}",
                       spec.empty() ? "" : ", ", spec);
}

/// What creating the pod comes to: the error, or the named members of its spec.
std::string admitted(Cluster& cluster, std::string_view spec, std::initializer_list<std::string_view> members)
{
    const auto created = cluster.create("Pod", podWith(spec));
    if (!created)
        return outcome(created);
    const auto pod = cluster.get("Pod", "web");
    std::string text;
    for (const auto& member : members)
        text += (text.empty() ? "" : " ") + at(pod, {"spec", member});
    EXPECT_EQ(outcome(cluster.remove("Pod", "web")), "ok");
    return text;
}

void createAll(Cluster& cluster, std::string_view kind, std::string_view list)
{
    const auto objects = Cluster::document(list);
    for (const auto& object : objects.as_array())
        EXPECT_EQ(outcome(cluster.create(kind, api::writeJson(object))), "ok");
}

TEST(Admission, givesPodsThePriorityOfTheirClass)
{
    Cluster cluster;
    createAll(cluster, "PriorityClass", classes);
    const auto priorityOf = [&](std::string_view spec) {
        return admitted(cluster, spec, {"priorityClassName", "priority", "preemptionPolicy"});
    };
    const std::string refused = "Forbidden: pods \"web\" is forbidden: ";
    struct Row {
        std::string_view spec;
        std::string expected;
    };
    for (const auto& [spec, expected] : {
             Row{"", "0 PreemptLowerPriority"},
             Row{"priority: 0", "0 PreemptLowerPriority"},
             Row{"priorityClassName: high", "high 1000 PreemptLowerPriority"},
             Row{"priorityClassName: high, priority: 1000", "high 1000 PreemptLowerPriority"},
             Row{"priorityClassName: calm", "calm 500 Never"},
             Row{"priorityClassName: none", refused + "no PriorityClass with name none was found"},
             Row{"priority: 7", refused +
                                    "the integer value of priority (7) must not be provided in pod spec; priority "
                                    "admission controller computed 0 from the given PriorityClass name"},
             Row{"priorityClassName: calm, preemptionPolicy: PreemptLowerPriority",
                 refused + "the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod "
                           "spec; priority admission controller computed Never from the given PriorityClass name"},
         })
        EXPECT_EQ(priorityOf(spec), expected) << spec;

    EXPECT_EQ(outcome(cluster.create("PriorityClass", "{metadata: {name: usual}, value: 7, globalDefault: true}")),
              "ok");
    EXPECT_EQ(priorityOf(""), "usual 7 PreemptLowerPriority");
    EXPECT_EQ(outcome(cluster.create("PriorityClass", "{metadata: {name: other}, value: 8, globalDefault: true}")),
              "Forbidden: priorityclasses.scheduling.k8s.io \"other\" is forbidden: PriorityClass usual is already "
              "marked as default. Only one default can exist");
    EXPECT_EQ(outcome(cluster.merge("PriorityClass", "usual", "{description: still the only one}")), "ok");
}

TEST(Admission, keepsThePriorityOnUpdates)
{
    Cluster cluster;
    createAll(cluster, "PriorityClass", classes);
    ASSERT_EQ(outcome(cluster.create("Pod", podWith("priorityClassName: calm"))), "ok");
    auto pod = cluster.get("Pod", "web");
    auto& spec = pod.as_object().at("spec").as_object();
    spec.erase("priority");
    spec.erase("preemptionPolicy");
    ASSERT_EQ(outcome(cluster.update("Pod", "web", pod)), "ok");
    EXPECT_EQ(at(cluster.get("Pod", "web"), {"spec", "priority"}), "500");
    EXPECT_EQ(at(cluster.get("Pod", "web"), {"spec", "preemptionPolicy"}), "Never");
}

TEST(Admission, placesPodsAsTheirRuntimeClassSays)
{
    Cluster cluster;
    createAll(cluster, "RuntimeClass", R"(
- {metadata: {name: plain}, handler: runc}
- metadata: {name: vm}
  handler: kata
  overhead: {podFixed: {memory: 128Mi}}
  scheduling: {nodeSelector: {vm: "yes"}, tolerations: [{key: vm, operator: Exists}]}
)");
    const auto placed = [&](std::string_view spec) { return admitted(cluster, spec, {"overhead", "nodeSelector"}); };
    const std::string refused = "Forbidden: pods \"web\" is forbidden: ";
    struct Row {
        std::string_view spec;
        std::string expected;
    };
    for (const auto& [spec, expected] : {
             Row{"", ""},
             Row{"runtimeClassName: plain", ""},
             Row{"runtimeClassName: vm", R"({"memory":"128Mi"} {"vm":"yes"})"},
             Row{"runtimeClassName: vm, overhead: {memory: 128Mi}", R"({"memory":"128Mi"} {"vm":"yes"})"},
             Row{"runtimeClassName: none", refused + "pod rejected: RuntimeClass \"none\" not found"},
             Row{"runtimeClassName: vm, overhead: {memory: 1Mi}",
                 refused + "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"},
             Row{"overhead: {memory: 1Mi}",
                 refused + "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"},
             Row{"runtimeClassName: vm, nodeSelector: {vm: \"no\"}",
                 refused + "conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; pod.spec.nodeSelector[vm] = no"},
         })
        EXPECT_EQ(placed(spec), expected) << spec;
    EXPECT_NE(admitted(cluster, "runtimeClassName: vm", {"tolerations"}).find(R"("key":"vm")"), std::string::npos);
}

TEST(Admission, toleratesLostNodesForAWhileUnlessThePodSaysOtherwise)
{
    Cluster cluster;
    const std::string notReady = R"("key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute",)"
                                 R"("tolerationSeconds":300)";
    const std::string unreachable =
        R"("key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300)";
    struct Row {
        const char* spec;
        bool forNotReady;
        bool forUnreachable;
    };
    for (const auto& [spec, forNotReady, forUnreachable] : {
             Row{"", true, true},
             Row{"tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute}]", false,
                 true},
             Row{"tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoSchedule}]", true,
                 true},
             Row{"tolerations: [{key: node.kubernetes.io/unreachable, operator: Exists}]", true, false},
             Row{"tolerations: [{operator: Exists}]", false, false},
             Row{"tolerations: [{operator: Exists, effect: NoExecute}]", false, false},
         }) {
        const auto tolerations = admitted(cluster, spec, {"tolerations"});
        EXPECT_EQ(tolerations.contains(notReady), forNotReady) << spec << tolerations;
        EXPECT_EQ(tolerations.contains(unreachable), forUnreachable) << spec << tolerations;
    }
}

TEST(Admission, taintsNewNodesUntilTheyAreReady)
{
    Cluster cluster;
    ASSERT_EQ(outcome(cluster.create("Node", "{metadata: {name: n1}}")), "ok");
    EXPECT_EQ(at(cluster.get("Node", "n1"), {"spec", "taints"}),
              R"([{"key":"node.kubernetes.io/not-ready","effect":"NoSchedule"}])");
    ASSERT_EQ(
        outcome(cluster.create("Node", "{metadata: {name: m}, spec: {taints: [{key: node.kubernetes.io/not-ready, "
                                       "effect: NoSchedule}]}}")),
        "ok");
    EXPECT_EQ(cluster.get("Node", "m").at("spec").at("taints").as_array().size(), 1U);
}

TEST(Admission, givesClaimsTheDefaultStorageClass)
{
    Cluster cluster;
    const auto claim = [&](std::string_view name, std::string_view spec) {
        const auto text = fmt::format("{{metadata: {{name: {}}}, spec: {{accessModes: [ReadWriteOnce], resources: "
                                      "{{requests: {{storage: 1Gi}}}}{}}}}}",
                                      name, spec);
        EXPECT_EQ(outcome(cluster.create("PersistentVolumeClaim", text)), "ok");
        return at(cluster.get("PersistentVolumeClaim", std::string(name)), {"spec", "storageClassName"});
    };
    EXPECT_EQ(claim("a", ""), "") << "there is no default";
    const std::string marked = "annotations: {storageclass.kubernetes.io/is-default-class: ";
    createAll(cluster, "StorageClass",
              fmt::format("- {{metadata: {{name: old, {0}\"true\"}}}}, provisioner: p}}\n"
                          "- {{metadata: {{name: not-default, {0}\"false\"}}}}, provisioner: p}}",
                          marked));
    EXPECT_EQ(claim("b", ""), "old");
    EXPECT_EQ(claim("c", ", storageClassName: \"\""), "");
    EXPECT_EQ(claim("d", ", storageClassName: other"), "other");
    cluster.clock.advance(std::chrono::seconds{5});
    createAll(cluster, "StorageClass",
              fmt::format("- {{metadata: {{name: a-young, {0}\"true\"}}}}, provisioner: p}}\n"
                          "- {{metadata: {{name: young, {0}\"true\"}}}}, provisioner: p}}",
                          marked));
    EXPECT_EQ(claim("e", ""), "a-young") << "the youngest, then the first by name";
    EXPECT_EQ(at(cluster.get("PersistentVolumeClaim", "e"), {"metadata", "finalizers"}),
              R"(["kubernetes.io/pvc-protection"])");
}

TEST(Admission, letsClaimsGrowWhereTheirClassAllowsIt)
{
    Cluster cluster;
    createAll(cluster, "StorageClass",
              "- {metadata: {name: grows}, provisioner: p, allowVolumeExpansion: true}\n"
              "- {metadata: {name: fixed}, provisioner: p}");
    const std::string fixed = "Forbidden: persistentvolumeclaims \"c\" is forbidden: only dynamically provisioned pvc "
                              "can be resized and the storageclass that provisions the pvc must support resize";
    struct Row {
        const char* storageClass;
        const char* size;
        std::string outcome;
    };
    for (const auto& [storageClass, size, expected] : {
             Row{"grows", "2Gi", "ok"},
             Row{"grows", "1024Mi", "ok"},
             Row{"fixed", "1024Mi", "ok"},
             Row{"fixed", "2Gi", fixed},
             Row{"gone", "2Gi", fixed},
             Row{"''", "2Gi", fixed},
         }) {
        ASSERT_EQ(
            outcome(cluster.create(
                "PersistentVolumeClaim",
                fmt::format("{{metadata: {{name: c}}, spec: {{accessModes: [ReadWriteOnce], storageClassName: {}, "
                            "volumeName: v, resources: {{requests: {{storage: 1Gi}}}}}}}}",
                            storageClass))),
            "ok");
        ASSERT_EQ(outcome(cluster.merge("PersistentVolumeClaim", "c", "{status: {phase: Bound}}", "status")), "ok");
        EXPECT_EQ(outcome(cluster.merge("PersistentVolumeClaim", "c",
                                        fmt::format("{{spec: {{resources: {{requests: {{storage: {}}}}}}}}}", size))),
                  expected)
            << storageClass << " " << size;
        ASSERT_EQ(outcome(cluster.merge("PersistentVolumeClaim", "c", "{metadata: {finalizers: null}}")), "ok");
        ASSERT_EQ(outcome(cluster.remove("PersistentVolumeClaim", "c")), "ok");
    }
}

TEST(Admission, givesIngressesTheDefaultClass)
{
    Cluster cluster;
    const auto ingress = [&](std::string_view name, std::string_view metadata) {
        const auto text = fmt::format("{{metadata: {{name: {}{}}}, spec: {{defaultBackend: {{service: {{name: web, "
                                      "port: {{number: 80}}}}}}}}}}",
                                      name, metadata);
        EXPECT_EQ(outcome(cluster.create("Ingress", text)), "ok");
        return at(cluster.get("Ingress", std::string(name)), {"spec", "ingressClassName"});
    };
    EXPECT_EQ(ingress("a", ""), "");
    createAll(cluster, "IngressClass",
              "- {metadata: {name: fast, annotations: {ingressclass.kubernetes.io/is-default-class: \"true\"}}, spec: "
              "{controller: example.com/c}}");
    EXPECT_EQ(ingress("b", ""), "fast");
    EXPECT_EQ(ingress("c", ", annotations: {kubernetes.io/ingress.class: other}"), "");
}

TEST(Admission, protectsVolumesInUse)
{
    Cluster cluster;
    ASSERT_EQ(outcome(cluster.create("PersistentVolume",
                                     "{metadata: {name: v}, spec: {capacity: {storage: 1Gi}, accessModes: "
                                     "[ReadWriteOnce], hostPath: {path: /data}}}")),
              "ok");
    EXPECT_EQ(at(cluster.get("PersistentVolume", "v"), {"metadata", "finalizers"}),
              R"(["kubernetes.io/pv-protection"])");
    const auto removed = cluster.remove("PersistentVolume", "v");
    ASSERT_TRUE(removed);
    EXPECT_FALSE(removed->gone);
}

} // namespace
} // namespace keelson::registry
