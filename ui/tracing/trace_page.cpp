// SPDX-License-Identifier: GPL-3.0-or-later
#include "tracing/trace_page.h"

#include "tracing/derived_watch.h"
#include "tracing/guide_panel.h"
#include "tracing/learn_panel.h"
#include "tracing/trace_canvas.h"
#include "widgets/banner.h"
#include "widgets/elided_label.h"
#include "widgets/empty_state.h"
#include "widgets/folding_bar.h"
#include "widgets/icons.h"
#include "widgets/list_columns.h"
#include "widgets/page_title.h"
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

constexpr int gatherMs = 200;
constexpr int objectsWidthMin = 180;
constexpr int objectsWidthMax = 340;
constexpr int rowHeight = 25;
constexpr int firstNameColumn = 3; // object, who, what
constexpr int whatColumn = 5;
constexpr int detailsMargin = 12;
constexpr int sideBySideMin = 640;
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

QString entryOf(const Item& item)
{
    return QStringLiteral("%1/%2 · %3").arg(item.kind->one, item.name, item.nameSpace);
}

} // namespace

TracePage::TracePage(Cluster& cluster, QWidget* parent)
    : QWidget(parent),
      m_cluster(cluster),
      m_empty(new EmptyState(this)),
      m_stack(new QStackedLayout),
      m_beside(new QHBoxLayout)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildBar());
    m_stack->addWidget(buildBody());
    m_stack->addWidget(m_empty);
    m_guide = new GuidePanel(this);
    m_guide->hide();
    m_beside->setSpacing(0);
    m_beside->addLayout(m_stack, 1);
    m_beside->addWidget(m_guide);
    column->addLayout(m_beside, 1);

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
    connect(m_empty, &EmptyState::activated, this, &TracePage::learn);
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
    connect(m_guide, &GuidePanel::laneChanged, this, [this](int lane) { m_canvas->setLanes({lane}); });
    showEmpty(nullptr);
}

TracePage::~TracePage() = default;

QWidget* TracePage::buildBar()
{
    auto* bar = new FoldingBar(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(20, 14, 16, 12);
    row->setSpacing(8);
    auto* title = new PageTitle(tr("Trace"), bar);
    m_summary = new ElidedLabel(Qt::ElideRight, bar);
    m_summary->setForegroundRole(QPalette::PlaceholderText);
    title->alignWords(*m_summary);
    m_objects = new QComboBox(bar);
    m_objects->setEditable(true);
    m_objects->setInsertPolicy(QComboBox::NoInsert);
    m_objects->completer()->setCompletionMode(QCompleter::PopupCompletion);
    m_objects->completer()->setFilterMode(Qt::MatchContains);
    m_objects->lineEdit()->setPlaceholderText(tr("Which object?"));
    connect(m_objects, &QComboBox::editTextChanged, m_objects, &QWidget::setToolTip); // there may be no room for all
    m_objects->setAccessibleName(tr("Object to trace"));
    m_objects->setMinimumWidth(objectsWidthMin);
    m_objects->setMaximumWidth(objectsWidthMax);
    m_objects->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon); // names can be long
    m_objects->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
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
    auto* learnButton = button("play", tr("Learn: from apply to Ready, with a small application of your own"));
    learnButton->setText(tr("Learn"));
    learnButton->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    auto* out = button("minus", tr("Zoom out"));
    auto* in = button("plus", tr("Zoom in"));
    auto* fit = button("fit", tr("Show all"));
    row->addWidget(title);
    row->addWidget(m_summary, 1);
    row->addWidget(m_objects, 2);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_all, m_explain, learnButton, out, in, fit})
        row->addWidget(widget);
    bar->foldWords(learnButton);
    bar->foldWords(m_explain);
    for (auto* zoom : {in, out})
        bar->foldAway(zoom); // there are keys and the wheel
    connect(m_objects, &QComboBox::activated, this, &TracePage::choose);
    connect(m_all, &QCheckBox::toggled, this, [this] {
        m_text.clear();
        ask();
    });
    connect(m_explain, &QToolButton::toggled, this, &TracePage::setGuideShown);
    connect(learnButton, &QToolButton::clicked, this, &TracePage::learn);
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
    // What happened is what people read; who did it they can do without where there is little room.
    m_columns = new ListColumns(*m_list, {{}, {0, 0, true}, {}, {90, 2, true}, {120, 1, true}, {130, 4}}, whatColumn);
    m_details = new QPlainTextEdit(body);
    m_details->setReadOnly(true);
    m_details->setFrameShape(QFrame::NoFrame);
    m_details->setFont(Theme::monospace());
    m_details->setAccessibleName(tr("The step in full"));
    m_details->document()->setDocumentMargin(detailsMargin);
    auto* below = new QSplitter(body);
    m_below = below;
    below->installEventFilter(this);
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
    auto* column = new QVBoxLayout(body);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_note);
    column->addWidget(vertical, 1);
    return body;
}

/// Where the list and a step in full do not fit side by side, they stand one below the other.
bool TracePage::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_below && event->type() == QEvent::Resize)
        m_below->setOrientation(m_below->width() < sideBySideMin ? Qt::Vertical : Qt::Horizontal);
    return QWidget::eventFilter(watched, event);
}

void TracePage::setGuideShown(bool shown)
{
    m_explain->setChecked(shown);
    m_guide->setVisible(shown);
    if (shown)
        hideLesson();
    m_canvas->setLanes(shown ? QVector<int>{m_guide->lane()} : QVector<int>());
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
    return m_item;
}

void TracePage::show(const ItemPtr& item)
{
    if (!item || item->uid == m_uid)
        return;
    m_item = item;
    m_uid = item->uid;
    m_isSettled = false;
    m_text.clear();
    m_objects->setCurrentIndex(m_objects->findData(m_uid)); // for its icon
    m_objects->setEditText(entryOf(*item));
    m_objects->lineEdit()->setCursorPosition(0); // of a long name the beginning is seen
    m_objects->setToolTip(entryOf(*item));
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
    if (!m_objects->lineEdit()->hasFocus())
        m_objects->lineEdit()->setCursorPosition(0);
    const auto isWorkload = [](const ItemPtr& item) { return item->kind->id == QLatin1String("deployments"); };
    if (m_uid.isEmpty() && !offered.isEmpty()) {
        const auto best = std::ranges::find_if(offered, isWorkload);
        show(best != offered.end() ? *best : offered.first());
    } else if (m_uid.isEmpty()) {
        const auto* store = m_cluster.store(QStringLiteral("deployments"));
        showEmpty(store->problem() ? &*store->problem() : nullptr);
        m_isSettled = store->problem() || store->state() == ObjectStore::State::Live;
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
    if (m_noTraces)
        return derive(item);
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

void TracePage::derive(const ItemPtr& item)
{
    if (m_derivedUid != item->uid)
        m_derived.reset();
    if (!m_derived) {
        m_derivedUid = item->uid;
        m_derived = std::make_unique<DerivedWatch>(m_cluster.client(), item);
        connect(m_derived.get(), &DerivedWatch::traced, this,
                [this](const QString& uid, const auto& trace) { take(uid, *trace, TraceOrigin::Derived); });
    }
    m_derived->look();
}

void TracePage::answered(const QString& uid, const Result<kube::Response>& answer)
{
    if (uid != m_uid)
        return ask(); // another one was chosen meanwhile
    if (!answer) {
        const auto reason = answer.error().reason;
        const bool isGone = !answer.error().resource.empty() && reason == Reason::NotFound;
        if (isGone || (reason != Reason::NotFound && reason != Reason::Forbidden))
            return take(uid, fail(answer.error()), TraceOrigin::Kept);
        m_noTraces = reason;
        return ask();
    }
    if (answer->text == m_text) {
        if (m_forgottenUid == uid)
            derive(chosen());
        return;
    }
    m_text = answer->text;
    QThreadPool::globalInstance()->start([self = QPointer<TracePage>(this), uid, document = answer->document] {
        auto trace = document ? trace::readTrace(*document)
                              : Result<trace::TraceView>(fail(Reason::BadRequest, "the server's answer is no JSON"));
        QMetaObject::invokeMethod(qApp, [self, uid, trace = std::move(trace)]() mutable {
            if (self)
                self->takeKept(uid, std::move(trace));
        });
    });
}

/// Of an object that is older than what is kept, events and managed fields may still say something.
void TracePage::takeKept(const QString& uid, Result<trace::TraceView> trace)
{
    if (uid != m_uid)
        return;
    if (!trace && trace.error().reason == Reason::NotFound) {
        m_forgottenUid = uid;
        return derive(chosen());
    }
    m_forgottenUid.clear();
    m_derived.reset();
    take(uid, std::move(trace), TraceOrigin::Kept);
}

void TracePage::take(const QString& uid, Result<trace::TraceView> trace, TraceOrigin origin)
{
    if (uid != m_uid)
        return;
    m_isSettled = true;
    if (takeForLesson(uid, trace, origin))
        return;
    if (!trace) {
        m_text.clear();
        return showEmpty(&trace.error());
    }
    const bool isAnother = std::exchange(m_shownUid, uid) != uid;
    QString said;
    if (origin == TraceOrigin::Derived && m_forgottenUid == uid)
        said = tr("The control plane has forgotten these steps: it keeps the last ones in memory, and loses them when "
                  "it ends. Shown is what the object's events, conditions and managed fields still say, in whole "
                  "seconds.");
    else if (origin == TraceOrigin::Derived)
        said = (m_noTraces == Reason::Forbidden ? tr("This cluster keeps no traces, or shows you none.")
                                                : tr("This cluster keeps no traces.")) +
               QLatin1Char(' ') +
               tr("Shown is what its events, conditions and managed fields still say, in whole seconds; "
                  "authentication, admission and the network leave no mark there.");
    if (trace->droppedUntil && *trace->droppedUntil >= trace->begin())
        said = tr("What came first is not kept any more: the control plane keeps the last steps in memory.");
    m_note->setText(said);
    m_note->setVisible(!said.isEmpty());
    m_summary->setText(tr("%n steps in %1", nullptr, static_cast<int>(trace->steps.size()))
                           .arg(textOf(trace::durationText(trace->end() - trace->begin()))));
    m_summary->setMinimumWidth(m_summary->sizeHint().width()); // buttons lose their words before it is cut
    m_guide->setTrace(*trace);
    m_canvas->setTrace(*std::move(trace));
    refreshList();
    if (isAnother)
        showStep(-1);
    m_stack->setCurrentIndex(0);
}

void TracePage::fillRow(QTreeWidgetItem& row, int index) const
{
    const auto& trace = m_canvas->trace();
    const auto& step = trace.steps[static_cast<std::size_t>(index)];
    const auto lane = laneOf(step.step);
    const QStringList texts{textOf(trace::durationText(step.begin - trace.begin())),
                            textOf(trace::durationText(step.length)),
                            lane < 0 ? textOf(step.step) : lanes()[lane].title,
                            textOf(trace.objects[step.object].text()),
                            actorText(step),
                            textOf(step.summary)};
    for (int column = 0; column < texts.size(); ++column) {
        if (row.text(column) == texts[column])
            continue;
        row.setText(column, texts[column]);
        if (column >= firstNameColumn) // names and sentences may be cut
            row.setToolTip(column, texts[column]);
    }
    row.setData(0, Qt::UserRole, index);
    row.setSizeHint(0, {0, rowHeight});
    row.setTextAlignment(0, Qt::AlignRight | Qt::AlignVCenter);
    row.setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
    row.setIcon(2,
                step.failed ? icon(Theme::statusIcon(StatusRole::Error), Theme::status(StatusRole::Error)) : QIcon());
}

void TracePage::refreshList()
{
    const auto& trace = m_canvas->trace();
    const auto current = m_canvas->current();
    const QSignalBlocker quiet(m_list);
    const auto count = static_cast<int>(trace.steps.size());
    while (m_list->topLevelItemCount() > count) // rows stay where they are: somebody may be reading them
        delete m_list->takeTopLevelItem(m_list->topLevelItemCount() - 1);
    QList<QTreeWidgetItem*> added;
    for (int i = 0; i < count; ++i) {
        auto* row = m_list->topLevelItem(i);
        if (!row)
            added << (row = new QTreeWidgetItem);
        fillRow(*row, i);
    }
    m_list->addTopLevelItems(added);
    m_columns->measure();
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
    if (const auto waited = m_canvas->waitAfter(step); !waited.isEmpty())
        text += waited + QLatin1Char('\n');
    if (!shown.details.is_null())
        text += QLatin1Char('\n') + textOf(api::writeYaml(shown.details));
    m_details->setPlainText(text);
    if (const auto lane = laneOf(shown.step); lane >= 0 && m_guide->isVisible())
        m_guide->setLane(lane);
}

void TracePage::showEmpty(const Error* error)
{
    m_summary->setText({});
    m_summary->setMinimumWidth(0);
    if (error)
        m_empty->set(QStringLiteral("error"), tr("There is no trace to show"), errorLine(*error));
    else
        m_empty->set(QStringLiteral("trace"), tr("Nothing to trace yet"),
                     tr("Apply something, and watch each step from the request to the running pods. Or let yourself be "
                        "led through all of it, with a small application of your own."),
                     tr("Learn: from apply to Ready"));
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
    m_derived.reset();
    QWidget::hideEvent(event);
}

bool TracePage::isSettled() const
{
    const bool isAsking = m_learn && m_learn->isVisible() && m_learn->lesson().phase() == Lesson::Phase::Asking;
    return m_isSettled || isAsking;
}

} // namespace keelson::ui
