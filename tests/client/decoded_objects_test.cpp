// SPDX-License-Identifier: Apache-2.0
#include "client/decoded_objects.h"

#include "api/core_v1.h"
#include "client/informer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace keelson::client {
namespace {

Encoded podNamed(std::string_view name)
{
    return std::make_shared<const std::string>(
        fmt::format(R"({{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{}","namespace":"default"}}}})", name));
}

TEST(DecodedObjects, givesWhoAsksAgainWhatIsHeld)
{
    DecodedObjects objects;
    const auto encoded = podNamed("a");
    const auto first = *objects.get(encoded, decodeTyped<api::Pod>);
    EXPECT_EQ(first->key.name, "a");
    EXPECT_EQ(first->encoded, encoded);
    EXPECT_EQ(*objects.get(encoded, decodeTyped<api::Pod>), first);
    EXPECT_NE(*objects.get(encoded, decodeMetadata), first) << "in another way";
    EXPECT_NE(*objects.get(podNamed("a"), decodeTyped<api::Pod>), first) << "of another encoding";
}

TEST(DecodedObjects, keepsNothingThatNobodyHolds)
{
    DecodedObjects objects;
    for (int i = 0; i < 10'000; ++i)
        ASSERT_EQ((*objects.get(podNamed(std::to_string(i)), decodeMetadata))->key.name, std::to_string(i));
    EXPECT_LT(objects.size(), 2000U);
}

TEST(DecodedObjects, sweepsWhatOtherThreadsFilled) // for the thread sanitizer
{
    DecodedObjects objects;
    const auto fill = [&] {
        std::vector<Encoded> texts; // held, so that each has an address and an entry of its own
        for (int i = 0; i < 3'000; ++i)
            EXPECT_TRUE(objects.get(texts.emplace_back(podNamed(std::to_string(i))), decodeMetadata));
    };
    std::vector<std::thread> others(3);
    for (auto& each : others)
        each = std::thread(fill);
    fill();
    for (auto& each : others)
        each.join();
    EXPECT_LT(objects.size(), 4000U);
}

TEST(DecodedObjects, readsOfMetadataWhatIsKept)
{
    struct Row {
        const char* metadata;
        bool kept;
    };
    for (const auto& [metadata, kept] : {
             Row{R"("labels":{"a":"b"},"annotations":{"c":"d"})", false},
             Row{R"("finalizers":["a/b"])", true},
             Row{R"("ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p","uid":"u"}])", true},
             Row{R"("deletionTimestamp":"2026-01-01T00:00:00Z")", true},
         }) {
        const auto text = fmt::format(
            R"({{"metadata":{{"name":"a","namespace":"b","uid":"c","resourceVersion":"7",{}}}}})", metadata);
        const auto read = decodeMetadata(std::make_shared<const std::string>(text));
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(read->key, (ObjectKey{"b", "a"}));
        EXPECT_EQ(read->uid, "c");
        EXPECT_EQ(read->revision, 7U);
        EXPECT_EQ(read->meta->name, kept ? "a" : "") << text;
    }
}

TEST(DecodedObjects, sharesNoFailure)
{
    DecodedObjects objects;
    const auto broken = std::make_shared<const std::string>("{");
    EXPECT_FALSE(objects.get(broken, decodeMetadata));
    EXPECT_FALSE(objects.get(broken, decodeMetadata));
}

} // namespace
} // namespace keelson::client
