// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/cluster_view.h"

#include "window/dock.h"
#include "window/sidebar.h"

#include "designer/designer.h"
#include "editor/manifests_page.h"
#include "editor/yaml_tab.h"
#include "topology/topology_page.h"
#include "topology/topology_view.h"
#include "tracing/trace_page.h"
#include "widgets/banner.h"
#include "workloads/inspector.h"
#include "workloads/namespace_selector.h"
#include "workloads/object_page.h"
#include "workloads/overview_page.h"
#include "workloads/row_commands.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int sidebarWidthMin = 172;
const auto manifestsPageId = QStringLiteral("manifests");
const auto designerPageId = QStringLiteral("designer"); ///< The page of manifests, with the canvas.

} // namespace

ClusterView::ClusterView(std::unique_ptr<Cluster> cluster, QWidget* parent)
    : QWidget(parent),
      m_cluster(std::move(cluster)),
      m_nameSpaces(m_cluster->watch(QStringLiteral("namespaces"))),
      m_commands(new RowCommands(*m_cluster, this)),
      m_sidebar(new Sidebar(this)),
      m_banner(new Banner(this)),
      m_pages(new QStackedWidget(this)),
      m_inspector(new Inspector(*m_cluster, this)),
      m_dock(new Dock(*m_cluster, this)),
      m_split(new QSplitter(this)),
      m_vertical(new QSplitter(Qt::Vertical, this))
{
    auto* middle = new QWidget(this);
    auto* column = new QVBoxLayout(middle);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildTopBar());
    auto* bannerBox = new QVBoxLayout;
    bannerBox->setContentsMargins(16, 4, 16, 0);
    bannerBox->addWidget(m_banner);
    column->addLayout(bannerBox);
    column->addWidget(m_pages, 1);
    m_vertical->addWidget(middle);
    m_vertical->addWidget(m_dock);
    m_vertical->setStretchFactor(0, 1);
    m_vertical->setSizes({560, 340});
    m_sidebar->setMinimumWidth(sidebarWidthMin);
    m_split->addWidget(m_sidebar);
    m_split->addWidget(m_vertical);
    m_split->addWidget(m_inspector);
    m_split->setStretchFactor(1, 1);
    m_split->setCollapsible(0, false);
    m_split->setCollapsible(1, false);
    m_split->setSizes({210, 900, QSettings().value(QStringLiteral("inspectorWidth"), 370).toInt()});
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_split);
    m_inspector->hide();
    m_dock->hide();

    connect(m_split, &QSplitter::splitterMoved, this, [this] {
        if (m_inspector->isVisible())
            QSettings().setValue(QStringLiteral("inspectorWidth"), m_inspector->width());
    });
    connect(m_sidebar, &Sidebar::pageRequested, this, [this](const QString& page) { showPage(page); });
    connect(m_inspector, &Inspector::linkActivated, this, &ClusterView::inspect);
    connect(m_inspector, &Inspector::closed, this, [this] { inspect(nullptr); });
    connect(m_inspector, &Inspector::commandRequested, this, &ClusterView::runCommand);
    connect(m_dock, &Dock::traceRequested, this, &ClusterView::trace);
    connect(m_dock, &Dock::opened, m_dock, &QWidget::show);
    connect(m_dock, &Dock::keepRequested, this, &ClusterView::keepText);
    connect(m_dock, &Dock::emptied, this, [this] {
        m_dock->hide();
        if (auto* page = m_pages->currentWidget())
            page->setFocus();
    });
    connectCommands();
}

ClusterView::~ClusterView()
{
    // Whatever holds leases and models of the cluster goes before it does.
    delete m_dock;
    delete m_inspector;
    delete m_pages;
}

QWidget* ClusterView::buildTopBar()
{
    auto* bar = new QWidget(this);
    m_topBar = new QHBoxLayout(bar);
    m_topBar->setContentsMargins(14, 6, 12, 0);
    m_topBar->setSpacing(6);
    m_topBar->addWidget(new NamespaceSelector(*m_cluster, bar));
    m_topBar->addStretch(1);
    return bar;
}

void ClusterView::connectCommands()
{
    connect(m_commands, &RowCommands::failed, this, [this](const QString& what, const Error& error) {
        m_banner->showError(tr("%1: the server refused").arg(what), error);
        m_banner->setRetryVisible(false);
    });
    // What changes shows itself in the tables; an object that changed is read again.
    for (const auto& kind : kinds())
        connect(m_cluster->store(kind.id), &ObjectStore::changed, this, [this](const ItemChanges& changes) {
            const auto shown = m_inspector->item();
            if (!shown)
                return;
            for (const auto& change : changes)
                if (change.after && change.after->uid == shown->uid)
                    m_inspector->show(change.after);
        });
}

ObjectPage* ClusterView::makeTable(const KindInfo& kind)
{
    auto* table = new ObjectPage(*m_cluster, kind);
    connect(table, &ObjectPage::itemOpened, this, &ClusterView::inspect);
    connect(table, &ObjectPage::itemActivated, this, [this](const ItemPtr& item) { m_dock->openYaml(item); });
    connect(table, &ObjectPage::commandRequested, this, &ClusterView::runCommand);
    connect(table, &ObjectPage::menuRequested, this, &ClusterView::menuRequested);
    connect(table, &ObjectPage::createRequested, this, [this] { m_dock->openYaml(nullptr); });
    return table;
}

QWidget* ClusterView::makePage(const QString& page)
{
    if (page == QLatin1String("overview")) {
        auto* overview = new OverviewPage(*m_cluster);
        connect(overview, &OverviewPage::kindRequested, this, &ClusterView::showPage);
        connect(overview, &OverviewPage::itemOpened, this, &ClusterView::inspect);
        connect(overview, &OverviewPage::learnRequested, this, &ClusterView::learn);
        return overview;
    }
    if (page == QLatin1String("topology")) {
        auto* topology = new TopologyPage(*m_cluster);
        connect(topology, &TopologyPage::itemOpened, this, &ClusterView::inspect);
        connect(topology, &TopologyPage::podsRequested, this,
                [this](const QString& filter) { showPage(QStringLiteral("pods"), filter); });
        connect(topology, &TopologyPage::createRequested, this, [this] { m_dock->openYaml(nullptr); });
        return topology;
    }
    if (page == QLatin1String("trace")) {
        auto* trace = new TracePage(*m_cluster);
        connect(trace, &TracePage::itemOpened, this, &ClusterView::inspect);
        return trace;
    }
    if (page == manifestsPageId)
        return makeManifests();
    const auto* kind = findKind(page);
    return kind ? makeTable(*kind) : nullptr;
}

ManifestsPage* ClusterView::makeManifests()
{
    auto* manifests = new ManifestsPage(m_cluster.get(), m_cluster->clock());
    emit manifestsMade(manifests);
    connect(manifests, &ManifestsPage::designingRequested, this,
            [this](bool isDesigning) { showPage(isDesigning ? designerPageId : manifestsPageId); });
    return manifests;
}

void ClusterView::showDesigner(ManifestsPage& manifests, bool isShown)
{
    if (isShown && !m_designer) {
        m_designer = new Designer(manifests);
        emit designerMade(m_designer);
    }
    manifests.setDesigning(isShown);
}

/// Made when it is asked for first; null when there is none of that name.
QWidget* ClusterView::pageOf(const QString& own)
{
    if (auto* known = m_made.value(own))
        return known;
    auto* made = makePage(own);
    if (made) {
        m_made.insert(own, made);
        m_pages->addWidget(made);
    }
    return made;
}

void ClusterView::keepText(const QString& title, const QString& text)
{
    auto& session = qobject_cast<ManifestsPage*>(pageOf(manifestsPageId))->session();
    session.create()->text().setText(text.toStdString(), tr("Kept").toStdString());
    m_banner->showMessage(StatusRole::Ok, tr("The text of %1 was kept").arg(title),
                          tr("It stands among the manifests, unsaved."));
    m_banner->setRetryVisible(false);
    m_banner->offer(tr("Show"), [this] { showPage(manifestsPageId); });
}

void ClusterView::showPage(const QString& page, const QString& filter)
{
    auto* widget = pageOf(page == designerPageId ? manifestsPageId : page);
    if (!widget)
        return;
    m_pages->setCurrentWidget(widget);
    if (auto* table = qobject_cast<ObjectPage*>(widget); table && !filter.isEmpty())
        table->setFilterText(filter);
    if (auto* topology = qobject_cast<TopologyPage*>(widget); topology && !filter.isEmpty())
        topology->setSearch(filter);
    if (auto* manifests = qobject_cast<ManifestsPage*>(widget))
        showDesigner(*manifests, page == designerPageId);
    m_sidebar->setCurrent(page);
    if (m_current == page)
        return;
    m_current = page;
    if (m_history.value(m_place) != page) {
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

TopologyPage* ClusterView::topologyPage() const
{
    return qobject_cast<TopologyPage*>(m_pages->currentWidget());
}

ManifestsPage* ClusterView::manifestsPage() const
{
    return qobject_cast<ManifestsPage*>(m_made.value(manifestsPageId));
}

QWidget* ClusterView::pages() const
{
    return m_pages;
}

bool ClusterView::isSettled() const
{
    bool isPageSettled = true;
    if (const auto* table = objectPage())
        isPageSettled = table->isSettled();
    else if (const auto* topology = topologyPage())
        isPageSettled = topology->isSettled();
    else if (const auto* manifests = qobject_cast<ManifestsPage*>(m_pages->currentWidget()))
        isPageSettled = manifests->isSettled() && (!m_designer || m_designer->isSettled());
    else if (const auto* trace = qobject_cast<TracePage*>(m_pages->currentWidget()))
        isPageSettled = trace->isSettled();
    else if (const auto* overview = qobject_cast<OverviewPage*>(m_pages->currentWidget()))
        isPageSettled = overview->isSettled();
    return isPageSettled && (!m_inspector->isVisible() || m_inspector->isSettled()) &&
           (!m_dock->isVisible() || m_dock->isSettled());
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

void ClusterView::focusFilter()
{
    if (auto* table = objectPage())
        table->focusFilter();
    else if (auto* topology = topologyPage())
        topology->focusFilter();
    else if (auto* manifests = manifestsPage(); manifests && m_pages->currentWidget() == manifests)
        manifests->find(false);
}

void ClusterView::trace(const ItemPtr& item)
{
    showPage(QStringLiteral("trace"));
    if (auto* page = qobject_cast<TracePage*>(m_pages->currentWidget()))
        page->show(item);
}

void ClusterView::learn()
{
    showPage(QStringLiteral("trace"));
    if (auto* page = qobject_cast<TracePage*>(m_pages->currentWidget()))
        page->learn();
}

void ClusterView::inspect(const ItemPtr& item)
{
    m_inspector->setVisible(item != nullptr);
    m_inspector->show(item);
    if (auto* topology = topologyPage())
        topology->view()->select(item ? item->uid : QString(), false);
}

QVector<ItemPtr> ClusterView::targets() const
{
    if (const auto* table = objectPage()) {
        const auto selected = table->selected();
        const auto shown = m_inspector->isVisible() ? m_inspector->item() : nullptr;
        const bool isElsewhere =
            shown && std::ranges::none_of(selected, [&shown](const ItemPtr& item) { return item->uid == shown->uid; });
        if (!selected.isEmpty() && !isElsewhere)
            return selected;
    }
    return m_inspector->isVisible() && m_inspector->item() ? QVector<ItemPtr>{m_inspector->item()} : QVector<ItemPtr>();
}

void ClusterView::runCommand(const QString& command)
{
    const auto items = targets();
    if (items.isEmpty())
        return;
    const auto& kind = *items.first()->kind;
    const bool isWorkload = kind.id == QLatin1String("deployments") || kind.id == QLatin1String("replicasets");
    if (command == QLatin1String("row.delete"))
        m_commands->remove(items);
    else if (command == QLatin1String("row.scale") && isWorkload)
        m_commands->scale(items);
    else if (command == QLatin1String("row.restart") && kind.id == QLatin1String("deployments"))
        m_commands->restart(items);
    else if (command == QLatin1String("row.cordon") && kind.id == QLatin1String("nodes"))
        m_commands->cordon(items);
    else if (command == QLatin1String("row.logs") && (isWorkload || kind.id == QLatin1String("pods")))
        m_dock->openLogs(items.first());
    else if (command == QLatin1String("row.yaml") || command == QLatin1String("row.edit"))
        m_dock->openYaml(items.first());
    else if (command == QLatin1String("row.trace"))
        trace(items.first());
    else if (command == QLatin1String("row.rollouts") && kind.id == QLatin1String("deployments"))
        m_dock->openRollouts(items.first());
    else if (command == QLatin1String("row.events"))
        m_dock->openEvents(items.first());
    else if (command == QLatin1String("row.describe"))
        inspect(items.first());
}

} // namespace keelson::ui
