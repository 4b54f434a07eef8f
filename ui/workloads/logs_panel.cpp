// SPDX-License-Identifier: GPL-3.0-or-later
#include "workloads/logs_panel.h"

#include "models/natural_order.h"
#include "widgets/banner.h"
#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTextBlock>
#include <QToolButton>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int lookAtServerMs = 1'000;

} // namespace

LogsPanel::LogsPanel(Cluster& cluster, const ItemPtr& item, QWidget* parent)
    : QWidget(parent),
      m_cluster(cluster),
      m_item(item),
      m_pods(cluster.watch(QStringLiteral("pods"))),
      m_sets(cluster.watch(QStringLiteral("replicasets"))),
      m_containers(new QComboBox(this)),
      m_pause(new QToolButton(this)),
      m_search(new QLineEdit(this)),
      m_state(new QLabel(this)),
      m_banner(new Banner(this)),
      m_view(new QPlainTextEdit(this))
{
    m_view->setReadOnly(true);
    m_view->setMaximumBlockCount(linesMax);
    m_view->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_view->setFont(Theme::monospace());
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setUndoRedoEnabled(false);
    m_view->setPlaceholderText(tr("Nothing has been written yet."));
    m_view->document()->setDocumentMargin(10);
    m_view->setAccessibleName(tr("Log of %1").arg(item->name));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildBar());
    column->addWidget(m_banner);
    column->addWidget(m_view, 1);
    connect(cluster.store(QStringLiteral("pods")), &ObjectStore::changed, this, &LogsPanel::findSources);
    connect(cluster.store(QStringLiteral("replicasets")), &ObjectStore::changed, this, &LogsPanel::findSources);
    auto* bar = m_view->verticalScrollBar(); // who reads the end goes on reading it, whatever comes or is shown above
    connect(bar, &QScrollBar::valueChanged, this, [this, bar](int value) { m_isAtEnd = value >= bar->maximum() - 2; });
    connect(bar, &QScrollBar::rangeChanged, this, [this, bar](int, int maximum) {
        if (m_isAtEnd)
            bar->setValue(maximum);
    });
    m_serverTimer.setInterval(lookAtServerMs);
    connect(&m_serverTimer, &QTimer::timeout, this, &LogsPanel::lookAtServer);
    m_serverTimer.start();
    findSources();
}

LogsPanel::~LogsPanel() = default;

QWidget* LogsPanel::buildBar()
{
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(12, 6, 8, 6);
    m_containers->addItem(tr("All containers"));
    m_containers->setMinimumWidth(160);
    m_containers->setAccessibleName(tr("Container"));
    m_pause->setCheckable(true);
    m_pause->setIcon(icon(QStringLiteral("pause")));
    m_pause->setText(tr("Pause"));
    m_pause->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_search->setPlaceholderText(tr("Search the log"));
    m_search->setClearButtonEnabled(true);
    m_search->setMaximumWidth(280);
    m_search->addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_state->setForegroundRole(QPalette::PlaceholderText);
    row->addWidget(m_containers);
    row->addWidget(m_pause);
    row->addWidget(m_state, 1);
    row->addWidget(m_search, 1);
    connect(m_containers, &QComboBox::currentIndexChanged, this, [this] { open(); });
    connect(m_pause, &QToolButton::toggled, this, [this](bool paused) {
        m_pause->setIcon(icon(paused ? QStringLiteral("play") : QStringLiteral("pause")));
        m_pause->setText(paused ? tr("Resume") : tr("Pause"));
        if (!paused)
            flush();
    });
    connect(m_search, &QLineEdit::returnPressed, this, [this] { find(true); });
    connect(m_banner, &Banner::retry, this, &LogsPanel::open);
    return bar;
}

void LogsPanel::findSources()
{
    if (const auto* facts = m_item->factsAs<PodFacts>()) {
        if (m_opened.isEmpty())
            addPod(*m_item, facts->containerNames.size() > 1);
    } else {
        QStringList owners{m_item->uid};
        for (const auto& set : m_cluster.store(QStringLiteral("replicasets"))->items())
            if (set->ownerUid == m_item->uid)
                owners << set->uid;
        QVector<ItemPtr> pods;
        for (const auto& pod : m_cluster.store(QStringLiteral("pods"))->items())
            if (owners.contains(pod->ownerUid))
                pods << pod;
        std::ranges::sort(pods, [](const ItemPtr& a, const ItemPtr& b) { return naturalLess(a->name, b->name); });
        for (const auto& pod : pods)
            if (!m_opened.contains(pod->uid) && m_opened.size() < podsMax)
                addPod(*pod, true);
    }
    m_state->setText(m_opened.size() > 1 ? tr("%n pods", nullptr, static_cast<int>(m_opened.size())) : QString());
}

void LogsPanel::addPod(const Item& pod, bool named)
{
    static constexpr int hues[] = {210, 150, 30, 280, 350, 180, 60, 320, 100, 240};
    const auto* facts = pod.factsAs<PodFacts>();
    m_opened << pod.uid;
    for (const auto& container : facts->containerNames) {
        auto source = std::make_unique<Source>();
        source->pod = pod.name;
        source->container = container;
        const bool isOnlyPod = m_item->factsAs<PodFacts>() != nullptr;
        if (named)
            source->label = isOnlyPod                          ? container
                            : facts->containerNames.size() > 1 ? pod.name.right(5) + QLatin1Char('/') + container
                                                               : pod.name.right(11);
        const auto hue = hues[m_sources.size() % std::size(hues)];
        source->color = readable(QColor::fromHsl(hue, 150, 130), Theme::tokens().surface);
        if (m_containers->findText(container) < 0)
            m_containers->addItem(container);
        m_sources.push_back(std::move(source));
        openStream(*m_sources.back());
    }
}

void LogsPanel::open()
{
    m_view->clear();
    m_waiting.clear();
    m_lineCount = 0;
    m_lostSince.invalidate();
    m_banner->hide();
    for (const auto& source : m_sources)
        openStream(*source);
}

void LogsPanel::openStream(Source& source)
{
    source.follower.reset();
    source.isLost = false;
    settle(source);
    if (m_containers->currentIndex() > 0 && m_containers->currentText() != source.container)
        return;
    kube::LogTarget target;
    target.path = findKind(QStringLiteral("pods"))->path(m_item->nameSpace, source.pod) + QStringLiteral("/log");
    target.container = source.container;
    target.linesAtStart = linesAtStart;
    source.follower = std::make_unique<kube::LogFollower>(m_cluster.client(), target);
    source.isPending = true;
    ++m_pending;
    follow(source);
}

void LogsPanel::follow(Source& source)
{
    const auto* follower = source.follower.get();
    connect(follower, &kube::LogFollower::opened, this, [this, &source] { settle(source); });
    connect(follower, &kube::LogFollower::lines, this,
            [this, &source](const QStringList& lines) { append(&source, lines); });
    connect(follower, &kube::LogFollower::lost, this, [this, &source](const Error& why) { lose(source, why); });
    connect(follower, &kube::LogFollower::resumed, this, [this, &source] { resume(source); });
    connect(follower, &kube::LogFollower::refused, this, [this, &source](const Error& why) {
        settle(source);
        source.isLost = false;
        if (!isAnyLost())
            m_lostSince.invalidate();
        m_banner->showError(tr("No log of %1/%2").arg(source.pod, source.container), why);
        m_banner->setRetryVisible(true);
    });
    connect(follower, &kube::LogFollower::ended, this, [this, &source] {
        settle(source);
        append(&source, {tr("— the log ends here: the container has stopped —")});
    });
}

void LogsPanel::settle(Source& source)
{
    if (std::exchange(source.isPending, false))
        --m_pending;
}

void LogsPanel::lose(Source& source, const Error& why)
{
    settle(source);
    source.isLost = true;
    if (m_lostSince.isValid())
        return; // said already
    m_lostSince.start();
    append(nullptr, {tr("— the connection broke off —")});
    m_banner->showMessage(StatusRole::Waiting, tr("The connection to the log broke off. The log goes on by itself."),
                          errorLine(why));
}

bool LogsPanel::isAnyLost() const
{
    return std::ranges::any_of(m_sources, [](const auto& source) { return source->isLost; });
}

void LogsPanel::resume(Source& source)
{
    source.isLost = false;
    if (!m_lostSince.isValid() || isAnyLost())
        return;
    const auto seconds = static_cast<int>((m_lostSince.elapsed() + 999) / 1000);
    m_lostSince.invalidate();
    append(nullptr, {tr("— connected again after %1 s; the log goes on where it broke off —").arg(seconds)});
    m_banner->hide();
}

/// A connection that is cut without a word is seen sooner by who asks.
void LogsPanel::lookAtServer()
{
    const bool isAway = m_cluster.health().state() == Reachability::State::Unavailable;
    if (std::exchange(m_isServerAway, isAway) && !isAway)
        for (const auto& source : m_sources)
            if (source->follower)
                source->follower->renew();
}

void LogsPanel::append(const Source* source, const QStringList& lines)
{
    for (const auto& line : lines)
        m_waiting.push_back({source, line});
    if (m_waiting.size() > linesMax)
        m_waiting.remove(0, m_waiting.size() - linesMax);
    if (!m_pause->isChecked())
        flush();
    else
        m_state->setText(tr("%n new lines", nullptr, static_cast<int>(m_waiting.size())));
}

void LogsPanel::flush()
{
    QTextCursor cursor(m_view->document());
    cursor.beginEditBlock();
    for (const auto& [source, line] : std::as_const(m_waiting)) {
        cursor.movePosition(QTextCursor::End);
        if (m_lineCount++ > 0)
            cursor.insertBlock();
        QTextCharFormat format;
        if (source && !source->label.isEmpty()) {
            format.setForeground(source->color);
            cursor.insertText(source->label + QStringLiteral("  "), format);
        }
        format.setForeground(source ? QBrush() : palette().brush(QPalette::PlaceholderText));
        cursor.insertText(line, source ? QTextCharFormat() : format);
    }
    cursor.endEditBlock();
    m_waiting.clear();
    m_state->setText(m_opened.size() > 1 ? tr("%n pods", nullptr, static_cast<int>(m_opened.size())) : QString());
}

void LogsPanel::find(bool backward)
{
    const auto flags = backward ? QTextDocument::FindBackward : QTextDocument::FindFlags();
    if (m_view->find(m_search->text(), flags))
        return;
    m_view->moveCursor(backward ? QTextCursor::End : QTextCursor::Start); // around the corner
    if (!m_view->find(m_search->text(), flags) && !m_search->text().isEmpty())
        m_state->setText(tr("Not found"));
}

QString LogsPanel::text() const
{
    return m_view->toPlainText();
}

} // namespace keelson::ui
