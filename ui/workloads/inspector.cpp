// SPDX-License-Identifier: GPL-3.0-or-later
#include "workloads/inspector.h"

#include "models/natural_order.h"
#include "models/read.h"
#include "models/summary.h"
#include "widgets/action_registry.h"
#include "widgets/banner.h"
#include "widgets/elided_label.h"
#include "widgets/icons.h"
#include "widgets/theme.h"
#include "workloads/bulk_bar.h"
#include "workloads/overview_rows.h"

#include <QFormLayout>
#include <QLabel>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int reloadMs = 300;
constexpr int redrawMs = 500;
constexpr int relativesMax = 12;
constexpr int eventsMax = 6;
constexpr int shortWordsMax = 8;

QLabel* selectable(const QString& text, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    label->setMinimumWidth(40);
    label->setToolTip(text.size() > 30 ? text : QString());
    return label;
}

} // namespace

Inspector::Inspector(Cluster& cluster, QWidget* parent)
    : QWidget(parent), m_cluster(cluster), m_scroll(new QScrollArea(this))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildHeader());
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->viewport()->setAutoFillBackground(false);
    column->addWidget(m_scroll, 1);
    setMinimumWidth(300);
    m_reload.setSingleShot(true);
    m_reload.setInterval(reloadMs);
    connect(&m_reload, &QTimer::timeout, this, &Inspector::load);
    m_redraw.setSingleShot(true);
    m_redraw.setInterval(redrawMs);
    connect(&m_redraw, &QTimer::timeout, this, &Inspector::rebuild);
    const auto later = [this] {
        if (m_item && isVisible() && !m_redraw.isActive())
            m_redraw.start();
    };
    for (const auto* kind : {"pods", "replicasets", "events"})
        connect(cluster.store(QLatin1String(kind)), &ObjectStore::changed, this, later);
    for (const auto& kind : kinds())
        connect(cluster.store(kind.id), &ObjectStore::stateChanged, this, [this, later] {
            if (!m_isComplete)
                later();
        });
}

QWidget* Inspector::buildHeader()
{
    auto* header = new QWidget(this);
    auto* column = new QVBoxLayout(header);
    column->setContentsMargins(18, 14, 10, 8);
    column->setSpacing(3);
    auto* top = new QHBoxLayout;
    m_icon = new QLabel(header);
    m_kind = new ElidedLabel(Qt::ElideMiddle, header);
    m_kind->setForegroundRole(QPalette::PlaceholderText);
    auto* close = new QToolButton(header);
    close->setIcon(icon(QStringLiteral("close")));
    close->setAutoRaise(true);
    close->setToolTip(tr("Close the inspector"));
    connect(close, &QToolButton::clicked, this, &Inspector::closed);
    top->addWidget(m_icon);
    top->addWidget(m_kind, 1);
    top->addWidget(close);
    column->addLayout(top);
    m_name = selectable({}, header);
    auto font = m_name->font();
    font.setPointSizeF(font.pointSizeF() * 1.25);
    font.setBold(true);
    m_name->setFont(font);
    column->addWidget(m_name);
    m_buttons = new QWidget(header);
    auto* row = new QHBoxLayout(m_buttons);
    row->setContentsMargins(0, 6, 0, 0);
    row->setSpacing(4);
    const struct {
        const char* id;
        const char* icon;
        QString text;
    } buttons[] = {{"row.yaml", "yaml", tr("YAML")},      {"row.logs", "logs", tr("Logs")},
                   {"row.trace", "trace", tr("Trace")},   {"row.rollouts", "undo", tr("Rollouts")},
                   {"row.scale", "scale", tr("Scale")},   {"row.restart", "restart", tr("Restart")},
                   {"row.delete", "delete", tr("Delete")}};
    for (const auto& entry : buttons) {
        auto* button = new QToolButton(m_buttons);
        button->setObjectName(QLatin1String(entry.id));
        button->setIcon(icon(QLatin1String(entry.icon)));
        button->setText(entry.text);
        button->setToolTip(entry.text);
        button->setAccessibleName(entry.text);
        const bool isFrequent = entry.icon == std::string_view("yaml");
        button->setToolButtonStyle(isFrequent ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);
        button->setAutoRaise(true);
        connect(button, &QToolButton::clicked, this,
                [this, id = QString::fromLatin1(entry.id)] { emit commandRequested(id); });
        row->addWidget(button);
    }
    row->addStretch();
    column->addWidget(m_buttons);
    return header;
}

void Inspector::show(const ItemPtr& item)
{
    if (!item) {
        m_item = nullptr;
        m_leases.clear();
        return;
    }
    const bool isSame = m_item && m_item->uid == item->uid;
    const bool isNewer = isSame && m_item->resourceVersion != item->resourceVersion;
    m_item = item;
    if (isSame) {
        if (isNewer)
            m_reload.start();
        return;
    }
    m_isLoaded = false;
    m_isComplete = false;
    m_problem.reset();
    m_shown = {};
    m_opened = std::make_shared<QSet<QString>>();
    m_shown.status = item->status;
    m_icon->setPixmap(iconPixmap(item->kind->icon, Theme::tokens().muted, 16, devicePixelRatioF()));
    m_kind->setText(item->nameSpace.isEmpty() ? item->kind->kind
                                              : QStringLiteral("%1  ·  %2").arg(item->kind->kind, item->nameSpace));
    m_name->setText(breakable(item->name));
    setAccessibleName(tr("%1 %2").arg(item->kind->kind, item->name));
    const auto offered = rowCommands(*item->kind);
    for (auto* button : m_buttons->findChildren<QToolButton*>())
        button->setVisible(offered.contains(button->objectName()));
    m_scroll->verticalScrollBar()->setValue(0);
    holdFeeds();
    rebuild();
    load();
}

void Inspector::holdFeeds()
{
    m_leases.clear();
    m_held.clear();
    if (!m_item || !isVisible())
        return;
    m_held = QStringList{m_item->kind->id, QStringLiteral("events"), QStringLiteral("pods")};
    if (m_item->kind->id == QLatin1String("deployments") || !m_item->ownerUid.isEmpty())
        m_held << QStringLiteral("replicasets");
    for (const auto& kind : std::as_const(m_held))
        m_leases.push_back(m_cluster.watch(kind));
}

bool Inspector::isKnown() const
{
    return m_isLoaded && std::ranges::all_of(m_held, [this](const QString& kind) {
               const auto* store = m_cluster.store(kind);
               return store->state() == ObjectStore::State::Live || store->problem().has_value();
           });
}

void Inspector::load()
{
    if (!m_item)
        return;
    m_cluster.client().cancel(m_call);
    kube::Request request;
    request.path = m_item->kind->path(m_item->nameSpace, m_item->name);
    m_call = m_cluster.client().send(request, this, [this](const Result<kube::Response>& answer) { take(answer); });
}

void Inspector::take(const Result<kube::Response>& answer)
{
    m_isLoaded = true;
    m_problem.reset();
    if (!answer) {
        m_problem = answer.error();
    } else if (answer->document && m_item) {
        auto now = inspect(*m_item->kind, *answer->document);
        if (now == m_shown && m_isComplete)
            return;
        m_shown = std::move(now);
    }
    rebuild();
}

void Inspector::rebuild()
{
    if (!m_item)
        return;
    m_isComplete = isKnown();
    const int place = m_scroll->verticalScrollBar()->value();
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(18, 4, 14, 18);
    column->setSpacing(6);
    if (m_problem) {
        auto* banner = new Banner(content);
        banner->showError(tr("This object cannot be read"), *m_problem);
        connect(banner, &Banner::retry, this, &Inspector::load);
        column->addWidget(banner);
    }
    addStatus(column);
    addFacts(column);
    addContents(column);
    addContainers(column);
    addConditions(column);
    addRelatives(column);
    addEvents(column);
    addMetadata(column);
    column->addStretch();
    if (auto* old = m_scroll->takeWidget())
        old->deleteLater(); // a row of it may be what is being clicked
    m_scroll->setWidget(content);
    content->setAutoFillBackground(false);
    m_scroll->verticalScrollBar()->setValue(place);
}

void Inspector::addHeading(QVBoxLayout* column, const QString& text)
{
    auto* label = new QLabel(text);
    auto font = label->font();
    font.setBold(true);
    label->setFont(font);
    label->setContentsMargins(0, 12, 0, 2);
    column->addWidget(label);
}

void Inspector::addLines(QVBoxLayout* column, const QVector<Inspection::Line>& lines)
{
    auto* form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->setHorizontalSpacing(14);
    form->setVerticalSpacing(5);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignTop);
    for (const auto& [what, value] : lines) {
        auto* label = new QLabel(breakable(what));
        label->setTextFormat(Qt::PlainText);
        label->setForegroundRole(QPalette::PlaceholderText);
        label->setFixedWidth(112);
        label->setWordWrap(true);
        label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
        auto* text = selectable(breakable(value), nullptr);
        text->setAlignment(Qt::AlignLeft | Qt::AlignTop);
        form->addRow(label, text);
    }
    column->addLayout(form);
}

void Inspector::addStatus(QVBoxLayout* column)
{
    if (!m_item->kind->hasStatus || m_shown.status.word.isEmpty())
        return;
    auto* banner = new Banner;
    banner->showMessage(m_shown.status.role, m_shown.status.word, m_shown.status.reason);
    banner->setRetryVisible(false);
    for (auto* close : banner->findChildren<QToolButton*>())
        close->hide();
    column->addWidget(banner);
}

void Inspector::addFacts(QVBoxLayout* column)
{
    if (m_shown.facts.isEmpty())
        return;
    column->addSpacing(6);
    addLines(column, m_shown.facts);
}

void Inspector::addContents(QVBoxLayout* column)
{
    if (m_shown.contents.isEmpty())
        return;
    addHeading(column, tr("Contents"));
    column->addWidget(new ContentList(m_shown.contents, m_opened));
}

void Inspector::addContainers(QVBoxLayout* column)
{
    if (m_shown.containers.isEmpty())
        return;
    addHeading(column, tr("Containers"));
    for (const auto& container : m_shown.containers) {
        auto* row = new QHBoxLayout;
        auto* glyph = new QLabel;
        glyph->setPixmap(
            iconPixmap(Theme::statusIcon(container.role), Theme::status(container.role), 14, devicePixelRatioF()));
        glyph->setVisible(!container.state.isEmpty());
        row->addWidget(glyph);
        row->addWidget(selectable(breakable(container.name), nullptr), 1);
        auto* state = new QLabel(container.state);
        auto palette = state->palette();
        palette.setColor(QPalette::WindowText, Theme::statusText(container.role, Theme::tokens().surface));
        state->setPalette(palette);
        row->addWidget(state);
        column->addLayout(row);
        auto lines = container.lines;
        lines.prepend({tr("Image"), container.image});
        addLines(column, lines);
        column->addSpacing(6);
    }
}

void Inspector::addConditions(QVBoxLayout* column)
{
    if (m_shown.conditions.isEmpty())
        return;
    addHeading(column, tr("Conditions"));
    for (const auto& condition : m_shown.conditions) {
        auto* grid = new QGridLayout;
        grid->setHorizontalSpacing(8);
        grid->setVerticalSpacing(1);
        grid->setColumnStretch(1, 1);
        auto* glyph = new QLabel;
        glyph->setPixmap(
            iconPixmap(Theme::statusIcon(condition.role), Theme::status(condition.role), 14, devicePixelRatioF()));
        glyph->setAccessibleName(statusRoleName(condition.role));
        grid->addWidget(glyph, 0, 0);
        grid->addWidget(selectable(condition.type, nullptr), 0, 1);
        auto* words = selectable(breakable(condition.words), nullptr);
        words->setForegroundRole(QPalette::PlaceholderText);
        const bool isShort = condition.words.size() <= shortWordsMax; // stands beside it, a sentence below
        words->setWordWrap(!isShort);
        words->setAlignment(isShort ? Qt::AlignRight : Qt::AlignLeft);
        grid->addWidget(words, isShort ? 0 : 1, isShort ? 2 : 1);
        column->addLayout(grid);
    }
}

QVector<ItemPtr> Inspector::relatives() const
{
    QVector<ItemPtr> found;
    const auto add = [&found](const QHash<QString, ItemPtr>& items, auto belongs) {
        for (const auto& item : items)
            if (belongs(*item))
                found << item;
    };
    const auto& pods = m_cluster.store(QStringLiteral("pods"))->items();
    const auto& sets = m_cluster.store(QStringLiteral("replicasets"))->items();
    if (m_item->kind->id == QLatin1String("nodes"))
        add(pods, [this](const Item& pod) {
            const auto* facts = pod.factsAs<PodFacts>();
            return facts && facts->node == m_item->name;
        });
    if (const auto* service = m_item->factsAs<ServiceFacts>(); service && !service->selector.isEmpty())
        add(pods, [this, service](const Item& pod) {
            if (pod.nameSpace != m_item->nameSpace)
                return false;
            for (auto it = service->selector.begin(); it != service->selector.end(); ++it)
                if (pod.labels.value(it.key()) != it.value())
                    return false;
            return true;
        });
    const auto isOwned = [this](const Item& item) { return item.ownerUid == m_item->uid; };
    add(sets, isOwned);
    add(pods, isOwned);
    std::ranges::sort(found, [](const ItemPtr& a, const ItemPtr& b) { return naturalLess(a->name, b->name); });
    if (!m_item->ownerUid.isEmpty())
        for (const auto* kind : {"replicasets", "deployments", "nodes"})
            if (const auto owner = m_cluster.store(QLatin1String(kind))->find(m_item->ownerUid))
                found.prepend(owner);
    return found;
}

void Inspector::addRelatives(QVBoxLayout* column)
{
    const auto found = relatives();
    if (found.isEmpty())
        return;
    addHeading(column, tr("Belongs together"));
    for (int i = 0; i < std::min<int>(relativesMax, static_cast<int>(found.size())); ++i) {
        const bool isOwner = found[i]->uid == m_item->ownerUid;
        auto* row = new ItemRow(
            found[i],
            {{}, found[i]->name, isOwner ? tr("owner") : QString(), ageText(found[i]->createdMs, m_cluster.clock())});
        connect(row, &ItemRow::activated, this, &Inspector::linkActivated);
        column->addWidget(row);
    }
    if (found.size() > relativesMax) {
        auto* more = new QLabel(tr("and %n more", nullptr, static_cast<int>(found.size()) - relativesMax));
        more->setForegroundRole(QPalette::PlaceholderText);
        column->addWidget(more);
    }
}

QVector<ItemPtr> Inspector::events() const
{
    QHash<QString, ItemPtr> own;
    for (const auto& event : m_cluster.store(QStringLiteral("events"))->items())
        if (isAbout(*event, *m_item))
            own.insert(event->uid, event);
    return newestEvents(own, {}, eventsMax, false);
}

void Inspector::addEvents(QVBoxLayout* column)
{
    const auto found = events();
    if (found.isEmpty())
        return;
    addHeading(column, tr("Events"));
    for (const auto& event : found) {
        const auto* facts = event->factsAs<EventFacts>();
        const auto times = facts->count > 1 ? QStringLiteral(" ×%1").arg(facts->count) : QString();
        auto* row = new ItemRow(
            event, {{}, facts->reason + times, facts->message.simplified(), ageText(facts->lastMs, m_cluster.clock())});
        connect(row, &ItemRow::activated, this, &Inspector::linkActivated);
        column->addWidget(row);
    }
}

void Inspector::addMetadata(QVBoxLayout* column)
{
    if (m_shown.metadata.isEmpty())
        return;
    auto* toggle = new QToolButton;
    toggle->setText(tr("Metadata"));
    toggle->setCheckable(true);
    toggle->setChecked(m_isMetadataOpen);
    toggle->setIcon(icon(m_isMetadataOpen ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right")));
    toggle->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    toggle->setAutoRaise(true);
    connect(toggle, &QToolButton::toggled, this, [this](bool open) {
        m_isMetadataOpen = open;
        QTimer::singleShot(0, this, &Inspector::rebuild); // not while its own button speaks
    });
    column->addSpacing(8);
    column->addWidget(toggle);
    if (m_isMetadataOpen)
        addLines(column, m_shown.metadata);
}

void Inspector::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), Theme::tokens().surface);
}

void Inspector::showEvent(QShowEvent* event)
{
    holdFeeds();
    QWidget::showEvent(event);
}

void Inspector::hideEvent(QHideEvent* event)
{
    m_leases.clear();
    QWidget::hideEvent(event);
}

} // namespace keelson::ui
