// SPDX-License-Identifier: Apache-2.0
#include "apiserver/aggregated_discovery.h"
#include "apiserver/group_order.h"

#include <gtest/gtest.h>

namespace keelson::apiserver {
namespace {

TEST(GroupOrder, isByPriorityThenByNameAndAge)
{
    GroupOrder order;
    order.addOwn({"apps", "v1"});
    order.addOwn({"example.org", "v1"}); // a custom kind's
    order.addOwn({"example.org", "v2beta1"});
    order.add({"example.org", "v3alpha1"}, 1, 200);
    order.add({"metrics.k8s.io", "v1beta1"}, 100, 100);
    order.add({"same.org", "v1"}, 1000, 100);
    struct Row {
        const char* first;
        const char* second;
    };
    for (const auto& [first, second] : {Row{"apps", "example.org"}, Row{"example.org", "metrics.k8s.io"},
                                        Row{"example.org", "same.org"}, Row{"same.org", "metrics.k8s.io"}}) {
        EXPECT_TRUE(order.groupComesFirst(first, second)) << first;
        EXPECT_FALSE(order.groupComesFirst(second, first)) << first;
    }
    for (const auto& [first, second] : {Row{"v3alpha1", "v1"}, Row{"v1", "v2beta1"}}) {
        EXPECT_TRUE(order.versionComesFirst({"example.org", first}, {"example.org", second})) << first;
        EXPECT_FALSE(order.versionComesFirst({"example.org", second}, {"example.org", first})) << first;
    }
}

TEST(GroupOrder, decidesWhichVersionIsPreferred)
{
    const auto response = withGroups("/apis/metrics.k8s.io", std::nullopt,
                                     {{.groupVersion = {"metrics.k8s.io", "v1"}, .versionPriority = 1},
                                      {.groupVersion = {"metrics.k8s.io", "v1beta1"}, .versionPriority = 2}});
    ASSERT_TRUE(response);
    const auto group = api::parseJson(response->body.front().bytes).value();
    EXPECT_EQ(api::stringAt(group, {"preferredVersion", "version"}), "v1beta1");
    EXPECT_EQ(api::stringAt(group.at("versions").at(1), {"version"}), "v1");
}

} // namespace
} // namespace keelson::apiserver
