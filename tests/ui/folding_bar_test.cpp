// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/folding_bar.h"

#include <gtest/gtest.h>

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QPixmap>
#include <QToolButton>

#include <string>

namespace keelson::ui {

struct FoldingBarTest : testing::Test {
    FoldingBarTest()
    {
        auto* row = new QHBoxLayout(&bar);
        for (auto* button : {save, find, zoom}) {
            button->setIcon(QPixmap(16, 16));
            button->setText(QStringLiteral("Some words"));
            row->addWidget(button);
        }
        bar.foldWords(find);
        bar.foldWords(save);
        bar.foldAway(zoom);
        bar.resize(1000, 40);
        window.show(); // a window of its own could not be narrower than its layout wants
        QCoreApplication::processEvents();
        whole = bar.layout()->minimumSize().width();
        narrowest = bar.minimumSizeHint().width();
    }
    /// What is left at that width: words of save and of find, and zoom.
    std::string at(int width)
    {
        bar.resize(width, 40);
        QCoreApplication::processEvents();
        EXPECT_LE(bar.layout()->minimumSize().width(), width);
        EXPECT_EQ(bar.minimumSizeHint().width(), narrowest) << "whatever is folded";
        const auto hasWords = [](const QToolButton* button) {
            return button->isVisible() && button->toolButtonStyle() == Qt::ToolButtonTextBesideIcon;
        };
        return std::string(hasWords(save) ? "save " : "") + (hasWords(find) ? "find " : "") +
               (zoom->isVisible() ? "zoom" : "");
    }

    QWidget window;
    FoldingBar bar{&window};
    QToolButton* save = new QToolButton(&bar);
    QToolButton* find = new QToolButton(&bar);
    QToolButton* zoom = new QToolButton(&bar);
    int whole = 0;
    int narrowest = 0;
};

TEST_F(FoldingBarTest, foldsInItsOrderAndUnfolds)
{
    EXPECT_LT(narrowest, whole - 100);
    EXPECT_EQ(at(whole), "save find zoom");
    EXPECT_EQ(at(whole - 1), "save zoom");
    EXPECT_EQ(at(narrowest), "");
    EXPECT_EQ(at(whole - 1), "save zoom");
    EXPECT_EQ(at(whole + 100), "save find zoom");
}

TEST_F(FoldingBarTest, whatOthersHideTakesNoRoom)
{
    find->hide();
    QCoreApplication::processEvents();
    narrowest = bar.minimumSizeHint().width();
    EXPECT_EQ(at(bar.layout()->minimumSize().width()), "save zoom");
    find->show();
    QCoreApplication::processEvents();
    narrowest = bar.minimumSizeHint().width();
    EXPECT_EQ(at(whole), "save find zoom");
}

} // namespace keelson::ui
