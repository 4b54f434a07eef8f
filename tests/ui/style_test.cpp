// SPDX-License-Identifier: Apache-2.0
// Where the style and the headings of pages put words, measured in pixels.
#include "widgets/icons.h"
#include "widgets/page_title.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QHBoxLayout>
#include <QToolButton>

namespace keelson::ui {
namespace {

/// Where something is painted on the even ground of a picture.
QRect inked(const QImage& picture)
{
    QRect ink;
    for (int y = 0; y < picture.height(); ++y)
        for (int x = 0; x < picture.width(); ++x)
            if (picture.pixel(x, y) != picture.pixel(0, 0))
                ink |= QRect(x, y, 1, 1);
    return ink;
}

TEST(ToolButton, itsWordsAndItsIconStandInTheMiddle)
{
    for (const auto* words : {"Canvas", "Open folder\u2026", "H"}) {
        QToolButton button;
        button.setAutoRaise(true);
        button.setIcon(icon(QStringLiteral("designer")));
        button.setText(QString::fromUtf8(words));
        button.setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        button.resize(button.sizeHint());
        const auto ink = inked(button.grab().toImage());
        EXPECT_NEAR(ink.left(), button.width() - 1 - ink.right(), 3) << words;
        EXPECT_GE(ink.left(), 5) << words;
    }
}

TEST(PageTitle, wordsBesideItStandOnItsLine)
{
    QWidget bar;
    auto* row = new QHBoxLayout(&bar);
    auto* title = new PageTitle(QStringLiteral("HE"), &bar);
    auto* words = new QLabel(QStringLiteral("HE"), &bar);
    title->alignWords(*words);
    row->addWidget(title);
    row->addWidget(words);
    bar.resize(200, 60);
    bar.show();
    QApplication::processEvents();
    const auto picture = bar.grab().toImage();
    const auto line = [&](const QWidget& part) {
        const auto column = part.geometry();
        return inked(picture.copy(column.x(), 0, column.width(), bar.height())).bottom();
    };
    EXPECT_NEAR(line(*title), line(*words), 1);
}

} // namespace
} // namespace keelson::ui
