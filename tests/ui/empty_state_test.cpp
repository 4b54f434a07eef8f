// SPDX-License-Identifier: Apache-2.0
#include "widgets/empty_state.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QLabel>
#include <QPushButton>

#include <algorithm>
#include <set>

namespace keelson::ui {
namespace {

TEST(EmptyState, showsAllOfALongReason)
{
    EmptyState page;
    page.resize(700, 500);
    page.show();
    const auto reason =
        QStringLiteral("Forbidden: deployments.apps is forbidden: User \"jane\" cannot list resource ").repeated(4);
    page.set(QStringLiteral("error"), QStringLiteral("Deployments cannot be shown"), reason);
    QApplication::processEvents();
    const auto labels = page.findChildren<QLabel*>();
    const auto text = std::ranges::find(labels, reason, &QLabel::text);
    ASSERT_NE(text, labels.end());
    EXPECT_GE((*text)->height(), (*text)->heightForWidth((*text)->width()));
    EXPECT_GE((*text)->height(), 3 * page.fontMetrics().height()) << "several lines";
}

TEST(EmptyState, theButtonStandsRightBelowTheTextAtAnyWidth)
{
    EmptyState page;
    page.set(QStringLiteral("yaml"), QStringLiteral("No manifest is open"),
             QStringLiteral("Open a file or a folder, drop one here, or begin with a new one. What you write is kept."),
             QStringLiteral("New manifest"));
    page.show();
    const auto* button = page.findChild<QPushButton*>();
    const auto* text = page.findChildren<QLabel*>().constLast();
    std::set<int> distances;
    for (const int width : {300, 900, 600}) {
        page.resize(width, 500);
        QApplication::processEvents();
        distances.insert(button->y() - text->y() - text->heightForWidth(text->width()));
    }
    EXPECT_EQ(distances.size(), 1U) << "less text in width is no more room below it";
    EXPECT_LE(*distances.begin(), 30);
}

} // namespace
} // namespace keelson::ui
