// SPDX-License-Identifier: Apache-2.0
#include "editor/find_bar.h"

#include <gtest/gtest.h>

namespace keelson::ui {

TEST(FindAll, readsItsWords)
{
    const auto count = [](const char* words, FindOptions options) {
        return findAll("Web web webs\nñ web\n", QString::fromUtf8(words), options).size();
    };
    EXPECT_EQ(count("web", {}), 4u);
    EXPECT_EQ(count("web", {.isCaseSensitive = true}), 3u);
    EXPECT_EQ(count("web", {.isWholeWord = true}), 3u);
    EXPECT_EQ(count("w.b", {}), 0u);
    EXPECT_EQ(count("w.b", {.isPattern = true}), 4u);
    EXPECT_EQ(count("(", {.isPattern = true}), 0u);
    EXPECT_EQ(count("", {}), 0u);
    EXPECT_EQ(findAll("ñ web", QStringLiteral("web"), {}).front(), (document::Span{3, 6})) << "in bytes";
}

} // namespace keelson::ui
