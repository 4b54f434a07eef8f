// SPDX-License-Identifier: Apache-2.0
#include "registry/cluster.h"

#include <gmock/gmock.h>

#include <thread>

namespace keelson::registry {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

std::unique_ptr<client::Watch> watch(Cluster& cluster, const std::shared_ptr<Heard>& heard, const WatchOptions& options,
                                     std::string_view kind = "ConfigMap")
{
    auto watch = cluster.registry->watch(Cluster::kind(kind), options, heard);
    EXPECT_EQ(outcome(watch), "ok");
    return watch ? *std::move(watch) : nullptr;
}

void put(Cluster& cluster, const std::string& name, const std::string& color)
{
    if (cluster.get("ConfigMap", name).is_null())
        ASSERT_TRUE(
            cluster.create("ConfigMap", fmt::format("{{metadata: {{name: {}, labels: {{color: {}}}}}}}", name, color)));
    else
        ASSERT_TRUE(cluster.merge("ConfigMap", name, fmt::format("{{metadata: {{labels: {{color: {}}}}}}}", color)));
}

TEST(Watch, tellsWhatHappensBehindAVersion)
{
    Cluster cluster;
    put(cluster, "a", "red");
    const auto after = cluster.store.revision();
    put(cluster, "b", "red");
    const auto heard = std::make_shared<Heard>();
    const auto handle = watch(cluster, heard, {.after = after});
    EXPECT_EQ(heard->text(), "+b");
    put(cluster, "a", "blue");
    ASSERT_TRUE(cluster.create("Secret", "{metadata: {name: s}}"));
    ASSERT_TRUE(cluster.remove("ConfigMap", "b"));
    EXPECT_EQ(heard->text(), "+b *a -b");
}

TEST(Watch, showsSelectorsAsComingAndGoing)
{
    Cluster cluster;
    const auto heard = std::make_shared<Heard>();
    const auto handle =
        watch(cluster, heard, {.labels = *api::LabelSelector::parse("color=red"), .after = cluster.store.revision()});
    put(cluster, "a", "blue");
    put(cluster, "b", "red");
    put(cluster, "a", "red");
    put(cluster, "b", "blue");
    ASSERT_TRUE(cluster.merge("ConfigMap", "a", "{data: {k: v}}"));
    ASSERT_TRUE(cluster.remove("ConfigMap", "b"));
    ASSERT_TRUE(cluster.remove("ConfigMap", "a"));
    EXPECT_EQ(heard->text(), "+b +a -b *a -a");
}

TEST(Watch, findsThoseWhoWatchOneName)
{
    Cluster cluster;
    put(cluster, "a", "red");
    const auto after = cluster.store.revision();
    const auto hears = [&](const char* fields, const char* nameSpace = "") {
        const auto heard = std::make_shared<Heard>();
        return std::pair(heard,
                         watch(cluster, heard,
                               {.nameSpace = nameSpace, .fields = *api::FieldSelector::parse(fields), .after = after}));
    };
    const auto [all, watchAll] = hears("");
    const auto [a, watchA] = hears("metadata.name=a");
    auto [alsoA, watchAlsoA] = hears("metadata.name=a", "default");
    const auto [notA, watchNotA] = hears("metadata.name!=a");
    const auto [elsewhere, watchElsewhere] = hears("metadata.name=a", "elsewhere");
    const auto [here, watchHere] = hears("", "default");
    put(cluster, "b", "red");
    put(cluster, "a", "blue");
    watchAlsoA.reset();
    ASSERT_TRUE(cluster.remove("ConfigMap", "a"));
    EXPECT_EQ(all->text(), "+b *a -a");
    EXPECT_EQ(a->text(), "*a -a");
    EXPECT_EQ(alsoA->text(), "*a") << "and no more after its end";
    EXPECT_EQ(notA->text(), "+b");
    EXPECT_EQ(elsewhere->text(), "");
    EXPECT_EQ(here->text(), "+b *a -a");
}

TEST(Watch, followsAnObjectFromOneNodeToAnother)
{
    Cluster cluster;
    const auto heard = std::make_shared<Heard>();
    const auto unbound = std::make_shared<Heard>();
    const auto watchOn =
        watch(cluster, heard,
              {.fields = *api::FieldSelector::parse("spec.nodeName=n1"), .after = cluster.store.revision()}, "Pod");
    const auto watchUnbound =
        watch(cluster, unbound,
              {.fields = *api::FieldSelector::parse("spec.nodeName="), .after = cluster.store.revision()}, "Pod");
    ASSERT_TRUE(cluster.create("Pod", "{metadata: {name: p}, spec: {containers: [{name: a, image: b}]}}"));
    ASSERT_TRUE(cluster.registry->bindEach(cluster.context, {{{"default", "p"}, "", "n1"}}).front());
    EXPECT_EQ(unbound->text(), "+p -p");
    EXPECT_EQ(heard->text(), "+p");
}

TEST(Watch, beginsWithThePresentState)
{
    Cluster cluster;
    put(cluster, "a", "red");
    put(cluster, "b", "red");
    const auto plain = std::make_shared<Heard>();
    const auto stream = std::make_shared<Heard>();
    const auto one = watch(cluster, plain, {.after = 0});
    const auto two = watch(cluster, stream, {.after = 0, .sendInitialEvents = true, .bookmarks = true});
    const auto now = std::make_shared<Heard>();
    const auto three = watch(cluster, now, {.after = 0, .fromNow = true});
    const auto quiet = std::make_shared<Heard>();
    const auto four = watch(cluster, quiet, {.after = cluster.store.revision(), .sendInitialEvents = true});
    put(cluster, "c", "red");
    EXPECT_EQ(plain->text(), "+a +b +c");
    EXPECT_EQ(stream->text(), "+a +b =initial +c");
    EXPECT_EQ(now->text(), "+c") << "without the present state";
    EXPECT_EQ(quiet->text(), "+a +b +c") << "no bookmark that nobody asked for";
    EXPECT_THAT(outcome(cluster.registry->watch(Cluster::kind("ConfigMap"), {.after = 1000, .sendInitialEvents = true},
                                                std::make_shared<Heard>())),
                HasSubstr("Timeout: Too large resource version: 1000"));
}

TEST(Watch, remembersNoMoreThanSomeBytes)
{
    Cluster cluster;
    put(cluster, "a", "red");
    const auto begun = cluster.store.revision();
    constexpr int writes = 40; // of half a megabyte: more than 16 MiB
    for (int i = 0; i < writes; ++i)
        ASSERT_EQ(outcome(cluster.merge("ConfigMap", "a",
                                        fmt::format("{{data: {{k: '{}{}'}}}}", std::string(500'000, 'x'), i))),
                  "ok");
    const auto from = [&](Revision revision) {
        return outcome(
            cluster.registry->watch(Cluster::kind("ConfigMap"), {.after = revision}, std::make_shared<Heard>()));
    };
    EXPECT_THAT(from(begun), HasSubstr("Expired: too old resource version"));
    EXPECT_EQ(from(cluster.store.revision() - writes / 2), "ok");
}

TEST(Watch, refusesWhatItDoesNotRemember)
{
    Cluster cluster;
    put(cluster, "a", "red");
    cluster.restart();
    EXPECT_THAT(outcome(cluster.registry->watch(Cluster::kind("ConfigMap"), {.after = 1}, std::make_shared<Heard>())),
                HasSubstr("Expired: too old resource version: 1"));
    EXPECT_THAT(
        outcome(cluster.registry->watch(Cluster::kind("ConfigMap"), {.fields = *api::FieldSelector::parse("x=y")},
                                        std::make_shared<Heard>())),
        HasSubstr("BadRequest: field label not supported"));
}

TEST(Watch, sendsBookmarksToQuietWatches)
{
    Cluster cluster;
    const auto heard = std::make_shared<Heard>();
    const auto handle = watch(cluster, heard, {.after = cluster.store.revision(), .bookmarks = true}, "Secret");
    put(cluster, "a", "red");
    EXPECT_EQ(heard->text(), "");
    cluster.clock.advance(seconds{11});
    put(cluster, "b", "red");
    EXPECT_EQ(heard->text(), "=bookmark");
}

TEST(Watch, endsAClientThatDoesNotRead)
{
    Cluster cluster;
    const auto heard = std::make_shared<Heard>();
    const auto handle = watch(cluster, heard, {.after = cluster.store.revision()});
    put(cluster, "a", "red");
    heard->takeAtMost(0);
    put(cluster, "b", "red");
    put(cluster, "c", "red");
    EXPECT_EQ(heard->text(), "+a !Expired");
}

TEST(Watch, ofADeletionShowsTheLastStateAtItsRevision)
{
    class Last : public WatchSink {
    public:
        bool event(const WatchEvent& event) override
        {
            json = event.object->json;
            return true;
        }
        void ended(const Error&) override {}
        std::string json;
    };
    Cluster cluster;
    put(cluster, "a", "red");
    const auto last = std::make_shared<Last>();
    const auto handle = *cluster.registry->watch(Cluster::kind("ConfigMap"), {.after = cluster.store.revision()}, last);
    ASSERT_TRUE(cluster.remove("ConfigMap", "a"));
    const auto document = *api::parseJson(last->json);
    EXPECT_EQ(at(document, {"metadata", "labels", "color"}), "red");
    EXPECT_EQ(at(document, {"metadata", "resourceVersion"}), std::to_string(cluster.store.revision()));
}

/// Whatever happens: a list and the watch from its version give the final state, each event once.
TEST(Watch, fromAListGivesTheFinalState)
{
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
        Cluster cluster;
        const auto write = [&cluster](std::uint64_t from) {
            SeededRandom random(from);
            for (int i = 0; i < 60; ++i) {
                const auto name = fmt::format("c{}", random.below(12));
                if (random.below(3) == 0)
                    (void)cluster.remove("ConfigMap", name);
                else if (random.below(2) == 0)
                    (void)cluster.create("ConfigMap",
                                         fmt::format("{{metadata: {{name: {}}}, data: {{k: '{}'}}}}", name, i));
                else
                    (void)cluster.merge("ConfigMap", name, fmt::format("{{data: {{k: '{}-{}'}}}}", from, i));
            }
        };
        std::map<ObjectKey, std::string> listed;
        const auto heard = std::make_shared<Heard>();
        std::unique_ptr<client::Watch> handle;
        {
            std::vector<std::jthread> writers;
            for (std::uint64_t t = 0; t < 3; ++t)
                writers.emplace_back([&, t] { write(seed * 10 + t); });
            const auto list = cluster.registry->list(Cluster::kind("ConfigMap"), {});
            for (const auto& object : list->objects)
                listed[object->key] = object->json;
            handle = watch(cluster, heard, {.after = list->revision});
        }
        const auto final = cluster.registry->list(Cluster::kind("ConfigMap"), {});
        std::map<ObjectKey, std::string> expected;
        for (const auto& object : final->objects)
            expected[object->key] = object->json;
        EXPECT_EQ(heard->appliedTo(std::move(listed)), expected) << "seed " << seed;
    }
}

} // namespace
} // namespace keelson::registry
