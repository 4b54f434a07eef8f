// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/problems_panel.h"

#include "manifests/hints.h"
#include "models/read.h"
#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QListView>
#include <QMenu>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QToolButton>

#include <algorithm>
#include <array>

namespace keelson::ui {

namespace {

constexpr int rowHeight = 24;

/// Glyph, words, and the place at the right.
class ProblemDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto& tokens = Theme::tokens();
        const bool isCurrent = option.state.testFlag(QStyle::State_Selected);
        painter->fillRect(option.rect, isCurrent                                        ? tokens.selection
                                       : option.state.testFlag(QStyle::State_MouseOver) ? tokens.hover
                                                                                        : tokens.surface);
        const auto severity = static_cast<document::Severity>(index.data(ProblemsModel::SeverityRole).toInt());
        const auto rect = option.rect.adjusted(14, 0, -14, 0);
        paintIcon(*painter, QRectF(rect.left(), rect.center().y() - 7, 15, 15), glyphOf(severity),
                  Theme::status(roleOf(severity)));
        painter->setFont(option.font);
        const auto place = index.data(ProblemsModel::PlaceRole).toString();
        const int placeWidth = option.fontMetrics.horizontalAdvance(place) + 12;
        painter->setPen(tokens.muted);
        painter->drawText(rect, Qt::AlignRight | Qt::AlignVCenter, place);
        painter->setPen(tokens.text);
        const auto words = rect.adjusted(24, 0, -placeWidth, 0);
        painter->drawText(words, Qt::AlignVCenter,
                          option.fontMetrics.elidedText(index.data().toString(), Qt::ElideRight, words.width()));
    }
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {200, rowHeight}; }
};

} // namespace

void ProblemsModel::setRows(std::vector<Row> rows)
{
    const auto head = static_cast<std::size_t>(std::ranges::mismatch(m_rows, rows).in1 - m_rows.begin());
    std::size_t tail = 0;
    while (tail < m_rows.size() - head && tail < rows.size() - head &&
           m_rows[m_rows.size() - 1 - tail] == rows[rows.size() - 1 - tail])
        ++tail;
    const auto oldEnd = m_rows.size() - tail;
    const auto newEnd = rows.size() - tail;
    if (oldEnd > head) {
        beginRemoveRows({}, static_cast<int>(head), static_cast<int>(oldEnd) - 1);
        m_rows.erase(m_rows.begin() + static_cast<std::ptrdiff_t>(head),
                     m_rows.begin() + static_cast<std::ptrdiff_t>(oldEnd));
        endRemoveRows();
    }
    if (newEnd > head) {
        beginInsertRows({}, static_cast<int>(head), static_cast<int>(newEnd) - 1);
        m_rows.insert(m_rows.begin() + static_cast<std::ptrdiff_t>(head),
                      rows.begin() + static_cast<std::ptrdiff_t>(head),
                      rows.begin() + static_cast<std::ptrdiff_t>(newEnd));
        endInsertRows();
    }
    m_rows = std::move(rows); // those that look the same may belong to newer texts
}

int ProblemsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant ProblemsModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const auto& shown = row(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return shown.text;
    case Qt::ToolTipRole:
        return shown.text;
    case Qt::AccessibleTextRole: {
        const auto severity = shown.finding.what.severity;
        const auto word = severity == document::Severity::Error     ? tr("Error")
                          : severity == document::Severity::Warning ? tr("Warning")
                                                                    : tr("Hint");
        return QStringLiteral("%1, %2: %3").arg(word, shown.place, shown.text);
    }
    case PlaceRole:
        return shown.place;
    case SeverityRole:
        return static_cast<int>(shown.finding.what.severity);
    default:
        return {};
    }
}

ProblemsPanel::ProblemsPanel(QWidget* parent)
    : QWidget(parent),
      m_model(new ProblemsModel(this)),
      m_list(new QListView(this)),
      m_title(new QToolButton(this)),
      m_hints(new QToolButton(this))
{
    m_title->setAutoRaise(true);
    m_title->setToolButtonStyle(Qt::ToolButtonTextOnly);
    m_title->setToolTip(tr("Show or hide the list"));
    m_hints->setText(tr("Hints"));
    m_hints->setToolTip(tr("Which practices are pointed out"));
    m_hints->setAutoRaise(true);
    m_hints->setPopupMode(QToolButton::InstantPopup);
    m_hints->setToolButtonStyle(Qt::ToolButtonTextOnly);
    m_list->setModel(m_model);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setItemDelegate(new ProblemDelegate(m_list));
    m_list->setUniformItemSizes(true);
    m_list->setMouseTracking(true);
    m_list->setAccessibleName(tr("Problems"));
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(8, 2, 16, 2);
    bar->addWidget(m_title);
    bar->addStretch(1);
    bar->addWidget(m_hints);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(m_list, 1);
    connect(m_title, &QToolButton::clicked, this, [this] { m_list->setVisible(!m_list->isVisible()); });
    const auto tell = [this](const QModelIndex& index) {
        const auto finding = m_model->row(index.row()).finding; // what follows may change the rows
        emit activated(finding);
    };
    connect(m_list, &QListView::activated, this, tell);
    connect(m_list, &QListView::clicked, this, tell);
    m_list->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_list, &QListView::customContextMenuRequested, this, [this](const QPoint& place) {
        const auto index = m_list->indexAt(place).isValid() ? m_list->indexAt(place) : m_list->currentIndex();
        if (index.isValid())
            menuOf(m_model->row(index.row()).finding)->popup(m_list->viewport()->mapToGlobal(place));
    });
    buildMenu();
    refresh();
}

void ProblemsPanel::buildMenu()
{
    auto* menu = new QMenu(m_hints);
    for (const auto& practice : manifests::practices()) {
        auto* action = menu->addAction(toText(practice.title));
        action->setToolTip(toText(practice.why));
        action->setCheckable(true);
        action->setChecked(!m_off.contains(practice.code));
        action->setData(toText(practice.code));
        connect(action, &QAction::toggled, this,
                [this, code = std::string(practice.code)](bool isOn) { switchOff(code, !isOn); });
    }
    menu->setToolTipsVisible(true);
    delete m_hints->menu();
    m_hints->setMenu(menu);
}

void ProblemsPanel::switchOff(const std::string& code, bool isOff)
{
    if (isOff)
        m_off.insert(code);
    else
        m_off.erase(code);
    emit switchedOffChanged(m_off);
}

QMenu* ProblemsPanel::menuOf(const Finding& finding)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const auto& cure : finding.what.cures)
        connect(menu->addAction(toText(cure.title)), &QAction::triggered, this,
                [this, finding, cure] { emit cureChosen(finding, cure); });
    const auto& code = finding.what.code;
    if (std::ranges::find(manifests::practices(), code, &manifests::Practice::code) != manifests::practices().end()) {
        menu->addSeparator();
        connect(menu->addAction(tr("Do not point this out any more")), &QAction::triggered, this, [this, code] {
            switchOff(code, true);
            buildMenu();
        });
    }
    if (menu->isEmpty())
        menu->addAction(tr("Nothing is known that would mend it"))->setEnabled(false);
    return menu;
}

void ProblemsPanel::setSwitchedOff(const std::set<std::string, std::less<>>& off)
{
    m_off = off;
    buildMenu();
}

void ProblemsPanel::setFindings(const std::vector<Finding>& findings, const ManifestSession& session)
{
    m_findings = findings;
    m_session = &session;
    refresh();
}

ProblemsModel::Row ProblemsPanel::rowOf(const Finding& finding, const Manifest& manifest) const
{
    const auto line = manifest.text().lineOf(finding.document) + finding.what.line + 1;
    auto text = toText(finding.what.message);
    if (!finding.what.advice.empty())
        text += QStringLiteral(" – ") + toText(finding.what.advice);
    return {finding, text, QStringLiteral("%1:%2").arg(manifest.name()).arg(line)};
}

void ProblemsPanel::refresh()
{
    std::vector<ProblemsModel::Row> rows;
    FindingCounts counts;
    // The gravest first; within a severity in the order of the texts.
    for (const auto severity : {document::Severity::Error, document::Severity::Warning, document::Severity::Hint})
        for (const auto& finding : m_findings) {
            const auto* manifest = m_session->find(finding.manifest);
            if (finding.what.severity != severity || !manifest || finding.document >= manifest->text().documents())
                continue;
            counts.add(severity);
            if (rows.size() < problemRowsMax)
                rows.push_back(rowOf(finding, *manifest));
        }
    m_model->setRows(std::move(rows));
    const auto words = counts.words();
    m_title->setText(words.isEmpty() ? tr("No problems") : words);
}

void ProblemsPanel::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::ApplicationPaletteChange)
        m_list->viewport()->update();
    QWidget::changeEvent(event);
}

} // namespace keelson::ui
