// SPDX-License-Identifier: GPL-3.0-or-later
#include "cluster_view.h"

#include "sidebar.h"
#include "workloads/object_page.h"
#include "workloads/overview_page.h"

#include <QHBoxLayout>
#include <QSplitter>
#include <QStackedWidget>

namespace keelson::ui {

ClusterView::ClusterView(std::unique_ptr<Cluster> cluster, QWidget* parent)
    : QWidget(parent)
    , m_cluster(std::move(cluster))
    , m_nameSpaces(m_cluster->watch(QStringLiteral("namespaces")))
    , m_sidebar(new Sidebar(this))
    , m_pages(new QStackedWidget(this))
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    auto* split = new QSplitter(this);
    split->addWidget(m_sidebar);
    split->addWidget(m_pages);
    split->setStretchFactor(1, 1);
    split->setSizes({210, 1200});
    row->addWidget(split);
    connect(m_sidebar, &Sidebar::pageRequested, this, [this](const QString& page) { showPage(page); });
}

ClusterView::~ClusterView()
{
    // Pages hold leases and models of the cluster: they go first.
    delete m_pages;
}

QWidget* ClusterView::makePage(const QString& page)
{
    if (page == QLatin1String("overview")) {
        auto* overview = new OverviewPage(*m_cluster);
        connect(overview, &OverviewPage::kindRequested, this, &ClusterView::showPage);
        return overview;
    }
    const auto* kind = findKind(page);
    return kind ? new ObjectPage(*m_cluster, *kind) : nullptr;
}

void ClusterView::showPage(const QString& page, const QString& filter)
{
    auto*& widget = m_made[page];
    if (!widget) {
        widget = makePage(page);
        if (!widget)
            return;
        m_pages->addWidget(widget);
    }
    m_pages->setCurrentWidget(widget);
    if (auto* table = qobject_cast<ObjectPage*>(widget); table && !filter.isEmpty())
        table->setFilterText(filter);
    m_sidebar->setCurrent(page);
    if (m_current == page)
        return;
    m_current = page;
    if (m_place < 0 || m_history.value(m_place) != page) {
        m_history = m_history.mid(0, m_place + 1);
        m_history << page;
        m_place = static_cast<int>(m_history.size()) - 1;
    }
    emit pageChanged(page);
}

ObjectPage* ClusterView::objectPage() const
{
    return qobject_cast<ObjectPage*>(m_pages->currentWidget());
}

bool ClusterView::isSettled() const
{
    if (const auto* table = objectPage())
        return table->isSettled();
    if (const auto* overview = qobject_cast<OverviewPage*>(m_pages->currentWidget()))
        return overview->isSettled();
    return true;
}

void ClusterView::goBack()
{
    if (m_place > 0)
        showPage(m_history[--m_place]);
}

void ClusterView::goForward()
{
    if (m_place + 1 < m_history.size())
        showPage(m_history[++m_place]);
}

} // namespace keelson::ui
