// SPDX-License-Identifier: GPL-3.0-or-later
#include "topology/topology_page.h"

#include "topology/topology_view.h"
#include "widgets/banner.h"
#include "widgets/empty_state.h"
#include "widgets/icons.h"
#include "widgets/page_title.h"
#include "widgets/theme.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QStackedLayout>
#include <QThreadPool>
#include <QToolButton>
#include <QTreeWidget>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int refreshMs = 150;
constexpr int rowHeight = 25;
constexpr int roomForCount = 760;
constexpr int roomForZoom = 600;
const char* const watchedKinds[] = {"nodes", "deployments", "replicasets", "pods", "services"};

} // namespace

TopologyPage::TopologyPage(Cluster& cluster, QWidget* parent)
    : QWidget(parent),
      m_cluster(cluster),
      m_view(new TopologyView(cluster.clock(), this)),
      m_outline(new QTreeWidget(this)),
      m_empty(new EmptyState(this)),
      m_stack(new QStackedLayout)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildBar());
    auto* body = new QHBoxLayout;
    body->setSpacing(0);
    m_outline->setHeaderHidden(true);
    m_outline->setFixedWidth(280);
    m_outline->setFrameShape(QFrame::NoFrame);
    m_outline->setUniformRowHeights(true);
    m_outline->setAccessibleName(tr("Topology as a tree"));
    m_outline->hide();
    body->addWidget(m_outline);
    m_stack->addWidget(m_view);
    m_stack->addWidget(m_empty);
    body->addLayout(m_stack, 1);
    column->addLayout(body, 1);

    m_refresh.setSingleShot(true);
    m_refresh.setInterval(refreshMs);
    connect(&m_refresh, &QTimer::timeout, this, &TopologyPage::refresh);
    const auto later = [this] {
        if (isVisible() && !m_refresh.isActive())
            m_refresh.start();
    };
    for (const auto* kind : watchedKinds) {
        connect(cluster.store(QLatin1String(kind)), &ObjectStore::changed, this, later);
        connect(cluster.store(QLatin1String(kind)), &ObjectStore::stateChanged, this, later);
    }
    connect(&cluster, &Cluster::nameSpacesChanged, this, later);
    connect(m_view, &TopologyView::nodeClicked, this, &TopologyPage::open);
    connect(m_view, &TopologyView::nodeActivated, this, [this](const GraphNode& node) {
        if (node.kind == GraphNode::Kind::Stack && node.item)
            emit podsRequested(QStringLiteral("owner:%1 ns:%2").arg(node.item->name, node.item->nameSpace));
        else if (node.kind == GraphNode::Kind::Node)
            emit podsRequested(QStringLiteral("node:%1").arg(node.title));
        else
            open(node);
    });
    connect(m_outline, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem* item) {
        const auto id = item->data(0, Qt::UserRole).toString();
        m_view->select(id, true);
        if (const int index = m_view->graph().indexOf(id); index >= 0)
            open(m_view->graph().nodes[index]);
    });
    connect(m_empty, &EmptyState::activated, this, &TopologyPage::createRequested);
}

QWidget* TopologyPage::buildBar()
{
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(20, 14, 16, 12);
    row->setSpacing(8);
    auto* title = new PageTitle(tr("Topology"), bar);
    m_count = new QLabel(bar);
    m_count->setForegroundRole(QPalette::PlaceholderText);
    m_groupBy = new QComboBox(bar);
    m_groupBy->addItem(tr("By namespace"));
    m_groupBy->addItem(tr("By node"));
    m_groupBy->setAccessibleName(tr("Group by"));
    const auto button = [bar](const char* drawing, const QString& text, bool checkable) {
        auto* made = new QToolButton(bar);
        made->setIcon(icon(QLatin1String(drawing)));
        made->setToolTip(text);
        made->setAccessibleName(text);
        made->setCheckable(checkable);
        made->setAutoRaise(true);
        return made;
    };
    m_outlineToggle = button("tree", tr("Show as a tree"), true);
    m_errorsOnly = button("warning", tr("Only what is not well"), true);
    auto* out = button("minus", tr("Zoom out"), false);
    auto* in = button("plus", tr("Zoom in"), false);
    auto* all = button("fit", tr("Show all"), false);
    m_search = new QLineEdit(bar);
    m_search->setPlaceholderText(tr("Find on the map"));
    m_search->setClearButtonEnabled(true);
    m_search->setMinimumWidth(90);
    m_search->setMaximumWidth(260);
    m_count->setMinimumWidth(1);
    title->alignWords(*m_count);
    m_zoomButtons = {out, in};
    m_search->addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    row->addWidget(title);
    row->addWidget(m_count, 1);
    for (QWidget* widget :
         std::initializer_list<QWidget*>{m_search, m_groupBy, m_errorsOnly, m_outlineToggle, out, in, all})
        row->addWidget(widget);
    connect(m_groupBy, &QComboBox::currentIndexChanged, this, [this] {
        m_memory = {};
        m_view->fit();
        refresh();
    });
    connect(m_errorsOnly, &QToolButton::toggled, this, &TopologyPage::refresh);
    connect(m_outlineToggle, &QToolButton::toggled, this, [this](bool shown) {
        m_outline->setVisible(shown);
        refreshOutline();
    });
    connect(m_search, &QLineEdit::textChanged, m_view, &TopologyView::setSearch);
    connect(out, &QToolButton::clicked, this, [this] { m_view->zoomBy(0.8, m_view->rect().center()); });
    connect(in, &QToolButton::clicked, this, [this] { m_view->zoomBy(1.25, m_view->rect().center()); });
    connect(all, &QToolButton::clicked, m_view, &TopologyView::fit);
    return bar;
}

void TopologyPage::setGroupBy(GroupBy groupBy)
{
    m_groupBy->setCurrentIndex(groupBy == GroupBy::Node ? 1 : 0);
}

void TopologyPage::setSearch(const QString& text)
{
    m_search->setText(text);
}

void TopologyPage::focusFilter()
{
    m_search->setFocus();
}

bool TopologyPage::isSettled() const
{
    const bool areLive = std::ranges::all_of(watchedKinds, [this](const char* kind) {
        const auto* store = m_cluster.store(QLatin1String(kind));
        return store->state() == ObjectStore::State::Live || store->problem().has_value();
    });
    return areLive && !m_isBusy && !m_refresh.isActive() && m_shownRound == m_round && m_round > 0;
}

void TopologyPage::refresh()
{
    if (m_isBusy) {
        m_isStale = true;
        return;
    }
    m_isBusy = true;
    GraphInput input;
    const auto snapshot = [this](const char* kind) { return m_cluster.store(QLatin1String(kind))->items(); };
    input.nodes = snapshot("nodes");
    input.deployments = snapshot("deployments");
    input.replicaSets = snapshot("replicasets");
    input.pods = snapshot("pods");
    input.services = snapshot("services");
    input.nameSpaces = m_cluster.nameSpaces();
    input.groupBy = m_groupBy->currentIndex() == 1 ? GroupBy::Node : GroupBy::NameSpace;
    input.errorsOnly = m_errorsOnly->isChecked();
    if (m_memory.across == 0) // the first map, or a new way to group
        m_memory.aspect = std::clamp(static_cast<double>(m_view->width()) / std::max(1, m_view->height()), 0.5, 4.0);
    QThreadPool::globalInstance()->start([self = QPointer<TopologyPage>(this), round = ++m_round,
                                          input = std::move(input), memory = m_memory]() mutable {
        auto graph = buildGraph(input);
        arrange(graph, memory);
        QMetaObject::invokeMethod(qApp, [self, round, graph = std::move(graph), memory = std::move(memory)] {
            if (self)
                self->take(round, graph, memory);
        });
    });
}

void TopologyPage::take(quint64 round, Graph graph, const LayoutMemory& memory)
{
    m_isBusy = false;
    m_shownRound = round;
    m_memory = memory;
    const bool isEmpty = graph.nodes.isEmpty() && graph.groups.isEmpty();
    const auto nodes = graph.nodes.size();
    int pods = 0;
    for (const auto& group : std::as_const(graph.groups))
        pods += group.pods.total;
    m_view->setGraph(std::move(graph));
    m_count->setText(isEmpty ? QString() : tr("%L1 items, %L2 pods").arg(nodes).arg(pods));
    m_stack->setCurrentWidget(isEmpty ? static_cast<QWidget*>(m_empty) : m_view);
    if (isEmpty) {
        const auto& problem = m_cluster.store(QStringLiteral("pods"))->problem();
        if (problem)
            m_empty->set(QStringLiteral("error"), tr("The map cannot be drawn"), errorLine(*problem));
        else if (m_errorsOnly->isChecked())
            m_empty->set(QStringLiteral("done"), tr("Everything is well"), tr("Nothing fails and nothing waits."));
        else
            m_empty->set(QStringLiteral("topology"), tr("Nothing runs here yet"),
                         tr("Workloads, pods and services appear here as they come."), tr("Create from YAML"));
    }
    if (m_outline->isVisible())
        refreshOutline();
    if (std::exchange(m_isStale, false))
        m_refresh.start();
}

void TopologyPage::refreshOutline()
{
    const auto& graph = m_view->graph();
    const auto selected = m_view->selected();
    QSet<QString> closed;
    for (int i = 0; i < m_outline->topLevelItemCount(); ++i)
        if (!m_outline->topLevelItem(i)->isExpanded())
            closed.insert(m_outline->topLevelItem(i)->data(0, Qt::UserRole).toString());
    m_outline->clear();
    QHash<QString, QTreeWidgetItem*> groups;
    for (const auto& group : graph.groups) {
        auto* item = new QTreeWidgetItem(m_outline, {group.title});
        item->setData(0, Qt::UserRole, group.id);
        item->setSizeHint(0, {0, rowHeight});
        item->setExpanded(!closed.contains(group.id));
        groups.insert(group.id, item);
    }
    QVector<QTreeWidgetItem*> made(graph.nodes.size(), nullptr);
    QVector<int> owner(graph.nodes.size(), -1);
    for (const auto& edge : graph.edges)
        if (edge.kind == GraphEdge::Kind::Owns && graph.nodes[edge.from].group == graph.nodes[edge.to].group)
            owner[edge.to] = edge.from;
    for (int i = 0; i < graph.nodes.size(); ++i) { // owners come before what they own
        const auto& node = graph.nodes[i];
        auto* parent = owner[i] >= 0 && made[owner[i]] ? made[owner[i]] : groups.value(node.group);
        const auto kind = node.item ? node.item->kind->one : QString();
        const bool isStack = node.kind == GraphNode::Kind::Stack && node.item;
        auto* item = new QTreeWidgetItem(
            parent, {isStack ? QStringLiteral("%1 · %2").arg(node.title, node.item->name) : node.title});
        item->setSizeHint(0, {0, rowHeight});
        item->setData(0, Qt::UserRole, node.id);
        item->setData(0, Qt::AccessibleTextRole, QStringLiteral("%1 %2, %3").arg(kind, node.title, node.detail));
        item->setToolTip(0, node.detail);
        item->setIcon(0, icon(Theme::statusIcon(node.status.role), Theme::status(node.status.role)));
        item->setExpanded(true);
        made[i] = item;
        if (node.id == selected)
            m_outline->setCurrentItem(item);
    }
}

void TopologyPage::open(const GraphNode& node)
{
    if (node.item)
        emit itemOpened(node.item);
}

void TopologyPage::showEvent(QShowEvent* event)
{
    for (const auto* kind : watchedKinds)
        m_leases.push_back(m_cluster.watch(QLatin1String(kind)));
    m_refresh.start();
    QWidget::showEvent(event);
}

void TopologyPage::resizeEvent(QResizeEvent* event)
{
    m_count->setVisible(width() > roomForCount);
    for (auto* button : std::as_const(m_zoomButtons))
        button->setVisible(width() > roomForZoom);
    QWidget::resizeEvent(event);
}

void TopologyPage::hideEvent(QHideEvent* event)
{
    m_leases.clear();
    QWidget::hideEvent(event);
}

} // namespace keelson::ui
