// SPDX-License-Identifier: GPL-3.0-or-later
#include "workloads/overview_page.h"

#include "models/natural_order.h"
#include "models/read.h"
#include "widgets/banner.h"
#include "widgets/elided_label.h"
#include "widgets/icons.h"
#include "widgets/page_title.h"
#include "widgets/theme.h"
#include "workloads/overview_rows.h"

#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace keelson::ui {

namespace {

constexpr int refreshMs = 250;
constexpr int cardWidthMin = 190;
constexpr int halvesWidthMin = 900;
constexpr int nodesMax = 6;
constexpr int troublesMax = 8;
constexpr int eventsMax = 10;
const char* const shownKinds[] = {"nodes", "deployments", "replicasets", "pods", "services", "namespaces"};
const char* const watchedKinds[] = {"nodes", "deployments", "replicasets", "pods", "services", "namespaces", "events"};

void clear(QVBoxLayout* layout)
{
    while (auto* item = layout->takeAt(0)) {
        if (auto* widget = item->widget())
            widget->deleteLater();
        delete item;
    }
}

QLabel* quiet(const QString& text)
{
    auto* label = new QLabel(text);
    label->setForegroundRole(QPalette::PlaceholderText);
    label->setWordWrap(true);
    label->setContentsMargins(8, 6, 8, 6);
    return label;
}

} // namespace

OverviewPage::OverviewPage(Cluster& cluster, QWidget* parent)
    : QScrollArea(parent),
      m_cluster(cluster),
      m_grid(new QGridLayout),
      m_halves(new QBoxLayout(QBoxLayout::LeftToRight))
{
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    auto* content = new QWidget(this);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(20, 14, 20, 20);
    column->setSpacing(14);
    auto* title = new PageTitle(tr("Overview"), content);
    m_subtitle = new ElidedLabel(Qt::ElideRight, content);
    m_subtitle->setForegroundRole(QPalette::PlaceholderText);
    title->alignWords(*m_subtitle);
    auto* head = new QHBoxLayout;
    head->setSpacing(12);
    head->addWidget(title);
    head->addWidget(m_subtitle, 1);
    auto* learn = new QPushButton(icon(QStringLiteral("play")), tr("Learn: from apply to Ready"), content);
    learn->setToolTip(tr("Make a small application, and watch each step until it answers"));
    connect(learn, &QPushButton::clicked, this, &OverviewPage::learnRequested);
    head->addWidget(learn);
    column->addLayout(head);
    m_banner = new Banner(content);
    column->addWidget(m_banner);

    m_grid->setSpacing(12);
    for (const auto* id : shownKinds) {
        auto* card = new KindCard(*findKind(QLatin1String(id)), content);
        connect(card, &Card::clicked, this, [this, card] { emit kindRequested(card->kind().id, {}); });
        m_cards << card;
    }
    column->addLayout(m_grid);
    column->addWidget(section(tr("Nodes"), m_nodes));
    m_halves->setSpacing(14);
    m_halves->addWidget(section(tr("Needs attention"), m_troubles), 1);
    m_halves->addWidget(section(tr("Happening now"), m_events), 1);
    column->addLayout(m_halves);
    column->addStretch(1);
    setWidget(content);
    content->setAutoFillBackground(false);
    viewport()->setAutoFillBackground(false);

    m_refresh.setSingleShot(true);
    m_refresh.setInterval(refreshMs);
    connect(&m_refresh, &QTimer::timeout, this, &OverviewPage::refresh);
    const auto later = [this] {
        if (isVisible() && !m_refresh.isActive())
            m_refresh.start();
    };
    for (const auto* id : watchedKinds) {
        connect(cluster.store(QLatin1String(id)), &ObjectStore::changed, this, later);
        connect(cluster.store(QLatin1String(id)), &ObjectStore::stateChanged, this, later);
    }
    connect(&cluster, &Cluster::nameSpacesChanged, this, later);
    arrangeCards();
}

QWidget* OverviewPage::section(const QString& title, QVBoxLayout*& body)
{
    auto* card = new Card(this);
    auto* column = new QVBoxLayout(card);
    column->setContentsMargins(12, 12, 12, 12);
    column->setSpacing(6);
    auto* label = new QLabel(title, card);
    auto font = label->font();
    font.setBold(true);
    label->setFont(font);
    label->setContentsMargins(8, 0, 0, 2);
    column->addWidget(label);
    body = new QVBoxLayout;
    body->setSpacing(0);
    column->addLayout(body);
    column->addStretch();
    return card;
}

void OverviewPage::arrangeCards()
{
    // Rows that are full: the six cards stand in one, in two or in three.
    const int room = (viewport()->width() - 40) / cardWidthMin;
    const int columns = room >= 6 ? 6 : room >= 3 ? 3 : 2;
    for (int i = 0; i < m_cards.size(); ++i)
        m_grid->addWidget(m_cards[i], i / columns, i % columns);
    for (int i = 0; i < 6; ++i)
        m_grid->setColumnStretch(i, i < columns ? 1 : 0);
    // Sentences side by side where both can be read.
    m_halves->setDirection(viewport()->width() < halvesWidthMin ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
}

bool OverviewPage::isSettled() const
{
    return m_isComplete;
}

bool OverviewPage::isKnown() const
{
    return std::ranges::all_of(watchedKinds, [this](const char* id) {
        const auto* store = m_cluster.store(QLatin1String(id));
        return store->state() == ObjectStore::State::Live || store->problem().has_value();
    });
}

QString OverviewPage::whyEmpty(std::span<const char* const> kinds, const QString& known) const
{
    bool isRead = true;
    for (const auto* id : kinds) {
        const auto* store = m_cluster.store(QLatin1String(id));
        if (store->problem())
            return tr("Not known: %1").arg(errorLine(*store->problem()));
        isRead = isRead && store->state() == ObjectStore::State::Live;
    }
    return isRead ? known : tr("Reading…");
}

void OverviewPage::refresh()
{
    const auto& access = m_cluster.client().access();
    m_subtitle->setText(QStringList{access.context, m_cluster.serverVersion(), access.server.authority()}.join(
        QStringLiteral("  ·  ")));
    const Error* problem = nullptr;
    for (auto* card : std::as_const(m_cards)) {
        const auto* store = m_cluster.store(card->kind().id);
        card->setCounts(countStatus(store->items(), m_cluster.nameSpaces()),
                        store->state() == ObjectStore::State::Loading);
        if (store->problem())
            problem = &*store->problem();
    }
    if (problem) {
        m_banner->showError(tr("Some of this cannot be read; trying again"), *problem);
        m_banner->setRetryVisible(false);
    } else {
        m_banner->hide();
    }
    refreshNodes();
    refreshTroubles();
    refreshEvents();
    m_isComplete = isKnown();
}

void OverviewPage::refreshNodes()
{
    clear(m_nodes);
    auto loads =
        nodeLoads(m_cluster.store(QStringLiteral("nodes"))->items(), m_cluster.store(QStringLiteral("pods"))->items());
    if (loads.isEmpty())
        m_nodes->addWidget(
            quiet(whyEmpty(std::array{"nodes"}, tr("No node has joined yet. Pods wait until there is one."))));
    // The nodes that need a look come first.
    std::ranges::sort(loads, [](const NodeLoad& a, const NodeLoad& b) {
        const auto rank = [](const NodeLoad& load) { return load.node->status.role == StatusRole::Ok ? 1 : 0; };
        return rank(a) != rank(b) ? rank(a) < rank(b) : naturalLess(a.node->name, b.node->name);
    });
    for (int i = 0; i < std::min<int>(nodesMax, static_cast<int>(loads.size())); ++i) {
        auto* row = new NodeRow(loads[i], this);
        connect(row, &NodeRow::activated, this, &OverviewPage::itemOpened);
        m_nodes->addWidget(row);
    }
    if (loads.size() > nodesMax)
        m_nodes->addWidget(quiet(tr("and %Ln more", nullptr, static_cast<int>(loads.size()) - nodesMax)));
}

void OverviewPage::refreshTroubles()
{
    clear(m_troubles);
    QVector<ItemPtr> troubles;
    const auto& chosen = m_cluster.nameSpaces();
    for (const auto* id : shownKinds)
        for (const auto& item : m_cluster.store(QLatin1String(id))->items()) {
            const auto role = item->status.role;
            const bool isTrouble =
                role == StatusRole::Error || (role == StatusRole::Unknown) || (role == StatusRole::Waiting);
            if (isTrouble && (item->nameSpace.isEmpty() || chosen.isEmpty() || chosen.contains(item->nameSpace)))
                troubles << item;
        }
    std::ranges::sort(troubles, [](const ItemPtr& a, const ItemPtr& b) {
        const auto rank = [](const ItemPtr& item) { return item->status.role == StatusRole::Error ? 0 : 1; };
        return rank(a) != rank(b) ? rank(a) < rank(b) : naturalLess(a->name, b->name);
    });
    QVector<ItemRow*> rows;
    for (int i = 0; i < std::min<int>(troublesMax, static_cast<int>(troubles.size())); ++i) {
        const auto& item = troubles[i];
        auto detail = item->status.reason.isEmpty() ? item->status.word
                                                    : item->status.word + QStringLiteral(" – ") + item->status.reason;
        auto* row =
            new ItemRow(item, {item->kind->one, item->name, detail, ageText(item->createdMs, m_cluster.clock())}, this);
        connect(row, &ItemRow::activated, this, &OverviewPage::itemOpened);
        m_troubles->addWidget(row);
        rows << row;
    }
    ItemRow::alignLeads(rows);
    if (troubles.isEmpty())
        m_troubles->addWidget(quiet(whyEmpty(shownKinds, tr("Nothing fails, nothing waits."))));
    if (troubles.size() > troublesMax)
        m_troubles->addWidget(quiet(tr("and %Ln more", nullptr, static_cast<int>(troubles.size()) - troublesMax)));
}

void OverviewPage::refreshEvents()
{
    clear(m_events);
    const auto events =
        newestEvents(m_cluster.store(QStringLiteral("events"))->items(), m_cluster.nameSpaces(), eventsMax, false);
    QVector<ItemRow*> rows;
    for (const auto& event : events) {
        const auto* facts = event->factsAs<EventFacts>();
        if (!facts)
            continue;
        auto* row = new ItemRow(
            event,
            {facts->reason, facts->objectName, facts->message.simplified(), ageText(facts->lastMs, m_cluster.clock())},
            this);
        connect(row, &ItemRow::activated, this, &OverviewPage::itemOpened);
        m_events->addWidget(row);
        rows << row;
    }
    ItemRow::alignLeads(rows);
    if (events.isEmpty())
        m_events->addWidget(quiet(whyEmpty(std::array{"events"}, tr("No events. The cluster is at rest."))));
}

void OverviewPage::showEvent(QShowEvent* event)
{
    for (const auto* id : watchedKinds)
        m_leases.push_back(m_cluster.watch(QLatin1String(id)));
    refresh();
    QScrollArea::showEvent(event);
}

void OverviewPage::hideEvent(QHideEvent* event)
{
    m_leases.clear();
    QScrollArea::hideEvent(event);
}

void OverviewPage::resizeEvent(QResizeEvent* event)
{
    arrangeCards();
    QScrollArea::resizeEvent(event);
}

} // namespace keelson::ui
