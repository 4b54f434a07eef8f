// SPDX-License-Identifier: Apache-2.0
#include "registry/cluster.h"

#include <gmock/gmock.h>

namespace keelson::registry {
namespace {

using client::Propagation;
using testing::HasSubstr;

/// "gone", "waits", or the error.
std::string removal(const Result<Registry::Removed>& result)
{
    return !result ? outcome(result) : result->gone ? "gone" : "waits";
}

void bind(Cluster& cluster, const std::string& pod)
{
    ASSERT_TRUE(cluster.registry->bindEach(cluster.context, {{{"default", pod}, "", "n1"}}).front());
}

TEST(Remove, takesAnObjectAwayAtOnce)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("ConfigMap", "{metadata: {name: a}}"));
    const auto removed = cluster.remove("ConfigMap", "a");
    EXPECT_EQ(removal(removed), "gone");
    EXPECT_EQ(removed->object->revision, cluster.store.revision()) << "the last state, at the revision of the deletion";
    EXPECT_EQ(cluster.names("ConfigMap"), "");
    EXPECT_EQ(removal(cluster.remove("ConfigMap", "a")), R"(NotFound: configmaps "a" not found)");
}

TEST(Remove, holdsPreconditions)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("ConfigMap", "{metadata: {name: a}}"));
    EXPECT_THAT(removal(cluster.remove("ConfigMap", "a", {.uid = "other"})), HasSubstr("Conflict: "));
    EXPECT_THAT(removal(cluster.remove("ConfigMap", "a", {.resourceVersion = "1"})), HasSubstr("Conflict: "));
    const auto object = cluster.get("ConfigMap", "a");
    EXPECT_EQ(removal(cluster.remove("ConfigMap", "a",
                                     {.uid = at(object, {"metadata", "uid"}),
                                      .resourceVersion = at(object, {"metadata", "resourceVersion"})})),
              "gone");
}

TEST(Remove, leavesAPodOnANodeItsTime)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("Pod", podYaml));
    bind(cluster, "web");
    EXPECT_EQ(removal(cluster.remove("Pod", "web")), "waits");
    auto pod = cluster.get("Pod", "web");
    EXPECT_EQ(at(pod, {"metadata", "deletionGracePeriodSeconds"}), "30");
    EXPECT_EQ(at(pod, {"metadata", "deletionTimestamp"}), "2023-11-14T22:13:50Z");
    const auto revision = cluster.store.revision();
    EXPECT_EQ(removal(cluster.remove("Pod", "web")), "waits");
    EXPECT_EQ(removal(cluster.remove("Pod", "web", {.gracePeriodSeconds = 60})), "waits") << "time is not given back";
    EXPECT_EQ(cluster.store.revision(), revision);
    EXPECT_EQ(removal(cluster.remove("Pod", "web", {.gracePeriodSeconds = 5})), "waits");
    pod = cluster.get("Pod", "web");
    EXPECT_EQ(at(pod, {"metadata", "deletionGracePeriodSeconds"}), "5");
    EXPECT_EQ(at(pod, {"metadata", "deletionTimestamp"}), "2023-11-14T22:13:25Z");
    EXPECT_EQ(removal(cluster.remove("Pod", "web", {.gracePeriodSeconds = 0})), "gone");
}

TEST(Remove, doesNotWaitForPodsThatDoNotRun)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("Pod", podYaml));
    EXPECT_EQ(removal(cluster.remove("Pod", "web")), "gone") << "on no node";
    ASSERT_TRUE(cluster.create("Pod", podYaml));
    bind(cluster, "web");
    ASSERT_TRUE(cluster.merge("Pod", "web", "{status: {phase: Succeeded}}", "status"));
    EXPECT_EQ(removal(cluster.remove("Pod", "web")), "gone") << "it has ended";
}

TEST(Remove, waitsForFinalizers)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("ConfigMap", "{metadata: {name: a, finalizers: [example.org/x, example.org/y]}}"));
    EXPECT_EQ(removal(cluster.remove("ConfigMap", "a")), "waits");
    EXPECT_EQ(at(cluster.get("ConfigMap", "a"), {"metadata", "deletionGracePeriodSeconds"}), "0");
    EXPECT_EQ(outcome(cluster.merge("ConfigMap", "a", "{metadata: {finalizers: [example.org/x]}}")), "ok");
    EXPECT_THAT(outcome(cluster.merge("ConfigMap", "a", "{metadata: {finalizers: [example.org/x, example.org/z]}}")),
                HasSubstr("no new finalizers can be added if the object is being deleted"));
    EXPECT_EQ(cluster.names("ConfigMap"), "a");
    const auto freed = cluster.merge("ConfigMap", "a", "{metadata: {finalizers: null}}");
    ASSERT_EQ(outcome(freed), "ok");
    EXPECT_EQ(at(api::parseJson((*freed)->json).value(), {"metadata", "finalizers"}), "")
        << "its writer sees what it wrote";
    EXPECT_EQ(cluster.names("ConfigMap"), "") << "the last finalizer held it";
}

TEST(Remove, propagatesAsAsked)
{
    struct Row {
        Propagation propagation;
        const char* finalizers;
    };
    for (const auto& [propagation, finalizers] :
         {Row{Propagation::Foreground, R"(["foregroundDeletion"])"}, Row{Propagation::Orphan, R"(["orphan"])"},
          Row{Propagation::Background, ""}, Row{Propagation::Default, ""}}) {
        Cluster cluster;
        ASSERT_TRUE(cluster.create("Deployment", deploymentYaml));
        EXPECT_EQ(removal(cluster.remove("Deployment", "web", {.propagation = propagation})),
                  *finalizers ? "waits" : "gone");
        const auto left = cluster.get("Deployment", "web");
        EXPECT_EQ(at(left, {"metadata", "finalizers"}), finalizers);
        EXPECT_EQ(at(left, {"metadata", "generation"}), *finalizers ? "2" : "");
    }
}

TEST(Remove, endsANamespaceThroughItsFinalizer)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("Namespace", "{metadata: {name: team}}"));
    EXPECT_EQ(at(cluster.get("Namespace", "team"), {"spec", "finalizers"}), R"(["kubernetes"])");
    EXPECT_EQ(removal(cluster.remove("Namespace", "team")), "waits");
    auto space = cluster.get("Namespace", "team");
    EXPECT_EQ(at(space, {"status", "phase"}), "Terminating");
    EXPECT_NE(at(space, {"metadata", "deletionTimestamp"}), "");
    api::objectAt(space, {"spec"}).erase("finalizers");
    EXPECT_EQ(outcome(cluster.update("Namespace", "team", space)), "ok");
    EXPECT_NE(cluster.get("Namespace", "team"), Value{}) << "only its own subresource ends it";
    space = cluster.get("Namespace", "team");
    api::objectAt(space, {"spec"}).erase("finalizers");
    EXPECT_EQ(outcome(cluster.update("Namespace", "team", space, "finalize")), "ok");
    EXPECT_EQ(cluster.get("Namespace", "team"), Value{});
    EXPECT_EQ(removal(cluster.remove("Namespace", "default")),
              R"(Forbidden: namespaces "default" is forbidden: this namespace may not be deleted)");
}

TEST(Remove, takesACollectionBySelector)
{
    Cluster cluster;
    for (const auto* name : {"a", "b", "c"})
        ASSERT_TRUE(cluster.create("ConfigMap",
                                   fmt::format("{{metadata: {{name: {}, labels: {{odd: '{}'}}}}}}", name, *name % 2)));
    ListOptions odd{.nameSpace = "default", .labels = *api::LabelSelector::parse("odd=1")};
    const auto removed = cluster.registry->removeCollection(cluster.context, Cluster::kind("ConfigMap"), odd, {});
    ASSERT_EQ(outcome(removed), "ok");
    EXPECT_EQ(removed->objects.size(), 2U);
    EXPECT_EQ(cluster.names("ConfigMap"), "b");
}

TEST(Remove, takesACollectionByPagesInADryRunAndWithPropagation)
{
    Cluster cluster;
    for (const auto* name : {"a", "b", "c"})
        ASSERT_TRUE(cluster.create("ConfigMap", fmt::format("{{metadata: {{name: {}}}}}", name)));
    const auto remove = [&](const ListOptions& which, const DeleteOptions& options) {
        return cluster.registry->removeCollection(cluster.context, Cluster::kind("ConfigMap"), which, options);
    };
    cluster.context.dryRun = true;
    EXPECT_EQ(remove({.nameSpace = "default"}, {})->objects.size(), 3U);
    cluster.context.dryRun = false;
    EXPECT_EQ(cluster.names("ConfigMap"), "a b c");
    const auto first = remove({.nameSpace = "default", .limit = 2}, {});
    EXPECT_EQ(first->objects.size(), 2U);
    EXPECT_EQ(first->remaining, 1);
    EXPECT_EQ(cluster.names("ConfigMap"), "c");
    EXPECT_EQ(outcome(remove({.nameSpace = "default", .continueToken = first->continueToken},
                             {.propagation = Propagation::Orphan})),
              "ok");
    EXPECT_EQ(at(cluster.get("ConfigMap", "c"), {"metadata", "finalizers"}), R"(["orphan"])");
    EXPECT_THAT(outcome(remove({.resourceVersionMatch = "Exact"}, {})), HasSubstr("Invalid: ListOptions.meta.k8s.io"));
}

TEST(Remove, doesNothingInADryRun)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("ConfigMap", "{metadata: {name: a}}"));
    cluster.context.dryRun = true;
    EXPECT_EQ(removal(cluster.remove("ConfigMap", "a")), "gone");
    EXPECT_EQ(cluster.names("ConfigMap"), "a");
}

} // namespace
} // namespace keelson::registry
