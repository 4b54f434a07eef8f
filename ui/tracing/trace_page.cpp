// SPDX-License-Identifier: GPL-3.0-or-later
#include "tracing/trace_page.h"

#include "tracing/derived_fetch.h"
#include "tracing/guide_panel.h"
#include "tracing/trace_canvas.h"
#include "widgets/banner.h"
#include "widgets/empty_state.h"
#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCompleter>
#include <QCoreApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPointer>
#include <QSplitter>
#include <QStackedLayout>
#include <QThreadPool>
#include <QToolButton>
#include <QTreeWidget>

#include <algorithm>

namespace keelson::ui {
namespace {

constexpr int pollMs = 1000;
constexpr int gatherMs = 200;
constexpr int objectsWidthMin = 180;
constexpr int rowHeight = 25;
constexpr double zoomStep = 1.25;
const char* const tracedKinds[] = {"deployments", "replicasets", "pods", "services"};

QString textOf(const std::string& text)
{
    return QString::fromStdString(text);
}

/// What has no owner is what people make; the rest is found in its owner's trace.
bool isOffered(const Item& item)
{
    return item.ownerUid.isEmpty();
}

/// Who did it, without the prefixes that the cluster's own parts share.
QString actorOf(const trace::TracedStep& step)
{
    auto actor = textOf(step.actor);
    for (const auto prefix : {QLatin1String("system:serviceaccount:kube-system:"), QLatin1String("system:")}) {
        if (actor.startsWith(prefix))
            return actor.mid(prefix.size());
    }
    return actor;
}

QString entryOf(const Item& item)
{
    return QStringLiteral("%1/%2 · %3").arg(item.kind->one, item.name, item.nameSpace);
}

} // namespace

TracePage::TracePage(Cluster& cluster, QWidget* parent)
    : QWidget(parent), m_cluster(cluster), m_empty(new EmptyState(this)), m_stack(new QStackedLayout)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildBar());
    m_stack->addWidget(buildBody());
    m_stack->addWidget(m_empty);
    column->addLayout(m_stack, 1);

    m_refreshObjects.setSingleShot(true);
    m_refreshObjects.setInterval(gatherMs);
    connect(&m_refreshObjects, &QTimer::timeout, this, &TracePage::refreshObjects);
    m_poll.setInterval(pollMs);
    connect(&m_poll, &QTimer::timeout, this, &TracePage::ask);
    const auto later = [this] {
        if (isVisible() && !m_refreshObjects.isActive())
            m_refreshObjects.start();
    };
    for (const auto* kind : tracedKinds) {
        connect(cluster.store(QLatin1String(kind)), &ObjectStore::changed, this, later);
        connect(cluster.store(QLatin1String(kind)), &ObjectStore::stateChanged, this, later);
    }
    connect(&cluster, &Cluster::nameSpacesChanged, this, later);
    connect(m_empty, &EmptyState::activated, this, &TracePage::createRequested);
    connect(m_canvas, &TraceCanvas::currentChanged, this, &TracePage::showStep);
    connect(m_list, &QTreeWidget::currentItemChanged, this,
            [this](QTreeWidgetItem* item) { m_canvas->setCurrent(item ? item->data(0, Qt::UserRole).toInt() : -1); });
    connect(m_list, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem* item) {
        const auto& step = m_canvas->trace().steps[item->data(0, Qt::UserRole).toUInt()];
        const auto uid = textOf(m_canvas->trace().objects[step.object].uid);
        for (const auto* kind : tracedKinds) {
            if (const auto found = m_cluster.store(QLatin1String(kind))->find(uid))
                emit itemOpened(found);
        }
    });
    connect(m_guide, &GuidePanel::laneChanged, m_canvas, &TraceCanvas::setLane);
    showEmpty(nullptr);
}

QWidget* TracePage::buildBar()
{
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(20, 14, 16, 12);
    row->setSpacing(8);
    auto* title = new QLabel(tr("Trace"), bar);
    auto font = title->font();
    font.setPointSizeF(font.pointSizeF() * 1.55);
    font.setBold(true);
    title->setFont(font);
    m_summary = new QLabel(bar);
    m_summary->setForegroundRole(QPalette::PlaceholderText);
    m_summary->setMinimumWidth(1);
    m_objects = new QComboBox(bar);
    m_objects->setEditable(true);
    m_objects->setInsertPolicy(QComboBox::NoInsert);
    m_objects->completer()->setCompletionMode(QCompleter::PopupCompletion);
    m_objects->completer()->setFilterMode(Qt::MatchContains);
    m_objects->lineEdit()->setPlaceholderText(tr("Which object?"));
    m_objects->setAccessibleName(tr("Object to trace"));
    m_objects->setMinimumWidth(objectsWidthMin);
    m_objects->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_all = new QCheckBox(tr("All that is kept"), bar);
    m_all->setToolTip(tr("Else: since the object was last changed by somebody"));
    const auto button = [bar](const char* drawing, const QString& text) {
        auto* made = new QToolButton(bar);
        made->setIcon(icon(QLatin1String(drawing)));
        made->setToolTip(text);
        made->setAccessibleName(text);
        made->setAutoRaise(true);
        return made;
    };
    m_explain = button("info", tr("Explain the steps"));
    m_explain->setCheckable(true);
    m_explain->setText(tr("Explain"));
    m_explain->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    auto* out = button("minus", tr("Zoom out"));
    auto* in = button("plus", tr("Zoom in"));
    auto* fit = button("fit", tr("Show all"));
    row->addWidget(title);
    row->addWidget(m_summary, 1, Qt::AlignBottom);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_objects, m_all, m_explain, out, in, fit})
        row->addWidget(widget);
    connect(m_objects, &QComboBox::activated, this, &TracePage::choose);
    connect(m_all, &QCheckBox::toggled, this, [this] {
        m_text.clear();
        ask();
    });
    connect(m_explain, &QToolButton::toggled, this, &TracePage::setGuideShown);
    connect(out, &QToolButton::clicked, this, [this] { m_canvas->zoomBy(1 / zoomStep, m_canvas->width() / 2); });
    connect(in, &QToolButton::clicked, this, [this] { m_canvas->zoomBy(zoomStep, m_canvas->width() / 2); });
    connect(fit, &QToolButton::clicked, this, [this] { m_canvas->fit(); });
    return bar;
}

QWidget* TracePage::buildBody()
{
    auto* body = new QWidget(this);
    m_note = new QLabel(body);
    m_note->setWordWrap(true);
    m_note->setContentsMargins(20, 0, 16, 10);
    m_note->setForegroundRole(QPalette::PlaceholderText);
    m_note->hide();
    m_canvas = new TraceCanvas(body);
    m_list = new QTreeWidget(body);
    m_list->setHeaderLabels({tr("At"), tr("Took"), tr("Step"), tr("Object"), tr("By"), tr("What")});
    for (const int column : {0, 1})
        m_list->headerItem()->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setAccessibleName(tr("Steps as a list"));
    m_list->header()->setStretchLastSection(true);
    m_details = new QPlainTextEdit(body);
    m_details->setReadOnly(true);
    m_details->setFrameShape(QFrame::NoFrame);
    m_details->setFont(Theme::monospace());
    m_details->setAccessibleName(tr("The step in full"));
    auto* below = new QSplitter(body);
    below->addWidget(m_list);
    below->addWidget(m_details);
    below->setStretchFactor(0, 3);
    below->setStretchFactor(1, 2);
    m_details->hide();
    auto* vertical = new QSplitter(Qt::Vertical, body);
    vertical->addWidget(m_canvas);
    vertical->addWidget(below);
    vertical->setStretchFactor(0, 3);
    vertical->setStretchFactor(1, 2);
    vertical->setCollapsible(0, false);
    m_guide = new GuidePanel(body);
    m_guide->hide();
    auto* middle = new QHBoxLayout;
    middle->setSpacing(0);
    middle->addWidget(vertical, 1);
    middle->addWidget(m_guide);
    auto* column = new QVBoxLayout(body);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_note);
    column->addLayout(middle, 1);
    return body;
}

void TracePage::setGuideShown(bool shown)
{
    m_explain->setChecked(shown);
    m_guide->setVisible(shown);
    m_canvas->setLane(shown ? m_guide->lane() : -1);
}

QString TracePage::note() const
{
    return m_note->isHidden() ? QString() : m_note->text();
}

ItemPtr TracePage::chosen() const
{
    for (const auto* kind : tracedKinds) {
        if (auto found = m_cluster.store(QLatin1String(kind))->find(m_uid))
            return found;
    }
    return nullptr;
}

void TracePage::show(const ItemPtr& item)
{
    if (!item || item->uid == m_uid)
        return;
    m_uid = item->uid;
    m_isSettled = false;
    m_text.clear();
    m_objects->setCurrentIndex(m_objects->findData(m_uid)); // for its icon
    m_objects->setEditText(entryOf(*item));
    ask();
}

/// Keeps the list of what can be chosen, and chooses the newest when nothing is.
void TracePage::refreshObjects()
{
    QVector<ItemPtr> offered;
    for (const auto* kind : tracedKinds) {
        for (const auto& item : m_cluster.store(QLatin1String(kind))->items()) {
            const auto& spaces = m_cluster.nameSpaces();
            if (isOffered(*item) && (spaces.isEmpty() || spaces.contains(item->nameSpace)))
                offered << item;
        }
    }
    std::ranges::sort(offered, [](const ItemPtr& a, const ItemPtr& b) {
        return std::tuple(-a->createdMs, a->name, a->uid) < std::tuple(-b->createdMs, b->name, b->uid);
    });
    const auto typed = m_objects->currentText();
    m_objects->clear();
    for (const auto& item : offered)
        m_objects->addItem(icon(item->kind->icon), entryOf(*item), item->uid);
    m_objects->setCurrentIndex(m_objects->findData(m_uid));
    m_objects->setEditText(typed);
    const auto isWorkload = [](const ItemPtr& item) { return item->kind->id == QLatin1String("deployments"); };
    if (m_uid.isEmpty() && !offered.isEmpty()) {
        const auto best = std::ranges::find_if(offered, isWorkload);
        show(best != offered.end() ? *best : offered.first());
    } else if (m_uid.isEmpty()) {
        const auto& problem = m_cluster.store(QStringLiteral("deployments"))->problem();
        showEmpty(problem ? &*problem : nullptr);
    }
}

void TracePage::choose(int index)
{
    const auto uid = m_objects->itemData(index).toString();
    for (const auto* kind : tracedKinds) {
        if (const auto found = m_cluster.store(QLatin1String(kind))->find(uid))
            show(found);
    }
}

void TracePage::ask()
{
    const auto item = chosen();
    if (!item || m_isAsking)
        return;
    if (m_derived) { // a cluster without traces: it is read the long way, less often
        if (m_derived->isDone())
            m_derived->start(item);
        return;
    }
    m_isAsking = true;
    kube::Request request;
    request.path = QStringLiteral("/trace/v1") + item->kind->path(item->nameSpace, item->name);
    if (m_all->isChecked())
        request.query.addQueryItem(QStringLiteral("all"), QStringLiteral("true"));
    m_cluster.client().send(std::move(request), this, [this, uid = item->uid](const auto& answer) {
        m_isAsking = false;
        answered(uid, answer);
    });
}

void TracePage::answered(const QString& uid, const Result<kube::Response>& answer)
{
    if (uid != m_uid)
        return ask(); // another one was chosen meanwhile
    if (!answer) {
        const auto reason = answer.error().reason;
        const bool isGone = !answer.error().resource.empty() && reason == Reason::NotFound;
        if (isGone || (reason != Reason::NotFound && reason != Reason::Forbidden))
            return take(uid, fail(answer.error()), {});
        m_derived = std::make_shared<DerivedFetch>(m_cluster, this, [this](const QString& of, auto trace) {
            take(of, std::move(trace),
                 tr("This cluster keeps no traces. Shown is what its events, conditions and managed fields still say, "
                    "in whole seconds; authentication, admission and the network leave no mark there."));
        });
        return ask();
    }
    if (answer->text == m_text)
        return;
    m_text = answer->text;
    QThreadPool::globalInstance()->start([self = QPointer<TracePage>(this), uid, document = answer->document] {
        auto trace = document ? trace::readTrace(*document)
                              : Result<trace::TraceView>(fail(Reason::BadRequest, "the server's answer is no JSON"));
        QMetaObject::invokeMethod(qApp, [self, uid, trace = std::move(trace)]() mutable {
            if (self)
                self->take(uid, std::move(trace), {});
        });
    });
}

void TracePage::take(const QString& uid, Result<trace::TraceView> trace, const QString& note)
{
    if (uid != m_uid)
        return;
    m_isSettled = true;
    if (!trace) {
        m_text.clear();
        return showEmpty(&trace.error());
    }
    const bool isAnother = std::exchange(m_shownUid, uid) != uid;
    auto said = note;
    if (trace->droppedUntil && *trace->droppedUntil >= trace->begin())
        said = tr("What came first is not kept any more: the control plane keeps the last steps in memory.");
    m_note->setText(said);
    m_note->setVisible(!said.isEmpty());
    m_summary->setText(tr("%n steps in %1", nullptr, static_cast<int>(trace->steps.size()))
                           .arg(textOf(trace::durationText(trace->end() - trace->begin()))));
    m_guide->setTrace(*trace);
    m_canvas->setTrace(*std::move(trace));
    refreshList();
    if (isAnother)
        showStep(-1);
    m_stack->setCurrentIndex(0);
}

void TracePage::refreshList()
{
    const auto& trace = m_canvas->trace();
    const auto current = m_canvas->current();
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    QList<QTreeWidgetItem*> rows;
    for (std::size_t i = 0; i < trace.steps.size(); ++i) {
        const auto& step = trace.steps[i];
        const auto lane = laneOf(step.step);
        auto* row = new QTreeWidgetItem(
            {textOf(trace::durationText(step.begin - trace.begin())), textOf(trace::durationText(step.length)),
             lane < 0 ? textOf(step.step) : lanes()[lane].title, textOf(trace.objects[step.object].text()),
             actorOf(step), textOf(step.summary)});
        row->setData(0, Qt::UserRole, static_cast<int>(i));
        row->setSizeHint(0, {0, rowHeight});
        row->setTextAlignment(0, Qt::AlignRight | Qt::AlignVCenter);
        row->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
        row->setToolTip(5, row->text(5));
        if (step.failed)
            row->setIcon(2, icon(Theme::statusIcon(StatusRole::Error), Theme::status(StatusRole::Error)));
        rows << row;
    }
    m_list->addTopLevelItems(rows);
    constexpr int widths[] = {90, 90, 130, 220, 170};
    for (int column = 0; column < static_cast<int>(std::size(widths)); ++column)
        if (m_shownUid != m_list->property("sized").toString())
            m_list->setColumnWidth(column, widths[column]);
    m_list->setProperty("sized", m_shownUid);
    if (current >= 0 && current < m_list->topLevelItemCount())
        m_list->setCurrentItem(m_list->topLevelItem(current));
}

void TracePage::showStep(int step)
{
    const QSignalBlocker quiet(m_list);
    const auto& trace = m_canvas->trace();
    m_list->setCurrentItem(step < 0 ? nullptr : m_list->topLevelItem(step));
    const bool isShown = step >= 0 && static_cast<std::size_t>(step) < trace.steps.size();
    m_details->setVisible(isShown);
    if (!isShown)
        return;
    const auto& shown = trace.steps[static_cast<std::size_t>(step)];
    auto text = textOf(shown.summary) + QLatin1Char('\n');
    if (!shown.details.is_null())
        text += QLatin1Char('\n') + textOf(api::writeYaml(shown.details));
    m_details->setPlainText(text);
    if (const auto lane = laneOf(shown.step); lane >= 0 && m_guide->isVisible())
        m_guide->setLane(lane);
}

void TracePage::showEmpty(const Error* error)
{
    m_summary->clear();
    if (error)
        m_empty->set(QStringLiteral("error"), tr("There is no trace to show"), errorLine(*error));
    else
        m_empty->set(QStringLiteral("trace"), tr("Nothing to trace yet"),
                     tr("Apply something, and watch each step from the request to the running pods."),
                     tr("Create from YAML"));
    m_stack->setCurrentIndex(1);
}

void TracePage::showEvent(QShowEvent* event)
{
    for (const auto* kind : tracedKinds)
        m_leases.push_back(m_cluster.watch(QLatin1String(kind)));
    m_refreshObjects.start();
    m_poll.start();
    QWidget::showEvent(event);
}

void TracePage::hideEvent(QHideEvent* event)
{
    m_poll.stop();
    m_leases.clear();
    QWidget::hideEvent(event);
}

} // namespace keelson::ui
