// SPDX-License-Identifier: GPL-3.0-or-later
// Lists in panels: their rows stand below their headings, and their columns have the widths that they need.
#include "ui/live_cluster.h"

#include "widgets/list_columns.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QHeaderView>
#include <QImage>
#include <QMouseEvent>
#include <QTreeWidget>

namespace keelson::ui {
namespace {

class Lists : public testing::Test {
protected:
    void SetUp() override
    {
        list.setHeaderLabels({QStringLiteral("IAt"), QStringLiteral("IObject"), QStringLiteral("IWhat")});
        list.setRootIsDecorated(false);
        list.setFrameShape(QFrame::NoFrame);
        list.setFocusPolicy(Qt::NoFocus); // its frame would be drawn around a cell
        list.resize(700, 300);
        columns = new ListColumns(list, {{}, {80, 1, true}, {160, 3}}, 2);
        list.show();
    }
    void add(const QStringList& texts)
    {
        list.addTopLevelItem(new QTreeWidgetItem(texts));
        columns->measure();
    }
    /// Waits until the columns have been fitted.
    void settle()
    {
        QApplication::processEvents();
        QApplication::processEvents();
    }
    int shown() const
    {
        int count = 0;
        for (int column = 0; column < 3; ++column)
            count += list.isColumnHidden(column) ? 0 : 1;
        return count;
    }
    bool isCut(int row, int column) const
    {
        const auto* item = list.topLevelItem(row);
        return list.fontMetrics().horizontalAdvance(item->text(column)) > list.columnWidth(column) - 16;
    }
    /// Where something is drawn first in a band of the picture, from this column's left edge on.
    static int inkIn(const QImage& picture, const QRect& band)
    {
        const auto ground = picture.pixel(band.left() + 1, band.top() + 2);
        for (int x = band.left() + 1; x < band.right(); ++x)
            for (int y = band.top() + 2; y < band.bottom() - 2; ++y)
                if (qAbs(qGray(picture.pixel(x, y)) - qGray(ground)) > 60)
                    return x - band.left();
        return -1;
    }

    QTreeWidget list;
    ListColumns* columns = nullptr;
};

TEST_F(Lists, rowsStandBelowTheirHeadings)
{
    add({QStringLiteral("I1"), QStringLiteral("I2"), QStringLiteral("I3")});
    settle();
    const auto picture = list.grab().toImage();
    for (int column = 0; column < 3; ++column) {
        const int left = list.header()->sectionViewportPosition(column);
        const int width = list.columnWidth(column);
        const auto cell = list.visualItemRect(list.topLevelItem(0)).translated(list.viewport()->pos());
        const int heading = inkIn(picture, {left, 0, width, list.header()->height()});
        EXPECT_GT(heading, 0);
        EXPECT_NEAR(heading, inkIn(picture, {left, cell.top(), width, cell.height()}), 1) << column;
    }
}

TEST_F(Lists, whatIsNeverCutStaysWholeAndTheRestShares)
{
    const QString words(200, QLatin1Char('w'));
    add({QStringLiteral("28.11.26, 23:59"), QStringLiteral("Deployment/a-name-of-some-length"), words});
    settle();
    EXPECT_FALSE(isCut(0, 0));
    EXPECT_TRUE(isCut(0, 2));
    EXPECT_GT(list.columnWidth(2), list.columnWidth(1));
    EXPECT_EQ(list.columnWidth(0) + list.columnWidth(1) + list.columnWidth(2), list.viewport()->width());
    list.resize(330, 300);
    EXPECT_TRUE(eventually([&] { return shown() == 2; })) << "one gives way";
    EXPECT_FALSE(isCut(0, 0));
    EXPECT_EQ(list.columnWidth(0) + list.columnWidth(2), list.viewport()->width());
    list.resize(700, 300);
    EXPECT_TRUE(eventually([&] { return shown() == 3; }));
}

TEST_F(Lists, widthsOfTheUserStay)
{
    add({QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c")});
    settle();
    auto* heading = list.header()->viewport();
    const auto mouse = [&](QEvent::Type type, int x) {
        const QPointF at(x, 8);
        QMouseEvent event(type, at, heading->mapToGlobal(at), Qt::LeftButton,
                          type == QEvent::MouseButtonRelease ? Qt::NoButton : Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(heading, &event);
    };
    const int edge = list.columnWidth(0);
    mouse(QEvent::MouseButtonPress, edge);
    mouse(QEvent::MouseMove, edge + 90);
    mouse(QEvent::MouseButtonRelease, edge + 90);
    EXPECT_EQ(list.columnWidth(0), edge + 90);
    add({QStringLiteral("a longer one than before"), QStringLiteral("b"), QStringLiteral("c")});
    settle();
    EXPECT_EQ(list.columnWidth(0), edge + 90);
}

} // namespace
} // namespace keelson::ui
