// SPDX-License-Identifier: Apache-2.0
#include "models/natural_order.h"

#include <gtest/gtest.h>

namespace keelson::ui {
namespace {

TEST(NaturalOrder, countsDigitsAndComparesTheRest)
{
    const struct {
        const char* less;
        const char* more;
    } cases[] = {
        {"sim-2", "sim-10"},
        {"sim-9", "sim-10"},
        {"sim", "sim-0"},
        {"a", "b"},
        {"a2b3", "a2b20"},
        {"10.244.2.9", "10.244.10.1"},
        {"v1.9", "v1.10"},
        {"1", "a"},
        {"web-007", "web-8"},
        {"web-01", "web-1"},
        {"", "a"},
        {"a0", "a00"},
        {"99999999999999999998", "99999999999999999999"},
        {"a-1", "a1"},
    };
    for (const auto& [less, more] : cases) {
        const auto first = QString::fromLatin1(less);
        const auto second = QString::fromLatin1(more);
        EXPECT_LT(naturalCompare(first, second), 0) << less << " before " << more;
        EXPECT_GT(naturalCompare(second, first), 0) << less << " before " << more;
        EXPECT_EQ(naturalCompare(first, first), 0) << less;
    }
}

} // namespace
} // namespace keelson::ui
