// SPDX-License-Identifier: Apache-2.0
#include "design/layout.h"
#include "design/set.h"
#include "design/sidecar.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

namespace keelson::design {
namespace {

std::string chain(int number)
{
    return fmt::format(R"(kind: Ingress
metadata: {{name: i{0}}}
spec: {{defaultBackend: {{service: {{name: s{0}}}}}}}
---
kind: Service
metadata: {{name: s{0}}}
spec: {{selector: {{app: a{0}}}}}
---
kind: Deployment
metadata: {{name: d{0}}}
spec: {{template: {{metadata: {{labels: {{app: a{0}}}}}, spec: {{containers: [{{envFrom: [{{configMapRef: {{name: c{0}}}}}]}}]}}}}}}
---
kind: ConfigMap
metadata: {{name: c{0}}}
---
)",
                       number);
}

bool overlap(const Places& places)
{
    for (const auto& [a, one] : places)
        for (const auto& [b, other] : places)
            if (a < b && std::abs(one.x - other.x) < cardWidth && std::abs(one.y - other.y) < cardHeight)
                return true;
    return false;
}

TEST(Layout, readsFromOutsideInward)
{
    const TestSet set(chain(1));
    const auto places = arranged(set.cards(), relationsOf(set.cards()), 1.5);
    ASSERT_EQ(places.size(), 4U);
    for (std::size_t i = 1; i < 4; ++i) {
        EXPECT_LT(places.at(set.cards()[i - 1].id).x, places.at(set.cards()[i].id).x);
        EXPECT_EQ(places.at(set.cards()[i - 1].id).y, places.at(set.cards()[i].id).y);
    }
}

TEST(Layout, hasRoomForAllAndIsTheSameAgain)
{
    std::string text;
    for (int i = 0; i < 20; ++i)
        text += chain(i) + fmt::format("kind: Secret\nmetadata: {{name: x{}, namespace: n{}}}\n---\n", i, i % 3);
    const TestSet set(text);
    const auto relations = relationsOf(set.cards());
    const auto places = arranged(set.cards(), relations, 1.5);
    EXPECT_EQ(places.size(), 100U);
    EXPECT_FALSE(overlap(places));
    EXPECT_EQ(places, arranged(set.cards(), relations, 1.5));
}

TEST(Layout, hasTheShapeOfTheView)
{
    std::string text;
    for (int i = 0; i < 12; ++i)
        text += chain(i);
    const TestSet set(text);
    double before = 0;
    for (const double aspect : {0.5, 2.0, 8.0}) {
        double right = 0;
        double bottom = 0;
        for (const auto& [id, place] : arranged(set.cards(), relationsOf(set.cards()), aspect)) {
            right = std::max(right, place.x + cardWidth);
            bottom = std::max(bottom, place.y + cardHeight);
        }
        EXPECT_GT(right / bottom, before);
        before = right / bottom;
    }
    EXPECT_GT(before, 4);
}

TEST(Layout, looseCardsAreSpread)
{
    std::string text;
    for (int i = 0; i < 30; ++i)
        text += fmt::format("kind: ConfigMap\nmetadata: {{name: c{}}}\n---\n", i);
    const TestSet set(text);
    const auto places = arranged(set.cards(), {}, 1.5);
    double right = 0;
    double bottom = 0;
    for (const auto& [id, place] : places) {
        right = std::max(right, place.x);
        bottom = std::max(bottom, place.y);
    }
    EXPECT_GT(right, 2 * cardWidth);
    EXPECT_LT(bottom, 10 * cardHeight * 1.5);
    EXPECT_FALSE(overlap(places));
}

TEST(Layout, newCardsStandBesideWhatTheyBelongToAndMoveNothing)
{
    TestSet set(chain(1));
    auto places = arranged(set.cards(), relationsOf(set.cards()), 1.5);
    const auto before = places;
    set.manifest.replace(set.manifest.text().size(), 0,
                         "kind: Service\nmetadata: {name: second}\nspec: {selector: {app: a1}}\n---\nkind: "
                         "Secret\nmetadata: {name: alone}\n");
    set.update();
    placeNew(places, set.cards(), relationsOf(set.cards()));
    for (const auto& [id, place] : before)
        EXPECT_EQ(places.at(id), place);
    const auto second = places.at(set.cards()[set.index("Service", "second")].id);
    EXPECT_EQ(second.x, before.at(set.cards()[1].id).x) << "in the column of Services";
    EXPECT_FALSE(overlap(places));
}

TEST(Layout, alignedCardsDoNotLieOverEachOther)
{
    const Places all{{1, {0, 0}}, {2, {64, 16}}, {3, {640, 320}}, {4, {32, 32}}};
    Places some = all;
    some.erase(4);
    for (const auto alignment : {Alignment::Left, Alignment::Centre, Alignment::Right}) {
        auto places = aligned(all, some, alignment);
        EXPECT_EQ(places.at(1).x, places.at(2).x);
        EXPECT_EQ(places.at(2).x, places.at(3).x);
        EXPECT_EQ(places.at(4), all.at(4)) << "not asked for";
        places.erase(4);
        EXPECT_FALSE(overlap(places));
    }
    EXPECT_EQ(aligned(all, some, Alignment::Top).at(3).y, 0);
    EXPECT_EQ(aligned(all, some, Alignment::Bottom).at(1).y, 320);
    EXPECT_EQ(aligned(all, some, Alignment::Left).at(3).x, 0);
    EXPECT_EQ(aligned(all, {{1, {0, 0}}}, Alignment::Right), all) << "one alone has nothing to align with";
    const auto corner = blockPlace(all, {{9, {0, 0}}, {10, {0, 96}}}, {0, 0});
    EXPECT_GE(corner.y, 96);
}

TEST(Sidecar, remembersPlacesByName)
{
    TestSet set(chain(1) + "kind: Secret\nmetadata: {name: twice}\n---\nkind: Secret\nmetadata: {name: twice}\n");
    const auto places = arranged(set.cards(), relationsOf(set.cards()), 1.5);
    const auto text = writeSidecar(named({places, {}}, set.cards(), 1));
    Arrangement read;
    auto remembered = readSidecar(text);
    adopt(read, set.cards(), 1, remembered);
    EXPECT_EQ(read.places, places);
    EXPECT_NE(text.find("\n  \"Ingress default/i1\": {\"x\": 0, \"y\": "), std::string::npos) << text;
    for (const auto* broken :
         {"", "[]", "{", "{\"places\": 1}", "{\"keelsonLayout\": 2, \"places\": {\"a\": {\"x\": 1, \"y\": 1}}}",
          "{\"keelsonLayout\": 1, \"places\": {\"a\": {\"x\": \"1\", \"y\": 1e300}}}"})
        EXPECT_TRUE(readSidecar(broken).isEmpty()) << broken;
    EXPECT_EQ(sidecarOf("/a/web.yaml"), "/a/.web.yaml.layout");
}

TEST(Sidecar, remembersGroupsUntilTheyAreLeft)
{
    TestSet set(chain(1));
    const auto id = [&](std::size_t card) { return set.cards()[card].id; };
    Arrangement now{arranged(set.cards(), {}, 1.5), {}};
    now.groups = grouped(now.groups, {id(0), id(1)}, "front \"of\" it");
    now.groups = grouped(now.groups, {id(2)}, "back");
    now.groups["back"].isFolded = true;
    const auto text = writeSidecar(named(now, set.cards(), 1));
    EXPECT_NE(text.find(", \"group\": \"back\"}"), std::string::npos) << text;
    auto remembered = readSidecar(text);
    Arrangement read;
    adopt(read, set.cards(), 1, remembered);
    EXPECT_EQ(read, now);
    read.groups.erase("back");
    adopt(read, set.cards(), 1, remembered);
    EXPECT_FALSE(read.groups.contains("back")) << "what was taken apart stays so";
}

TEST(Groups, aCardIsInOneAtMost)
{
    Groups groups = grouped({}, {1, 2, 3}, "a");
    groups = grouped(groups, {3, 4}, "b");
    EXPECT_EQ(groups.at("a").cards, (std::set<CardId>{1, 2}));
    EXPECT_EQ(groupOf(groups, 3)->first, "b");
    EXPECT_EQ(groupOf(groups, 9), groups.end());
    EXPECT_EQ(renamed(groups, "a", "b"), groups) << "the name is taken";
    EXPECT_EQ(renamed(groups, "a", "c").at("c"), groups.at("a"));
    EXPECT_FALSE(grouped(groups, {1, 2}, "b").contains("a")) << "without cards it is none";
    EXPECT_FALSE(withoutOthers(groups, {1}).contains("b"));
    EXPECT_EQ(freshGroupName(grouped({}, {1}, "Group 1"), "Group"), "Group 2");
}

TEST(Groups, areArrangedApart)
{
    const TestSet set(chain(1) + chain(2));
    const auto& cards = set.cards();
    Regions regions;
    for (std::size_t i = 0; i < 4; ++i)
        regions[cards[i * 2].id] = "mixed"; // of both chains
    const auto places = arranged(cards, relationsOf(cards), 1.5, regions);
    double lowest = 0;
    for (std::size_t i = 0; i < 4; ++i)
        lowest = std::max(lowest, places.at(cards[i * 2 + 1].id).y);
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_GE(places.at(cards[i * 2].id).y, lowest + cardHeight + 32) << "with room for their frame";
    EXPECT_FALSE(overlap(places));
}

} // namespace
} // namespace keelson::design
