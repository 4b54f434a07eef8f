// SPDX-License-Identifier: Apache-2.0
// LimitRanges and ResourceQuotas at work on writes.
#include "registry/cluster.h"

#include <atomic>
#include <thread>

namespace keelson::registry {
namespace {

std::string podOf(std::string_view name, std::string_view resources = "{}", std::string_view more = "")
{
    return fmt::format("{{metadata: {{name: {}}}, spec: {{containers: [{{name: c, image: i, resources: {}}}]{}}}}}",
                       name, resources, more);
}

void createQuota(Cluster& cluster, std::string_view name, std::string_view spec)
{
    ASSERT_EQ(outcome(cluster.create("ResourceQuota", fmt::format("{{metadata: {{name: {}}}, spec: {}}}", name, spec))),
              "ok");
}

TEST(Quota, refusesWhatUsesMoreThanIsLeft)
{
    Cluster cluster;
    createQuota(cluster, "few", "{hard: {pods: 2, requests.cpu: 1}}");
    const auto create = [&](std::string_view name, std::string_view resources) {
        return outcome(cluster.create("Pod", podOf(name, resources)));
    };
    EXPECT_EQ(create("a", "{}"),
              "Forbidden: pods \"a\" is forbidden: failed quota: few: must specify requests.cpu for: c");
    EXPECT_EQ(create("a", "{requests: {cpu: 600m}}"), "ok");
    EXPECT_EQ(create("b", "{requests: {cpu: 500m}}"),
              "Forbidden: pods \"b\" is forbidden: exceeded quota: few, requested: requests.cpu=500m, used: "
              "requests.cpu=600m, limited: requests.cpu=1");
    EXPECT_EQ(create("b", "{requests: {cpu: 400m}}"), "ok");
    EXPECT_EQ(create("c", "{requests: {cpu: 1m}}"),
              "Forbidden: pods \"c\" is forbidden: exceeded quota: few, requested: pods=1,requests.cpu=1m, used: "
              "pods=2,requests.cpu=1, limited: pods=2,requests.cpu=1");
    ASSERT_EQ(outcome(cluster.remove("Pod", "a")), "ok");
    EXPECT_EQ(create("c", "{requests: {cpu: 1m}}"), "ok");
}

TEST(Quota, isFreedByPodsThatFinish)
{
    Cluster cluster;
    createQuota(cluster, "one", "{hard: {pods: 1}}");
    ASSERT_EQ(outcome(cluster.create("Pod", podOf("a"))), "ok");
    EXPECT_NE(outcome(cluster.create("Pod", podOf("b"))), "ok");
    ASSERT_EQ(outcome(cluster.merge("Pod", "a", "{status: {phase: Succeeded}}", "status")), "ok");
    EXPECT_EQ(outcome(cluster.create("Pod", podOf("b"))), "ok");
}

TEST(Quota, countsWhatWasThereBefore)
{
    Cluster cluster;
    for (const auto* const name : {"a", "b"})
        ASSERT_EQ(outcome(cluster.create("ConfigMap", fmt::format("{{metadata: {{name: {}}}}}", name))), "ok");
    createQuota(cluster, "maps", "{hard: {count/configmaps: 3}}");
    const auto refused = [](std::string_view name) {
        return fmt::format("Forbidden: configmaps \"{}\" is forbidden: exceeded quota: maps, requested: "
                           "count/configmaps=1, used: count/configmaps=3, limited: count/configmaps=3",
                           name);
    };
    EXPECT_EQ(outcome(cluster.create("ConfigMap", "{metadata: {name: c}}")), "ok");
    EXPECT_EQ(outcome(cluster.create("ConfigMap", "{metadata: {name: d}}")), refused("d"));
    cluster.restart();
    EXPECT_EQ(outcome(cluster.create("ConfigMap", "{metadata: {name: d}}")), refused("d"));
    ASSERT_EQ(outcome(cluster.merge("ResourceQuota", "maps", "{spec: {hard: {count/configmaps: 4}}}")), "ok");
    EXPECT_EQ(outcome(cluster.create("ConfigMap", "{metadata: {name: d}}")), "ok");
    ASSERT_EQ(outcome(cluster.remove("ResourceQuota", "maps")), "ok");
    EXPECT_EQ(outcome(cluster.create("ConfigMap", "{metadata: {name: e}}")), "ok");
}

TEST(Quota, countsUpdatesByWhatTheyAdd)
{
    Cluster cluster;
    createQuota(cluster, "ports", "{hard: {services: 2, services.nodeports: 2}}");
    ASSERT_EQ(outcome(cluster.create("Service", "{metadata: {name: a}, spec: {type: NodePort, ports: [{port: 80}]}}")),
              "ok");
    EXPECT_EQ(outcome(cluster.merge("Service", "a", "{metadata: {labels: {x: z}}}")), "ok");
    EXPECT_EQ(outcome(cluster.merge(
                  "Service", "a", "{spec: {ports: [{name: p, port: 80}, {name: q, port: 81}, {name: r, port: 82}]}}")),
              "Forbidden: services \"a\" is forbidden: exceeded quota: ports, requested: services.nodeports=2, used: "
              "services.nodeports=1, limited: services.nodeports=2");
    EXPECT_EQ(outcome(cluster.merge("Service", "a", "{spec: {ports: [{name: p, port: 80}, {name: q, port: 81}]}}")),
              "ok");
}

TEST(Quota, isKeptByEachOfSeveralQuotasInItsScope)
{
    Cluster cluster;
    createQuota(cluster, "all", "{hard: {pods: 3}}");
    createQuota(cluster, "brief", "{hard: {pods: 1}, scopes: [Terminating]}");
    EXPECT_EQ(outcome(cluster.create("Pod", podOf("a", "{}", ", activeDeadlineSeconds: 5"))), "ok");
    EXPECT_EQ(outcome(cluster.create("Pod", podOf("b", "{}", ", activeDeadlineSeconds: 5"))),
              "Forbidden: pods \"b\" is forbidden: exceeded quota: brief, requested: pods=1, used: pods=1, limited: "
              "pods=1");
    EXPECT_EQ(outcome(cluster.create("Pod", podOf("b"))), "ok");
    EXPECT_EQ(outcome(cluster.create("Pod", podOf("c"))), "ok");
    EXPECT_NE(outcome(cluster.create("Pod", podOf("d"))), "ok");
}

TEST(Quota, dryRunsUseNothing)
{
    Cluster cluster;
    createQuota(cluster, "one", "{hard: {pods: 1}}");
    cluster.context.dryRun = true;
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(outcome(cluster.create("Pod", podOf("a"))), "ok");
    cluster.context.dryRun = false;
    EXPECT_EQ(outcome(cluster.create("Pod", podOf("a"))), "ok");
    EXPECT_EQ(outcome(cluster.create("Pod", podOf("a"))), "AlreadyExists: pods \"a\" already exists");
    cluster.context.dryRun = true;
    EXPECT_NE(outcome(cluster.create("Pod", podOf("b"))), "ok");
}

/// As many as are allowed get in, never one more, and none is refused while there is room: each round frees some.
TEST(Quota, isExactWhenManyWriteAtOnce)
{
    constexpr int threads = 16;
    constexpr int eachMakes = 40;
    constexpr int hard = 100;
    Cluster cluster;
    createQuota(cluster, "hundred", fmt::format("{{hard: {{pods: {}, requests.cpu: {}}}}}", hard, hard));
    std::atomic<int> made = 0;
    std::atomic<int> refused = 0;
    for (int round = 0; round < 3; ++round) {
        std::vector<std::jthread> writers;
        for (int writer = 0; writer < threads; ++writer) {
            writers.emplace_back([&, writer] {
                for (int i = 0; i < eachMakes; ++i) {
                    const auto name = fmt::format("p-{}-{}-{}", round, writer, i);
                    const auto created = cluster.create("Pod", podOf(name, "{requests: {cpu: 1}}"));
                    ++(created ? made : refused);
                    if (!created) {
                        EXPECT_EQ(created.error().reason, Reason::Forbidden) << created.error().message;
                    }
                }
            });
        }
        writers.clear();
        const auto list = cluster.registry->list(Cluster::kind("Pod"), {});
        ASSERT_TRUE(list);
        EXPECT_EQ(list->objects.size(), hard);
        for (int i = 0; i < hard / 4; ++i)
            EXPECT_EQ(outcome(cluster.remove("Pod", list->objects[static_cast<std::size_t>(i)]->key.name)), "ok");
    }
    EXPECT_EQ(made, hard + 2 * (hard / 4));
    EXPECT_EQ(made + refused, 3 * threads * eachMakes);
}

TEST(Quota, writersOfOneNameDoNotPushEachOtherOut)
{
    Cluster cluster;
    createQuota(cluster, "one", "{hard: {pods: 1}}");
    std::atomic<int> made = 0;
    {
        std::vector<std::jthread> writers;
        for (int i = 0; i < 16; ++i)
            writers.emplace_back([&] {
                const auto created = cluster.create("Pod", podOf("same"));
                made += created ? 1 : 0;
                if (!created) {
                    EXPECT_EQ(created.error().reason, Reason::AlreadyExists) << created.error().message;
                }
            });
    }
    EXPECT_EQ(made, 1);
}

TEST(Limits, completeAndRefusePods)
{
    Cluster cluster;
    ASSERT_EQ(outcome(cluster.create("LimitRange", "{metadata: {name: l}, spec: {limits: [{type: Container, default: "
                                                   "{memory: 64Mi}, max: {memory: 1Gi, cpu: 1}}]}}")),
              "ok");
    EXPECT_EQ(outcome(cluster.create("Pod", podOf("a", "{limits: {memory: 2Gi}}"))),
              "Forbidden: pods \"a\" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi");
    EXPECT_EQ(
        outcome(cluster.create("Pod", podOf("a", "{requests: {cpu: 3}, limits: {cpu: 3, memory: 2Gi}}"))),
        "Forbidden: pods \"a\" is forbidden: [maximum cpu usage per Container is 1, but limit is 3, maximum memory "
        "usage per Container is 1Gi, but limit is 2Gi]");
    ASSERT_EQ(outcome(cluster.create("Pod", podOf("a"))), "ok");
    const auto pod = cluster.get("Pod", "a");
    // A maximum is the usual value too where the range names none.
    EXPECT_EQ(pod.at("spec").at("containers").at(0).at("resources"),
              *api::parseYaml(R"({requests: {cpu: "1", memory: 64Mi}, limits: {cpu: "1", memory: 64Mi}})"));
    EXPECT_EQ(at(pod, {"metadata", "annotations", "kubernetes.io/limit-ranger"}),
              "LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c");
    EXPECT_EQ(at(pod, {"status", "qosClass"}), "Guaranteed") << "as it stands after admission";

    ASSERT_EQ(outcome(cluster.create("LimitRange", "{metadata: {name: claims}, spec: {limits: [{type: "
                                                   "PersistentVolumeClaim, max: {storage: 1Gi}}]}}")),
              "ok");
    EXPECT_EQ(
        outcome(cluster.create("PersistentVolumeClaim",
                               "{metadata: {name: big}, spec: {accessModes: [ReadWriteOnce], resources: {requests: "
                               "{storage: 2Gi}}}}")),
        "Forbidden: persistentvolumeclaims \"big\" is forbidden: maximum storage usage per PersistentVolumeClaim "
        "is 1Gi, but request is 2Gi");
}

} // namespace
} // namespace keelson::registry
