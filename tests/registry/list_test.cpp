// SPDX-License-Identifier: Apache-2.0
#include "registry/cluster.h"

#include <gmock/gmock.h>

namespace keelson::registry {
namespace {

using testing::HasSubstr;

void makeConfigMaps(Cluster& cluster, std::initializer_list<const char*> names)
{
    for (const auto* const name : names)
        ASSERT_TRUE(
            cluster.create("ConfigMap", fmt::format("{{metadata: {{name: {}, labels: {{name: {}}}}}}}", name, name)));
}

TEST(List, showsObjectsByNamespaceAndName)
{
    Cluster cluster;
    ASSERT_TRUE(cluster.create("Namespace", "{metadata: {name: a-team}}"));
    makeConfigMaps(cluster, {"c", "a", "b"});
    ASSERT_TRUE(cluster.registry->create(cluster.context, Cluster::kind("ConfigMap"), "a-team",
                                         Cluster::document("{metadata: {name: z}}")));
    EXPECT_EQ(cluster.names("ConfigMap"), "z a b c");
    EXPECT_EQ(cluster.names("ConfigMap", {.nameSpace = "default"}), "a b c");
    EXPECT_EQ(cluster.names("ConfigMap", {.nameSpace = "nowhere"}), "");
    EXPECT_EQ(cluster.names("ConfigMap", {.labels = *api::LabelSelector::parse("name in (a,c)")}), "a c");
    EXPECT_EQ(cluster.names("ConfigMap", {.fields = *api::FieldSelector::parse("metadata.name=b")}), "b");
    EXPECT_EQ(cluster.names("ConfigMap", {.fields = *api::FieldSelector::parse("data.k=b")}),
              "BadRequest: field label not supported: data.k");
    EXPECT_EQ(cluster.registry->list(Cluster::kind("ConfigMap"), {})->revision, cluster.store.revision());
}

TEST(List, selectsPodsByTheirNode)
{
    Cluster cluster;
    for (const auto* name : {"a", "b"})
        ASSERT_TRUE(cluster.create(
            "Pod", fmt::format("{{metadata: {{name: {}}}, spec: {{containers: [{{name: a, image: b}}]}}}}", name)));
    ASSERT_TRUE(cluster.registry->bindEach(cluster.context, {{{"default", "b"}, "", "n1"}}).front());
    EXPECT_EQ(cluster.names("Pod", {.fields = *api::FieldSelector::parse("spec.nodeName=n1")}), "b");
    EXPECT_EQ(cluster.names("Pod", {.fields = *api::FieldSelector::parse("spec.nodeName=")}), "a");
    EXPECT_EQ(cluster.names("Pod", {.fields = *api::FieldSelector::parse("spec.nodeName!=n1,status.phase=Pending")}),
              "a");
    EXPECT_EQ(cluster.names("Pod", {.fields = *api::FieldSelector::parse("spec.hostNetwork=false")}), "a b");
}

TEST(List, comesInPagesOfOneState)
{
    Cluster cluster;
    makeConfigMaps(cluster, {"a", "b", "c", "d", "e"});
    const auto& kind = Cluster::kind("ConfigMap");
    for (const bool remembered : {true, false}) {
        auto first = cluster.registry->list(kind, {.limit = 2});
        ASSERT_EQ(outcome(first), "ok");
        EXPECT_EQ(first->remaining, 3);
        ASSERT_TRUE(cluster.create("ConfigMap", "{metadata: {name: bb}}"));
        ASSERT_TRUE(cluster.remove("ConfigMap", "c"));
        if (!remembered)
            cluster.restart(); // then the store knows the state
        const auto second = cluster.registry->list(kind, {.limit = 2, .continueToken = first->continueToken});
        ASSERT_EQ(outcome(second), "ok");
        EXPECT_EQ(second->objects[0]->key.name + second->objects[1]->key.name, "cd");
        EXPECT_EQ(second->revision, first->revision);
        EXPECT_EQ(second->remaining, 1);
        const auto third = cluster.registry->list(kind, {.limit = 2, .continueToken = second->continueToken});
        EXPECT_EQ(third->objects.size(), 1U);
        EXPECT_EQ(third->continueToken, "");
        ASSERT_TRUE(cluster.remove("ConfigMap", "bb"));
        makeConfigMaps(cluster, {"c"});
    }
}

TEST(List, refusesATokenOfAStateThatIsNoMore)
{
    Cluster cluster;
    makeConfigMaps(cluster, {"a", "b", "c"});
    const auto first = cluster.registry->list(Cluster::kind("ConfigMap"), {.limit = 1});
    makeConfigMaps(cluster, {"d"});
    ASSERT_TRUE(cluster.store.compact(cluster.store.revision()));
    cluster.restart();
    EXPECT_THAT(cluster.names("ConfigMap", {.continueToken = first->continueToken}),
                HasSubstr("Expired: The resourceVersion for the provided list is too old"));
    EXPECT_THAT(cluster.names("ConfigMap", {.continueToken = "rubbish"}),
                HasSubstr("BadRequest: continue key is not valid"));
}

TEST(List, goesByTheVersionThatIsAskedFor)
{
    Cluster cluster;
    makeConfigMaps(cluster, {"a"});
    const auto then = std::to_string(cluster.store.revision());
    makeConfigMaps(cluster, {"b"});
    ASSERT_TRUE(cluster.create("Secret", "{metadata: {name: s}}"));
    const auto now = std::to_string(cluster.store.revision());
    struct Row {
        std::string version;
        const char* match;
        const char* expected;
    };
    for (const auto& [version, match, expected] : {
             Row{"", "", "a b"},
             Row{"0", "", "a b"},
             Row{"0", "NotOlderThan", "a b"},
             Row{then, "", "a b"},
             Row{then, "NotOlderThan", "a b"},
             Row{then, "Exact", "a"},
             Row{now, "Exact", "a b"},
             Row{"1000", "NotOlderThan", "Timeout: Too large resource version: 1000"},
             Row{"0", "Exact", "BadRequest: "},
             Row{"", "Exact", "BadRequest: resourceVersionMatch is forbidden unless resourceVersion is provided"},
             Row{then, "Rather", "BadRequest: "},
             Row{"now", "", "BadRequest: "},
         })
        EXPECT_THAT(cluster.names("ConfigMap", {.resourceVersion = version, .resourceVersionMatch = match}),
                    testing::StartsWith(expected))
            << version << " " << match;
}

TEST(Registry, readsTheStoreAnewWhenItStarts)
{
    Cluster cluster;
    makeConfigMaps(cluster, {"a", "b"});
    const auto before = cluster.registry->get(Cluster::kind("ConfigMap"), {"default", "a"});
    cluster.restart();
    EXPECT_TRUE(cluster.registry->ready());
    EXPECT_EQ(cluster.names("ConfigMap"), "a b");
    EXPECT_EQ((*cluster.registry->get(Cluster::kind("ConfigMap"), {"default", "a"}))->json, (*before)->json);
}

TEST(Registry, saysWhichStoredObjectItCannotRead)
{
    Cluster cluster;
    ASSERT_TRUE(
        cluster.store.commit({{}, {{store::Operation::Type::Put, "/registry/core/configmaps/default/x", "rubbish"}}}));
    const auto made = makeRegistry(cluster.store, api::Catalog::builtIn(), cluster.clock, cluster.random);
    EXPECT_THAT(outcome(made), HasSubstr("a stored object of configmaps"));
    EXPECT_THAT(outcome(makeRegistry(cluster.store, api::Catalog::builtIn(), cluster.clock, cluster.random,
                                     {.serviceCidr = "10.0.0.0"})),
                HasSubstr("\"10.0.0.0\" is not an IPv4 range"));
}

} // namespace
} // namespace keelson::registry
