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

TEST(List, selectsJobsByTheirSuccess)
{
    Cluster cluster;
    for (const auto* name : {"a", "b"})
        ASSERT_EQ(outcome(cluster.create("Job", fmt::format("{{metadata: {{name: {}}}, spec: {{template: {{spec: "
                                                            "{{restartPolicy: Never, containers: [{{name: a, image: "
                                                            "b}}]}}}}}}}}",
                                                            name))),
                  "ok");
    ASSERT_EQ(outcome(cluster.merge("Job", "b", "{status: {succeeded: 1}}", "status")), "ok");
    EXPECT_EQ(cluster.names("Job", {.fields = *api::FieldSelector::parse("status.successful=1")}), "b");
    EXPECT_EQ(cluster.names("Job", {.fields = *api::FieldSelector::parse("status.successful=0")}), "a");
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
                HasSubstr("Expired: The provided continue parameter is too old to display a consistent list result"));
    ASSERT_TRUE(cluster.remove("ConfigMap", "b"));
    const auto token = cluster.registry->inconsistentContinue(first->continueToken);
    const auto second = cluster.registry->list(Cluster::kind("ConfigMap"), {.limit = 1, .continueToken = token});
    ASSERT_EQ(outcome(second), "ok");
    EXPECT_EQ(second->objects.front()->key.name, "c") << "the present state, behind the place";
    EXPECT_EQ(second->revision, cluster.store.revision());
    EXPECT_EQ(second->remaining, 1);
    EXPECT_EQ(cluster.names("ConfigMap", {.continueToken = second->continueToken}), "d");
    EXPECT_EQ(cluster.registry->inconsistentContinue("rubbish"), "");
    EXPECT_THAT(token, testing::MatchesRegex("[A-Za-z0-9_-]+")) << "goes into a query as it is";
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
        std::size_t limit = 0;
    };
    for (
        const auto& [version, match, expected, limit] : {
            Row{"", "", "a b"},
            Row{"0", "", "a b"},
            Row{"0", "NotOlderThan", "a b"},
            Row{then, "", "a b"},
            Row{then, "NotOlderThan", "a b"},
            Row{then, "Exact", "a"},
            Row{now, "Exact", "a b"},
            Row{then, "", "a", 5},
            Row{then, "NotOlderThan", "a b", 5},
            Row{"0", "", "a b", 5},
            Row{"1000", "NotOlderThan", "Timeout: Timeout: Too large resource version: 1000, current: "},
            Row{"1000", "Exact", "Timeout: Timeout: Too large resource version: 1000, current: "},
            Row{"0", "Exact",
                R"(Invalid: ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: )"
                R"(resourceVersionMatch "exact" is forbidden for resourceVersion "0")"},
            Row{"", "Exact",
                R"(Invalid: ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: )"
                R"(resourceVersionMatch is forbidden unless resourceVersion is provided)"},
            Row{then, "Rather",
                R"(Invalid: ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Unsupported value: "Rather": )"
                R"(supported values: "Exact", "NotOlderThan", "")"},
            Row{"now", "", "BadRequest: Invalid value: \"now\""},
            Row{"-1", "", "BadRequest: Invalid value: \"-1\""},
        })
        EXPECT_THAT(
            cluster.names("ConfigMap", {.limit = limit, .resourceVersion = version, .resourceVersionMatch = match}) +
                "$",
            testing::StartsWith(std::string(expected) + (std::string_view(expected).contains(':') ? "" : "$")))
            << version << " " << match << " " << limit;
    const auto first = cluster.registry->list(Cluster::kind("ConfigMap"), {.limit = 1});
    EXPECT_EQ(cluster.names("ConfigMap", {.continueToken = first->continueToken, .resourceVersion = then}),
              "BadRequest: specifying resource version is not allowed when using continue");
    EXPECT_THAT(cluster.names(
                    "ConfigMap",
                    {.continueToken = first->continueToken, .resourceVersion = then, .resourceVersionMatch = "Exact"}),
                HasSubstr("resourceVersionMatch is forbidden when continue is provided"));
    EXPECT_EQ(outcome(cluster.registry->reached(now)), "ok");
    EXPECT_EQ(outcome(cluster.registry->reached("")), "ok");
    EXPECT_THAT(outcome(cluster.registry->reached("1000")), HasSubstr("Too large resource version: 1000"));
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
