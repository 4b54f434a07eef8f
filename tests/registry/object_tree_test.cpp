// SPDX-License-Identifier: Apache-2.0
#include "registry/object_tree.h"

#include "api/catalog.h"
#include "base/random.h"
#include "registry/object_codec.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

namespace keelson::registry {
namespace {

const Kind& pods()
{
    return *api::Catalog::builtIn().find({"", "v1"}, "Pod");
}

StoredObjectPtr pod(std::uint64_t number, std::uint64_t draw)
{
    StoredObject object;
    object.key = {fmt::format("team-{}", number % 3), fmt::format("pod-{}", number)};
    if (draw % 2 == 0)
        object.labels["app"] = fmt::format("app-{}", draw % 7);
    if (draw % 5 == 0)
        object.labels["canary"] = "";
    object.fields.resize(pods().fieldSelectors.size());
    object.fields.front() = draw % 3 == 0 ? std::string() : fmt::format("node-{}", draw % 11);
    return std::make_shared<const StoredObject>(std::move(object));
}

TEST(ObjectTree, findsWhatSelectorsMatchAmongManyChanges)
{
    SeededRandom random(7);
    ObjectTree tree;
    std::map<ObjectKey, StoredObjectPtr> model;
    constexpr std::uint64_t objects = 600;
    constexpr int changes = 5000;
    for (int i = 0; i < changes; ++i) {
        const auto object = pod(random.next() % objects, random.next());
        if (random.next() % 4 == 0) {
            tree.remove(object->key);
            model.erase(object->key);
        } else {
            tree.set(object);
            model[object->key] = object;
        }
    }
    ASSERT_EQ(tree.size(), model.size());
    for (const auto* const text : {"", "app=app-2", "app in (app-2, app-4)", "app!=app-2", "canary", "!canary,app",
                                   "canary=,app=app-0", "none", "app=none"}) {
        for (const auto* const field : {"", "spec.nodeName=node-4", "spec.nodeName=", "spec.nodeName!=node-4",
                                        "metadata.name=pod-17", "metadata.name=none"}) {
            const auto labels = *api::LabelSelector::parse(text);
            const auto fields = *api::FieldSelector::parse(field);
            const auto wants = [&](const StoredObject& object) {
                return labels.matches(object.labels) && matches(pods(), fields, object);
            };
            std::vector<StoredObjectPtr> expected;
            for (const auto& [key, object] : model) {
                if (wants(*object))
                    expected.push_back(object);
            }
            std::vector<StoredObjectPtr> found;
            std::size_t looked = 0;
            tree.visit(nullptr, traitsOf(pods(), labels, fields), [&](const StoredObjectPtr& object) {
                ++looked;
                if (wants(*object))
                    found.push_back(object);
                return true;
            });
            EXPECT_EQ(found, expected) << text << " " << field;
            if (expected.empty())
                EXPECT_LT(looked, model.size() / 10) << text << " " << field << ": most are not even looked at";
        }
    }
}

TEST(ObjectTree, countsUpToAKey)
{
    ObjectTree tree;
    EXPECT_EQ(tree.countUpTo({"team-1", "pod-1"}), 0U);
    constexpr std::uint64_t objects = 500;
    for (std::uint64_t i = 0; i < objects; ++i)
        tree.set(pod(i, i));
    std::size_t count = 0;
    tree.visit(nullptr, [&](const StoredObjectPtr& object) {
        EXPECT_EQ(tree.countUpTo(object->key), ++count) << object->key.text();
        return true;
    });
    EXPECT_EQ(tree.countUpTo({"", ""}), 0U);
    EXPECT_EQ(tree.countUpTo({"team-0", "pod-0a"}), 1U) << "of a key that is not there";
    EXPECT_EQ(tree.countUpTo({"team-9", ""}), objects);
}

} // namespace
} // namespace keelson::registry
