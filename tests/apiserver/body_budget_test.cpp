// SPDX-License-Identifier: Apache-2.0
#include "apiserver/body_budget.h"

#include <gtest/gtest.h>

namespace keelson::apiserver {
namespace {

TEST(BodyBudget, leavesRoomForOthers)
{
    BodyBudget budget(10, 4);
    EXPECT_TRUE(budget.take("a", 4));
    EXPECT_FALSE(budget.take("a", 1));
    EXPECT_TRUE(budget.take("a", 0));
    EXPECT_TRUE(budget.take("b", 4));
    EXPECT_FALSE(budget.take("c", 3)) << "of all together";
    EXPECT_TRUE(budget.take("c", 2));
    EXPECT_FALSE(budget.take("d", 1));
    budget.giveBack("a", 4);
    EXPECT_FALSE(budget.take("b", 1)) << "its own share";
    EXPECT_TRUE(budget.take("d", 4));
    EXPECT_FALSE(budget.take("a", 1));
}

} // namespace
} // namespace keelson::apiserver
