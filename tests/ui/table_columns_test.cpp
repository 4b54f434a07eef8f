// SPDX-License-Identifier: Apache-2.0
#include "ui/live_cluster.h"

#include "widgets/column_fit.h"
#include "widgets/status_delegate.h"
#include "workloads/table_columns.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QHeaderView>
#include <QMouseEvent>
#include <QSettings>
#include <QTreeView>

#include <memory>
#include <numeric>

namespace keelson::ui {
namespace {

TEST(ColumnFit, sharesWhatThereIs)
{
    // The name (greedy), a status that is never cut, and an owner.
    const struct {
        std::vector<ColumnNeed> needs;
        int room;
        std::vector<int> widths;
    } cases[] = {
        {{{200, 80, 2}, {100, 60, 0}, {150, 80, 1}}, 600, {350, 100, 150}}, // the name takes what is left
        {{{200, 80, 2}, {100, 60, 0}, {150, 80, 1}}, 450, {200, 100, 150}},
        {{{200, 80, 2}, {100, 60, 0}, {150, 80, 1}}, 400, {200, 100, 100}}, // the long one for its share is cut first
        {{{600, 80, 2}, {100, 60, 0}, {600, 80, 1}}, 700, {400, 100, 200}}, // both are, by their shares
        {{{600, 80, 2}, {100, 60, 0}, {90, 80, 1}}, 700, {510, 100, 90}},   // a short one stays whole
        {{{600, 80, 2}, {100, 60, 0}, {600, 80, 1}}, 200, {80, 100, 80}},   // too narrow: the table scrolls
    };
    for (const auto& [needs, room, widths] : cases) {
        auto got = fitColumns(needs, room, 0);
        for (std::size_t i = 0; i < widths.size(); ++i)
            EXPECT_NEAR(got[i], widths[i], 2) << "column " << i << " in " << room;
        if (room > 200)
            EXPECT_EQ(std::accumulate(got.begin(), got.end(), 0), room);
    }
}

/// A table of pods with a store, as a page has it.
class Columns : public testing::Test {
protected:
    void SetUp() override
    {
        QSettings().clear();
        m_store = std::make_unique<ObjectStore>(*findKind(QStringLiteral("pods")));
        add("web", "default", "Running", "10.244.0.1");
        open();
    }
    void TearDown() override { QSettings().clear(); }

    void open()
    {
        m_columns = nullptr; // it belongs to the view
        m_view = std::make_unique<QTreeView>();
        m_model = std::make_unique<ObjectTableModel>(*m_store, realTime);
        m_view->setModel(m_model.get());
        m_view->setItemDelegate(new StatusDelegate(ObjectTableModel::StatusRoleRole, m_view.get()));
        m_view->setSortingEnabled(true);
        m_view->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        m_columns = new TableColumns(*m_view, *m_model, {QStringLiteral("own6")});
        m_view->resize(1500, 300);
        m_view->show();
        QCoreApplication::processEvents();
        QCoreApplication::processEvents();
    }
    void add(const std::string& name, const std::string& nameSpace, const std::string& reason, const std::string& ip)
    {
        const auto object =
            api::parseYaml("metadata: {name: " + name + ", namespace: " + nameSpace + ", uid: u-" + name +
                           "}\nspec: {nodeName: a-node-with-a-name}\nstatus: {phase: Running, podIP: " + ip +
                           ", containerStatuses: [{state: {waiting: {reason: " + reason + "}}}]}");
        m_store->apply({{QString::fromStdString("u-" + name), projectObject(m_store->kind(), *object)}});
    }
    int column(const char* key) const
    {
        for (int at = 0; at < m_model->columnCount(); ++at)
            if (m_model->key(at) == QLatin1String(key))
                return at;
        return -1;
    }
    int width(const char* key) const { return m_view->columnWidth(column(key)); }
    int sum() const { return m_view->header()->length(); }
    void drag(const char* key, int by)
    {
        auto* header = m_view->header();
        const int edge = header->sectionViewportPosition(column(key)) + header->sectionSize(column(key)) - 2;
        const auto send = [header](QEvent::Type type, int x, Qt::MouseButtons buttons) {
            QMouseEvent event(type, QPointF(x, 10), header->mapToGlobal(QPointF(x, 10)), Qt::LeftButton, buttons, {});
            QApplication::sendEvent(header->viewport(), &event);
        };
        send(QEvent::MouseButtonPress, edge, Qt::LeftButton);
        send(QEvent::MouseMove, edge + by, Qt::LeftButton);
        send(QEvent::MouseButtonRelease, edge + by, Qt::NoButton);
        QCoreApplication::processEvents();
        QCoreApplication::processEvents();
    }

    std::unique_ptr<ObjectStore> m_store;
    std::unique_ptr<ObjectTableModel> m_model;
    std::unique_ptr<QTreeView> m_view;
    TableColumns* m_columns = nullptr;
};

TEST_F(Columns, showWhatTheyHoldAndFillTheTable)
{
    for (int at = 0; at < m_model->columnCount(); ++at)
        EXPECT_TRUE(m_view->isColumnHidden(at) || m_view->columnWidth(at) >= m_columns->wanted(at)) << at;
    EXPECT_EQ(sum(), m_view->viewport()->width());
    m_view->sortByColumn(column("age"), Qt::AscendingOrder);
    ASSERT_TRUE(eventually([&] { return width("age") >= m_view->header()->sectionSizeHint(column("age")); }))
        << "a heading is never cut: " << width("age") << " of " << m_view->header()->sectionSizeHint(column("age"));
    EXPECT_TRUE(m_view->isColumnHidden(column("own6")));

    const int before = width("status");
    add("broken", "a-long-namespace-of-someone", "CreateContainerConfigError", "10.244.115.213");
    ASSERT_TRUE(eventually([&] { return width("status") > before; }));
    for (int at = 0; at < m_model->columnCount(); ++at)
        EXPECT_TRUE(m_view->isColumnHidden(at) || m_view->columnWidth(at) >= m_columns->wanted(at)) << at;
    EXPECT_EQ(sum(), m_view->viewport()->width());
}

TEST_F(Columns, cutNamesBeforeStatusReadyAndAddress)
{
    add("a-name-" + std::string(60, 'x'), "a-namespace-" + std::string(50, 'y'), "CrashLoopBackOff", "10.244.115.213");
    m_view->resize(1200, 300);
    ASSERT_TRUE(eventually([&] { return sum() == m_view->viewport()->width(); }));
    for (const auto* whole : {"status", "own0", "own1", "own5", "age"})
        EXPECT_GE(width(whole), m_columns->wanted(column(whole))) << whole;
    for (const auto* cut : {"name", "namespace"})
        EXPECT_LT(width(cut), m_columns->wanted(column(cut))) << cut;
    EXPECT_GT(width("name"), width("namespace"));
}

TEST_F(Columns, giveWayBeforeTheTableScrolls)
{
    add("a-name-" + std::string(60, 'x'), "a-namespace-" + std::string(50, 'y'), "CrashLoopBackOff", "10.244.115.213");
    const auto shown = [&] {
        QStringList keys;
        for (int at = 0; at < m_model->columnCount(); ++at)
            if (!m_view->isColumnHidden(at))
                keys << m_model->key(at);
        return keys.join(QLatin1Char(' ')).toStdString();
    };
    const struct {
        int width;
        const char* shown;
    } table[] = {
        {1500, "name namespace status own0 own1 own2 own3 own4 own5 age"},
        {900, "name namespace status own0 own1 own4 own5 age"},
        {780, "name namespace status own0 own1 own4 age"},
        {700, "name namespace status own0 own1 age"},
        {610, "name namespace status own0 age"},
    };
    for (const auto& [width, columns] : table) {
        m_view->resize(width, 300);
        EXPECT_TRUE(eventually([&] { return sum() == m_view->viewport()->width() && shown() == columns; }))
            << width << ": " << shown();
    }
    m_view->header()->actions().at(column("own2"))->toggle(); // off,
    m_view->header()->actions().at(column("own2"))->toggle(); // and on: the user wants it
    EXPECT_TRUE(eventually([&] { return shown() == "name namespace status own0 own2 age"; })) << shown();
    m_view->resize(1500, 300);
    EXPECT_TRUE(eventually([&] { return shown() == table[0].shown; })) << shown();
}

TEST_F(Columns, areWideEnoughForEveryDigit)
{
    add("other", "default", "Running", "10.244.2.3");
    QCoreApplication::processEvents();
    for (const auto* text : {"10.244.2.3", "10.96.149.111", "1111111111", "255.255.255.255"}) {
        add("digits", "default", "Running", text);
        QCoreApplication::processEvents();
        const auto room = m_columns->wanted(column("own5")) - 2 * StatusDelegate::padding;
        EXPECT_EQ(m_view->fontMetrics().elidedText(QLatin1String(text), Qt::ElideRight, room).toStdString(), text);
    }
}

TEST_F(Columns, keepTheWidthThatTheUserGaveThem)
{
    const int before = width("namespace");
    drag("namespace", 90);
    EXPECT_EQ(width("namespace"), before + 90);
    EXPECT_EQ(sum(), m_view->viewport()->width()) << "the name gives way";
    m_view->resize(1300, 300);
    QCoreApplication::processEvents();
    EXPECT_EQ(width("namespace"), before + 90);
    open();
    EXPECT_EQ(width("namespace"), before + 90) << "the next time too";
    emit m_view->header()->sectionHandleDoubleClicked(column("namespace"));
    EXPECT_TRUE(eventually([&] { return width("namespace") == before; })) << "until it is given back";
}

} // namespace
} // namespace keelson::ui
