// SPDX-License-Identifier: Apache-2.0
#include "widgets/empty_state.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QLabel>

#include <algorithm>

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

} // namespace
} // namespace keelson::ui
