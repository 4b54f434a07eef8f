// SPDX-License-Identifier: Apache-2.0
// Whole windows as small as they may be: nothing makes them wider, and nothing that matters is out of sight.
#include "ui/live_cluster.h"

#include "models/kind_info.h"
#include "widgets/theme.h"
#include "window/cheat_sheet.h"
#include "window/cluster_view.h"
#include "window/workbench.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QCheckBox>
#include <QDialog>
#include <QImage>
#include <QLabel>
#include <QLayout>
#include <QTest>
#include <QTimer>
#include <QTreeWidget>

#include <algorithm>

namespace keelson::ui {
namespace {

class SmallWindow : public testing::Test {
protected:
    static void SetUpTestSuite() { s_live = new LiveCluster; }
    static void TearDownTestSuite()
    {
        delete s_live;
        s_live = nullptr;
    }
    void open(const QString& page)
    {
        ASSERT_TRUE(s_live->ready()) << s_live->log();
        Options options;
        options.kubeconfig = s_live->kubeconfig();
        options.page = page;
        options.size = {1024, 700};
        window = std::make_unique<Workbench>(options, realTime);
        window->start();
        window->show();
        ASSERT_TRUE(eventually([&] { return window->view() && window->view()->isSettled(); }));
    }
    QTreeWidget& pages()
    {
        const auto trees = window->findChildren<QTreeWidget*>();
        return **std::ranges::find(trees, QStringLiteral("Pages"), &QTreeWidget::accessibleName);
    }
    bool isInSight(QTreeWidgetItem* item)
    {
        return item && pages().viewport()->rect().contains(pages().visualItemRect(item).center());
    }

    static inline LiveCluster* s_live = nullptr;
    std::unique_ptr<Workbench> window;
};

TEST_F(SmallWindow, noPageMakesItWider)
{
    open(QStringLiteral("overview"));
    QStringList all{QStringLiteral("overview"), QStringLiteral("topology"), QStringLiteral("trace"),
                    QStringLiteral("manifests"), QStringLiteral("designer")};
    for (const auto& kind : kinds())
        all << kind.id;
    for (const auto& page : all) {
        window->view()->showPage(page);
        eventually([&] { return window->view()->isSettled(); });
        EXPECT_LE(window->minimumSizeHint().width(), 1024) << page.toStdString();
        EXPECT_EQ(window->width(), 1024) << page.toStdString();
    }
}

TEST_F(SmallWindow, theFirstPagesStayInSight)
{
    open(QStringLiteral("trace"));
    EXPECT_TRUE(eventually([&] { return isInSight(pages().topLevelItem(0)) && isInSight(pages().currentItem()); }));
    window->view()->showPage(QStringLiteral("events")); // the last one
    EXPECT_TRUE(eventually([&] { return isInSight(pages().currentItem()); }));
}

TEST_F(SmallWindow, itsKeysFitIntoIt)
{
    open(QStringLiteral("overview"));
    int wide = 0;
    QStringList texts;
    QTimer look;
    QObject::connect(&look, &QTimer::timeout, &look, [&] {
        for (auto* top : QApplication::topLevelWidgets())
            if (auto* sheet = qobject_cast<CheatSheet*>(top); sheet && sheet->isVisible()) {
                wide = sheet->width();
                for (const auto* label : sheet->findChildren<QLabel*>())
                    texts << label->text();
                sheet->close();
            }
    });
    look.start(20);
    const auto actions = window->findChildren<QAction*>(QStringLiteral("window.keys"));
    ASSERT_FALSE(actions.isEmpty());
    actions.first()->trigger();
    EXPECT_TRUE(eventually([&] { return wide > 0; }));
    EXPECT_LT(wide, 1000);
    for (const auto* text : {"Jump to a kind", "Canvas", "Fold its group"})
        EXPECT_TRUE(texts.contains(QLatin1String(text))) << text << " of " << texts.join('|').toStdString();
}

TEST(Looks, checkBoxesStandOutInBothThemes)
{
    for (const auto mode : {ThemeMode::Light, ThemeMode::Dark}) {
        Theme::apply(*qApp, mode);
        QCheckBox box;
        box.resize(60, 30);
        box.show();
        for (const bool isOn : {false, true}) {
            box.setChecked(isOn);
            const auto picture = box.grab().toImage();
            double most = 1;
            for (int x = 0; x < 20; ++x)
                for (int y = 0; y < picture.height(); ++y)
                    most = std::max(most, contrast(picture.pixelColor(x, y), picture.pixelColor(50, 2)));
            EXPECT_GE(most, 3) << (mode == ThemeMode::Dark ? "dark" : "light") << (isOn ? ", on" : ", off");
        }
    }
    Theme::apply(*qApp, ThemeMode::Light);
}

} // namespace
} // namespace keelson::ui
