// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/apply_panel.h"

#include "editor/journal_writer.h"
#include "editor/yaml_view.h"
#include "models/read.h"
#include "widgets/banner.h"
#include "widgets/icons.h"
#include "widgets/row_delegate.h"
#include "widgets/theme.h"

#include <QComboBox>
#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QResizeEvent>
#include <QSplitter>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int objectColumn = 0;
constexpr int changeColumn = 1;
constexpr int stateColumn = 2;
constexpr int rowHeight = 28;
constexpr int columnGap = 24;
constexpr int iconWidth = 24;
constexpr int besideWidth = 1300; ///< From here on list and difference stand side by side.

QString changesText(const ApplyEntry& entry)
{
    const auto count = manifests::countOf(entry.diff);
    if (count.added + count.removed == 0)
        return {};
    return QStringLiteral("+%1  −%2").arg(count.added).arg(count.removed);
}

} // namespace

namespace {

QString stateIcon(const ApplyEntry& entry)
{
    if (entry.state == ApplyEntry::State::New && entry.note.isEmpty())
        return QStringLiteral("plus");
    return entry.state == ApplyEntry::State::Changed ? QStringLiteral("diff") : Theme::statusIcon(stateRole(entry));
}

} // namespace

QString stateWord(const ApplyEntry& entry)
{
    using State = ApplyEntry::State;
    switch (entry.state) {
    case State::Waiting:
        return ApplyPanel::tr("Waiting");
    case State::Trying:
        return ApplyPanel::tr("Trying…");
    case State::New:
        return entry.note.isEmpty() ? ApplyPanel::tr("New") : ApplyPanel::tr("Untried");
    case State::Changed:
        return ApplyPanel::tr("Changed");
    case State::Same:
        return ApplyPanel::tr("Unchanged");
    case State::Conflict:
        return ApplyPanel::tr("Conflict");
    case State::Refused:
        return ApplyPanel::tr("Refused");
    case State::Applying:
        return ApplyPanel::tr("Applying…");
    case State::Applied:
        return entry.wasNew ? ApplyPanel::tr("Created") : ApplyPanel::tr("Applied");
    case State::Failed:
        return ApplyPanel::tr("Failed");
    case State::Undone:
        return ApplyPanel::tr("Undone");
    case State::NotUndone:
        return ApplyPanel::tr("Not undone");
    }
    return {};
}

QString progressWord(const ApplyEntry& entry)
{
    auto word = stateWord(entry);
    if (entry.state != ApplyEntry::State::Applied || entry.settling.word.isEmpty())
        return word;
    const bool hasCount = entry.isSettling() && entry.settling.role == StatusRole::Progress;
    const auto now = hasCount && !entry.settling.reason.isEmpty() ? entry.settling.reason : entry.settling.word;
    return QStringLiteral("%1 · %2").arg(word, now);
}

StatusRole stateRole(const ApplyEntry& entry)
{
    using State = ApplyEntry::State;
    if (entry.state == State::Applied && entry.isSettling())
        return entry.settling.role;
    switch (entry.state) {
    case State::New:
        return entry.note.isEmpty() ? StatusRole::Progress : StatusRole::Waiting;
    case State::Trying:
    case State::Applying:
    case State::Changed:
        return StatusRole::Progress;
    case State::Applied:
        return StatusRole::Ok;
    case State::Same:
    case State::Undone:
        return StatusRole::Done;
    case State::Conflict:
        return StatusRole::Waiting;
    case State::Refused:
    case State::Failed:
    case State::NotUndone:
        return StatusRole::Error;
    case State::Waiting:
        break;
    }
    return StatusRole::Ending;
}

ApplyPanel::ApplyPanel(Cluster& cluster, QWidget* parent)
    : QWidget(parent),
      m_runner(new ApplyRunner(cluster, this)),
      m_title(new QLabel(this)),
      m_split(new QSplitter(this)),
      m_list(new QTreeWidget(this)),
      m_difference(new YamlView(this))
{
    m_list->setColumnCount(3);
    m_list->setHeaderLabels({tr("Object"), tr("Lines"), tr("State")});
    m_list->setItemDelegate(new RowDelegate(m_list));
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setAllColumnsShowFocus(true);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setTextElideMode(Qt::ElideMiddle); // names begin alike
    m_list->setAccessibleName(tr("Objects, in the order in which they are applied"));
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setSectionResizeMode(objectColumn, QHeaderView::Stretch);
    m_list->header()->setSectionResizeMode(changeColumn, QHeaderView::ResizeToContents);
    m_list->header()->setSectionResizeMode(stateColumn, QHeaderView::ResizeToContents);
    m_split->addWidget(m_list);
    m_split->addWidget(buildDetail());
    m_split->setStretchFactor(1, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildBar());
    column->addWidget(m_split, 1);
    connect(m_runner, &ApplyRunner::entryChanged, this, &ApplyPanel::refreshRow);
    connect(m_runner, &ApplyRunner::phaseChanged, this, [this] {
        if (m_runner->phase() == ApplyRunner::Phase::Trying && m_list->topLevelItemCount() == 0)
            refreshAll();
        refreshButtons();
        if (m_runner->phase() == ApplyRunner::Phase::Tried)
            showFirstChange();
        if (m_runner->phase() == ApplyRunner::Phase::CutOff)
            m_list->setCurrentItem(m_list->topLevelItem(m_runner->cutOffEntry()));
        if (m_runner->phase() > ApplyRunner::Phase::Applying && m_runner->phase() != ApplyRunner::Phase::Undoing)
            emit applied(summary());
    });
    connect(m_list, &QTreeWidget::currentItemChanged, this,
            [this](QTreeWidgetItem* item) { showEntry(item ? m_list->indexOfTopLevelItem(item) : -1); });
    connect(m_list, &QTreeWidget::itemChanged, this, [this](QTreeWidgetItem* item, int column) {
        if (column == objectColumn)
            m_runner->setIncluded(m_list->indexOfTopLevelItem(item), item->checkState(objectColumn) == Qt::Checked);
        refreshButtons();
    });
}

QWidget* ApplyPanel::buildBar()
{
    auto* bar = new QWidget(this);
    m_title->setTextFormat(Qt::PlainText);
    m_back = new QPushButton(tr("Back to the text"), bar);
    m_undo = new QPushButton(tr("Undo"), bar);
    m_undo->setToolTip(tr("Put back what was there before, and delete what was created"));
    m_apply = new QPushButton(tr("Apply"), bar);
    m_apply->setDefault(true);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(14, 6, 10, 6);
    row->setSpacing(8);
    row->addWidget(m_title, 1);
    row->addWidget(m_back);
    row->addWidget(m_undo);
    row->addWidget(m_apply);
    connect(m_back, &QPushButton::clicked, this, &ApplyPanel::closed);
    connect(m_undo, &QPushButton::clicked, m_runner, &ApplyRunner::undo);
    connect(m_apply, &QPushButton::clicked, m_runner, &ApplyRunner::apply);
    return bar;
}

QWidget* ApplyPanel::buildDetail()
{
    auto* detail = new QWidget(this);
    m_heading = new QLabel(detail);
    m_heading->setContentsMargins(14, 6, 14, 6);
    m_heading->setForegroundRole(QPalette::PlaceholderText);
    m_heading->setWordWrap(true);
    m_banner = new Banner(detail);
    m_conflicts = new QWidget(detail);
    m_conflictRows = new QFormLayout(m_conflicts);
    m_conflictRows->setContentsMargins(14, 8, 14, 8);
    m_conflictRows->setHorizontalSpacing(16);
    m_difference->setAccessibleName(tr("What would change"));
    auto* column = new QVBoxLayout(detail);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_heading);
    auto* bannerBox = new QVBoxLayout;
    bannerBox->setContentsMargins(12, 0, 12, 0);
    bannerBox->addWidget(m_banner);
    column->addLayout(bannerBox);
    column->addWidget(m_conflicts);
    column->addWidget(m_difference, 1);
    return detail;
}

void ApplyPanel::open(const std::vector<ApplyObject>& objects, const document::Kinds& kinds,
                      const std::string& nameSpace, bool isComparing)
{
    m_isComparing = isComparing;
    m_list->clear();
    m_runner->prepare(objects, kinds, nameSpace);
    showSet();
}

void ApplyPanel::resume(const std::filesystem::path& journal, const manifests::ApplyRecord& record)
{
    m_isComparing = false;
    m_list->clear();
    m_runner->journal().adopt(journal);
    m_runner->resume(record);
    showSet();
}

void ApplyPanel::showSet()
{
    refreshAll();
    refreshButtons();
    arrange();
    if (m_list->topLevelItemCount() > 0)
        m_list->setCurrentItem(m_list->topLevelItem(0));
    m_list->setFocus();
}

/// Where the first object stays as it is and the user has chosen none: the first of which there is something to see.
void ApplyPanel::showFirstChange()
{
    const auto& entries = m_runner->entries();
    const auto first =
        std::ranges::find_if(entries, [](const ApplyEntry& entry) { return entry.state != ApplyEntry::State::Same; });
    if (first != entries.end() && m_list->currentItem() == m_list->topLevelItem(0))
        m_list->setCurrentItem(m_list->topLevelItem(static_cast<int>(first - entries.begin())));
}

void ApplyPanel::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const auto wanted = width() < besideWidth ? Qt::Vertical : Qt::Horizontal;
    if (m_split->orientation() != wanted) {
        m_split->setOrientation(wanted);
        arrange();
    }
}

void ApplyPanel::arrange()
{
    if (m_split->orientation() == Qt::Horizontal) {
        m_split->setSizes({m_split->width() * 9 / 20, m_split->width() * 11 / 20});
        return;
    }
    // As high as its rows, but leaving the better part to the difference.
    const int rows = m_list->header()->height() + (m_list->topLevelItemCount() + 1) * rowHeight;
    const int high = std::min(rows, m_split->height() * 2 / 5);
    m_split->setSizes({high, std::max(1, m_split->height() - high)});
}

void ApplyPanel::refreshAll()
{
    for (int i = 0; i < static_cast<int>(m_runner->entries().size()); ++i)
        refreshRow(i);
}

void ApplyPanel::refreshRow(int index)
{
    const auto& entry = m_runner->entries()[static_cast<std::size_t>(index)];
    {
        const QSignalBlocker quiet(m_list);
        while (m_list->topLevelItemCount() <= index)
            new QTreeWidgetItem(m_list);
        auto* item = m_list->topLevelItem(index);
        item->setText(objectColumn, toText(entry.object.text()));
        item->setToolTip(objectColumn, toText(entry.object.text()));
        const auto* kind = findKind(toText(entry.object.kind));
        item->setIcon(objectColumn, icon(kind ? kind->icon : QStringLiteral("yaml")));
        const bool canBeLeftOut = entry.isReady() && m_runner->phase() <= ApplyRunner::Phase::CutOff &&
                                  m_runner->phase() != ApplyRunner::Phase::Applying && !m_isComparing;
        item->setData(objectColumn, Qt::CheckStateRole,
                      canBeLeftOut ? QVariant(entry.isIncluded ? Qt::Checked : Qt::Unchecked) : QVariant());
        const auto hintOf = [this](const QString& text, int decoration) {
            return QSize(m_list->fontMetrics().horizontalAdvance(text) + decoration + columnGap, rowHeight);
        };
        item->setText(changeColumn, changesText(entry));
        item->setSizeHint(changeColumn, hintOf(changesText(entry), 0));
        item->setText(stateColumn, progressWord(entry));
        item->setIcon(stateColumn, icon(stateIcon(entry), Theme::status(stateRole(entry))));
        item->setSizeHint(stateColumn, hintOf(progressWord(entry), iconWidth));
    }
    if (m_list->currentItem() && m_list->indexOfTopLevelItem(m_list->currentItem()) == index)
        showEntry(index);
    refreshButtons();
}

void ApplyPanel::showEntry(int index)
{
    if (index < 0 || index >= static_cast<int>(m_runner->entries().size())) {
        m_heading->clear();
        m_difference->showDiff({});
        m_conflicts->hide();
        m_banner->hide();
        return;
    }
    const auto& entry = m_runner->entries()[static_cast<std::size_t>(index)];
    using State = ApplyEntry::State;
    showBanner(entry, index);
    m_heading->setText(entry.state == State::Conflict && entry.diff.empty() ? tr("Others own fields that would change.")
                       : entry.state == State::Conflict
                           ? tr("Others own fields that would change. Below is what it would be with all taken over.")
                       : entry.state == State::Same ? tr("Nothing would change: what the manifest says is so already.")
                       : entry.diff.empty()         ? stateWord(entry)
                       : entry.wasNew               ? tr("A new object. The server fills in the muted lines.")
                                      : tr("From what is live to what would be. Muted lines are not in the manifest."));
    m_difference->showDiff(entry.diff);
    showConflicts(entry, index);
}

void ApplyPanel::showBanner(const ApplyEntry& entry, int index)
{
    using State = ApplyEntry::State;
    const bool isCutOff = m_runner->phase() == ApplyRunner::Phase::CutOff && m_runner->cutOffEntry() == index;
    if (isCutOff) {
        m_banner->showError(m_runner->isResumed() ? tr("An earlier session ended here")
                                                  : tr("The cluster stopped answering here"),
                            entry.error);
    } else if (entry.state == State::Refused) {
        m_banner->showError(tr("The server refuses this"), entry.error);
        offerPlace(entry);
    } else if (entry.state == State::Failed) {
        m_banner->showError(tr("It was not applied"), entry.error);
        offerPlace(entry);
    } else if (entry.state == State::NotUndone) {
        m_banner->showError(tr("It was not undone"), entry.error);
    } else if (entry.state == State::Conflict && entry.refusal) {
        m_banner->showError(tr("With all of it taken over, the server refuses this"), *entry.refusal);
    } else if (entry.state == State::Applied && entry.settling.role == StatusRole::Error && entry.isSettling()) {
        m_banner->showMessage(StatusRole::Error, tr("It is applied, but does not get ready"),
                              entry.settling.word + QStringLiteral("\n") + entry.settling.reason);
    } else if (!entry.note.isEmpty() && entry.isReady()) {
        m_banner->showMessage(StatusRole::Waiting, tr("Not tried"), entry.note);
    } else {
        m_banner->hide();
    }
    m_banner->setRetryVisible(false);
}

void ApplyPanel::offerPlace(const ApplyEntry& entry)
{
    const auto place = entry.error.causes.empty() ? document::Path() : document::parsePath(entry.error.causes[0].field);
    const auto words = m_placeWords ? m_placeWords(entry.source, place) : QString();
    if (!words.isEmpty())
        m_banner->offer(tr("Go to %1").arg(words),
                        [this, source = entry.source, place] { emit placeRequested(source, place); });
}

void ApplyPanel::showConflicts(const ApplyEntry& entry, int index)
{
    while (m_conflictRows->rowCount() > 0)
        m_conflictRows->removeRow(0);
    m_conflicts->setVisible(!entry.conflicts.empty() && entry.state == ApplyEntry::State::Conflict);
    for (const auto& conflict : entry.conflicts) {
        auto* choice = new QComboBox(m_conflicts);
        choice->addItems({tr("Decide…"), tr("Leave it to %1").arg(toText(conflict.manager)), tr("Take it over")});
        const auto decided = entry.takeOver.find(conflict.field);
        choice->setCurrentIndex(decided == entry.takeOver.end() ? 0 : decided->second ? 2 : 1);
        choice->setAccessibleName(tr("%1, owned by %2").arg(toText(conflict.field), toText(conflict.manager)));
        auto* label = new QLabel(
            QStringLiteral("%1\n%2").arg(toText(conflict.field), tr("owned by %1").arg(toText(conflict.manager))),
            m_conflicts);
        label->setTextFormat(Qt::PlainText);
        m_conflictRows->addRow(label, choice);
        connect(choice, &QComboBox::activated, this, [this, index, field = conflict.field](int row) {
            // Later: deciding the last one makes these rows anew.
            if (row > 0)
                QMetaObject::invokeMethod(
                    this, [this, index, field, row] { m_runner->decide(index, field, row == 2); },
                    Qt::QueuedConnection);
        });
    }
}

QString ApplyPanel::summary() const
{
    std::vector<std::pair<QString, int>> words;
    for (const auto& entry : m_runner->entries()) {
        const bool isLeftOut = entry.isReady() && !entry.isIncluded;
        const auto word = isLeftOut ? tr("left out") : stateWord(entry).toLower();
        const auto known = std::ranges::find(words, word, &std::pair<QString, int>::first);
        if (known == words.end())
            words.emplace_back(word, 1);
        else
            ++known->second;
    }
    QStringList parts;
    for (const auto& [word, count] : words)
        parts << QStringLiteral("%1 %2").arg(count).arg(word);
    return parts.join(QStringLiteral(", "));
}

void ApplyPanel::refreshButtons()
{
    using Phase = ApplyRunner::Phase;
    const auto phase = m_runner->phase();
    const int ready = m_runner->readyCount();
    m_apply->setVisible(phase <= Phase::CutOff && !m_isComparing);
    m_apply->setText(phase == Phase::CutOff ? tr("Go on with %n objects", nullptr, ready)
                                            : tr("Apply %n objects", nullptr, ready));
    m_apply->setEnabled((phase == Phase::Tried || phase == Phase::CutOff) && ready > 0);
    m_apply->setToolTip(phase == Phase::Trying ? tr("The server is still trying them")
                        : ready == 0           ? tr("Nothing is left to apply")
                                               : QString());
    const bool hasApplied = std::ranges::any_of(
        m_runner->entries(), [](const ApplyEntry& entry) { return entry.state == ApplyEntry::State::Applied; });
    m_undo->setVisible((phase == Phase::Applied || phase == Phase::CutOff) && hasApplied);
    m_back->setEnabled(phase != Phase::Applying && phase != Phase::Undoing);
    const auto what = phase == Phase::Trying ? tr("The server tries it: %1")
                      : phase == Phase::Tried
                          ? (m_isComparing ? tr("Compared with what is live: %1") : tr("Nothing is changed yet: %1"))
                      : phase == Phase::Applying ? tr("Applying: %1")
                      : phase == Phase::CutOff   ? tr("Cut off, to be gone on with or undone: %1")
                      : phase == Phase::Applied  ? tr("Done: %1")
                      : phase == Phase::Undoing  ? tr("Undoing: %1")
                                                 : tr("Undone: %1");
    auto title = what.arg(summary());
    const auto settling = std::ranges::count_if(m_runner->entries(), &ApplyEntry::isSettling);
    if (phase == Phase::Applied && settling > 0)
        title += tr(" – %n not ready yet", nullptr, static_cast<int>(settling));
    if (m_runner->isPlain())
        title += tr("  (this server has no server-side apply: removed fields stay)");
    m_title->setText(title);
}

} // namespace keelson::ui
