// SPDX-License-Identifier: Apache-2.0
#include "registry/cluster.h"

#include <gmock/gmock.h>

#include <future>
#include <thread>

namespace keelson::registry {
namespace {

using Verb = ObjectWrite::Verb;

ObjectWrite writeOf(Verb verb, const Kind& kind, std::string name, std::string_view document)
{
    return {.verb = verb,
            .context = {},
            .kind = kind,
            .key = {kind.namespaced ? "default" : "", std::move(name)},
            .document = Cluster::document(document)};
}

std::string submitted(Cluster& cluster, ObjectWrite write)
{
    const auto& kind = write.kind;
    std::promise<std::string> told;
    cluster.registry->submit(std::move(write), [&](const Result<StoredObjectPtr>& written) {
        if (written) // Who is answered finds it.
            EXPECT_EQ((*cluster.registry->get(kind, (*written)->key))->revision, (*written)->revision);
        told.set_value(outcome(written));
    });
    return told.get_future().get();
}

TEST(Submit, doesWhatWaitingDoes)
{
    Cluster cluster;
    const auto& maps = Cluster::kind("ConfigMap");
    const auto& scalers =
        *api::Catalog::builtIn().find({"autoscaling", "v1"}, "HorizontalPodAutoscaler"); // stored in another version
    struct Row {
        Verb verb;
        const Kind& kind;
        const char* name;
        const char* document;
        const char* expected;
    };
    for (const auto& [verb, kind, name, document, expected] : {
             Row{Verb::Create, maps, "", "{metadata: {name: a}, data: {one: '1'}}", "ok"},
             Row{Verb::Create, maps, "", "{metadata: {name: a}}", "AlreadyExists: configmaps \"a\" already exists"},
             Row{Verb::Update, maps, "a", "{metadata: {name: a}, data: {one: '2'}}", "ok"},
             Row{Verb::Update, maps, "b", "{metadata: {name: b}}", "NotFound: configmaps \"b\" not found"},
             Row{Verb::Patch, maps, "a", "{data: {two: '3'}}", "ok"},
             Row{Verb::Patch, maps, "b", "{data: {two: '3'}}", "NotFound: configmaps \"b\" not found"},
             Row{Verb::Create, scalers, "",
                 "{metadata: {name: s}, spec: {maxReplicas: 2, scaleTargetRef: {kind: Deployment, name: web}}}", "ok"},
             Row{Verb::Patch, scalers, "s", "{spec: {maxReplicas: 3}}", "ok"},
         })
        EXPECT_EQ(submitted(cluster, writeOf(verb, kind, name, document)), expected) << document;
    EXPECT_EQ(at(cluster.get("ConfigMap", "a"), {"data", "one"}), "2");
    EXPECT_EQ(at(cluster.get("ConfigMap", "a"), {"data", "two"}), "3");
    EXPECT_EQ(at(cluster.get("HorizontalPodAutoscaler", "s"), {"spec", "maxReplicas"}), "3");
}

TEST(Submit, plansAnewWhatMetAnotherWrite)
{
    constexpr int threads = 4;
    constexpr int patches = 25;
    ThreadExecutor executor("test", threads);
    Cluster cluster;
    cluster.restart({.executor = &executor});
    ASSERT_TRUE(cluster.create("ConfigMap", "{metadata: {name: a}}"));
    std::atomic<int> made = 0;
    {
        std::vector<std::jthread> writers;
        for (int t = 0; t < threads; ++t) {
            writers.emplace_back([&, t] {
                for (int i = 0; i < patches; ++i)
                    cluster.registry->submit(writeOf(Verb::Patch, Cluster::kind("ConfigMap"), "a",
                                                     fmt::format("{{data: {{k-{}-{}: x}}}}", t, i)),
                                             [&](const Result<StoredObjectPtr>& written) {
                                                 EXPECT_EQ(outcome(written), "ok");
                                                 ++made;
                                                 made.notify_all();
                                             });
            });
        }
    }
    for (auto now = made.load(); now < threads * patches; now = made.load())
        made.wait(now);
    EXPECT_EQ(cluster.get("ConfigMap", "a").at("data").as_object().size(), std::size_t{threads * patches});
    executor.stop(); // before the registry ends, which its tasks use
}

} // namespace
} // namespace keelson::registry
