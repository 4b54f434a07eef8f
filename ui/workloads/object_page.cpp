// SPDX-License-Identifier: GPL-3.0-or-later
#include "workloads/object_page.h"

#include "widgets/banner.h"
#include "widgets/empty_state.h"
#include "widgets/icons.h"
#include "widgets/page_title.h"
#include "widgets/status_delegate.h"
#include "widgets/theme.h"
#include "workloads/bulk_bar.h"
#include "workloads/table_columns.h"

#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QStackedLayout>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int ageRefreshMs = 5'000;
constexpr int stateRefreshMs = 50;

/// Whether people make objects of the kind; others come from the cluster itself.
bool isMadeByHand(const KindInfo& kind)
{
    static const QStringList others{QStringLiteral("events"), QStringLiteral("nodes"), QStringLiteral("endpoints"),
                                    QStringLiteral("endpointslices"), QStringLiteral("leases")};
    return !others.contains(kind.id);
}

} // namespace

ObjectPage::ObjectPage(Cluster& cluster, const KindInfo& kind, QWidget* parent)
    : QWidget(parent),
      m_cluster(cluster),
      m_kind(kind),
      m_model(new ObjectTableModel(*cluster.store(kind.id), cluster.clock(), this)),
      m_view(new QTreeView(this)),
      m_filter(new QLineEdit(this)),
      m_count(new QLabel(this)),
      m_banner(new Banner(this)),
      m_bulk(new BulkBar(kind, this)),
      m_empty(new EmptyState(this)),
      m_stack(new QStackedLayout)
{
    buildView();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildHeader());
    auto* bannerBox = new QVBoxLayout;
    bannerBox->setContentsMargins(16, 0, 16, 0);
    bannerBox->addWidget(m_banner);
    column->addLayout(bannerBox);
    m_stack->addWidget(m_view);
    m_stack->addWidget(m_empty);
    column->addLayout(m_stack, 1);
    column->addWidget(m_bulk);

    m_refreshAges.setInterval(ageRefreshMs);
    connect(&m_refreshAges, &QTimer::timeout, m_view->viewport(), qOverload<>(&QWidget::update));
    m_refreshState.setSingleShot(true);
    m_refreshState.setInterval(stateRefreshMs);
    connect(&m_refreshState, &QTimer::timeout, this, &ObjectPage::refreshState);
    connect(m_filter, &QLineEdit::textChanged, this, &ObjectPage::applyFilter);
    connect(&cluster, &Cluster::nameSpacesChanged, this, &ObjectPage::applyFilter);
    auto* store = cluster.store(kind.id);
    const auto later = [this] { m_refreshState.start(); };
    connect(store, &ObjectStore::changed, this, later);
    connect(store, &ObjectStore::stateChanged, this, later);
    connect(m_banner, &Banner::dismissed, this, [this, store] {
        if (store->problem())
            m_dismissedProblem = QString::fromStdString(store->problem()->message);
    });
    connect(m_empty, &EmptyState::activated, this, [this] {
        if (m_filter->text().isEmpty())
            emit createRequested();
        else
            m_filter->clear();
    });
    connect(m_bulk, &BulkBar::commandRequested, this, &ObjectPage::commandRequested);
    connect(m_bulk, &BulkBar::clearRequested, m_view, &QTreeView::clearSelection);
    setFocusProxy(m_view);
    applyFilter();
}

void ObjectPage::buildView()
{
    m_view->setModel(m_model);
    m_view->setItemDelegate(new StatusDelegate(ObjectTableModel::StatusRoleRole, m_view));
    m_view->setRootIsDecorated(false);
    m_view->setUniformRowHeights(true);
    m_view->setSortingEnabled(true);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setAllColumnsShowFocus(true);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setMouseTracking(true);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    m_view->setAccessibleName(m_kind.title);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    // An event's own name says nothing to people.
    const bool isEvents = m_kind.id == QLatin1String("events");
    m_columns = new TableColumns(*m_view, *m_model, isEvents ? QStringList{QStringLiteral("name")} : QStringList());
    if (isEvents)
        m_view->header()->moveSection(1, m_model->columnCount() - 3); // the namespace, behind the message
    m_view->sortByColumn(isEvents ? m_model->columnCount() - 1 : 0, Qt::AscendingOrder);

    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, &ObjectPage::refreshSelection);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& now) {
        if (const auto item = m_model->item(now.row()); now.isValid() && item)
            emit itemOpened(item);
    });
    connect(m_view, &QTreeView::clicked, this, [this](const QModelIndex& index) {
        if (const auto item = m_model->item(index.row()))
            emit itemOpened(item);
    });
    connect(m_view, &QTreeView::activated, this, [this](const QModelIndex& index) {
        if (const auto item = m_model->item(index.row()))
            emit itemActivated(item);
    });
    connect(m_view, &QTreeView::customContextMenuRequested, this,
            [this](const QPoint& at) { emit menuRequested(m_view->viewport()->mapToGlobal(at)); });
}

QWidget* ObjectPage::buildHeader()
{
    auto* header = new QWidget(this);
    m_heading = new QHBoxLayout(header);
    auto* row = m_heading;
    row->setContentsMargins(20, 14, 16, 12);
    row->setSpacing(12);
    auto* title = new PageTitle(m_kind.title, header);
    m_title = title;
    m_count->setForegroundRole(QPalette::PlaceholderText);
    title->alignWords(*m_count);
    m_filter->setPlaceholderText(tr("Filter: name") + (m_kind.namespaced ? QStringLiteral("  ns:shop") : QString()) +
                                 QStringLiteral("  label:app=web") +
                                 (m_kind.hasStatus ? QStringLiteral("  status:error") : QString()));
    m_filter->setClearButtonEnabled(true);
    m_filter->addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_filter->setMinimumWidth(220);
    m_filter->setMaximumWidth(420);
    m_filter->setAccessibleName(tr("Filter"));
    row->addWidget(m_title);
    row->addWidget(m_count);
    row->addStretch(1);
    row->addWidget(m_filter, 2);
    return header;
}

void ObjectPage::applyFilter()
{
    const auto chosen = current();
    ItemFilter filter(m_filter->text());
    filter.setNameSpaces(m_cluster.nameSpaces());
    filter.setAbout(m_about);
    m_model->setFilter(filter);
    if (const int row = chosen ? m_model->rowOf(chosen->uid) : -1; row >= 0) {
        const QSignalBlocker quiet(this);
        m_view->setCurrentIndex(m_model->index(row, 0));
    }
    refreshState();
}

int ObjectPage::countAll() const
{
    const auto& items = m_cluster.store(m_kind.id)->items();
    if (!m_about)
        return static_cast<int>(items.size());
    return static_cast<int>(
        std::ranges::count_if(items, [this](const ItemPtr& event) { return isAbout(*event, *m_about); }));
}

void ObjectPage::refreshEmpty(int all)
{
    const auto* store = m_cluster.store(m_kind.id);
    const auto plural = m_kind.title.toLower();
    if (store->problem())
        m_empty->set(QStringLiteral("error"), tr("%1 cannot be shown").arg(m_kind.title), errorLine(*store->problem()));
    else if (store->state() != ObjectStore::State::Live)
        m_empty->set(m_kind.icon, tr("Loading %1…").arg(plural), {});
    else if (!m_filter->text().isEmpty())
        m_empty->set(QStringLiteral("search"), tr("Nothing matches"), tr("None of %L1 fits the filter.").arg(all),
                     tr("Clear the filter"));
    else if (all > 0)
        m_empty->set(m_kind.icon, tr("None in these namespaces"),
                     tr("Other namespaces have %n of them.", nullptr, all));
    else if (m_about)
        m_empty->set(m_kind.icon, tr("No events of %1").arg(m_about->name),
                     tr("Clusters keep events for a while only, mostly an hour. New ones appear here."));
    else
        m_empty->set(m_kind.icon, tr("No %1 yet").arg(plural), tr("As soon as there is one, it appears here."),
                     isMadeByHand(m_kind) ? tr("Create from YAML") : QString());
}

void ObjectPage::refreshState()
{
    auto* store = m_cluster.store(m_kind.id);
    const int shown = m_model->rowCount();
    const int all = countAll();
    const auto whole = m_about ? tr("%n events", nullptr, all) : QLocale().toString(all);
    m_count->setText(shown == all ? whole : tr("%1 of %2").arg(QLocale().toString(shown), whole));
    m_stack->setCurrentWidget(shown > 0 ? static_cast<QWidget*>(m_view) : m_empty);
    if (shown == 0)
        refreshEmpty(all);
    const auto& problem = store->problem();
    if (!problem)
        m_dismissedProblem.clear();
    if (problem && shown > 0 && QString::fromStdString(problem->message) != m_dismissedProblem) {
        m_banner->showError(tr("%1 are not up to date; trying again").arg(m_kind.title), *problem);
        m_banner->setRetryVisible(false);
    } else {
        m_banner->hide();
    }
}

void ObjectPage::refreshSelection()
{
    m_bulk->setCount(static_cast<int>(m_view->selectionModel()->selectedRows().size()));
}

QVector<ItemPtr> ObjectPage::selected() const
{
    QVector<ItemPtr> items;
    for (const auto& index : m_view->selectionModel()->selectedRows())
        if (const auto item = m_model->item(index.row()))
            items << item;
    return items;
}

ItemPtr ObjectPage::current() const
{
    const auto index = m_view->currentIndex();
    return index.isValid() ? m_model->item(index.row()) : nullptr;
}

void ObjectPage::focusFilter()
{
    m_filter->setFocus();
    m_filter->selectAll();
}

void ObjectPage::setFilterText(const QString& text)
{
    m_filter->setText(text);
}

void ObjectPage::setAbout(const ItemPtr& object)
{
    m_about = object;
    m_title->hide(); // the tab says it
    m_filter->setPlaceholderText(tr("Filter these events"));
    m_heading->setContentsMargins(20, 6, 16, 6);
    m_count->setContentsMargins({});
    m_columns->hide({QStringLiteral("namespace"), QStringLiteral("own1")}); // they are all about this one
    applyFilter();
}

bool ObjectPage::isSettled() const
{
    const auto* store = m_cluster.store(m_kind.id);
    return store->state() == ObjectStore::State::Live || store->problem().has_value();
}

void ObjectPage::showEvent(QShowEvent* event)
{
    m_lease = m_cluster.watch(m_kind.id);
    m_refreshAges.start();
    refreshState();
    QWidget::showEvent(event);
}

void ObjectPage::hideEvent(QHideEvent* event)
{
    m_lease = {};
    m_refreshAges.stop();
    QWidget::hideEvent(event);
}

} // namespace keelson::ui
