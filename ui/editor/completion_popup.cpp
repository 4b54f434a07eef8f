// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/completion_popup.h"

#include "editor/manifest_editor.h"
#include "models/read.h"
#include "widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTextDocument>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int rowsShown = 9;
constexpr int rowHeight = 24;
constexpr int listWidth = 320;
constexpr int paneWidth = 330;

constexpr int detailRole = Qt::UserRole;
constexpr int requiredRole = Qt::UserRole + 1;

/// The name, bold where it must be there, and what it is at the right.
class ProposalDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto& tokens = Theme::tokens();
        painter->fillRect(option.rect,
                          option.state.testFlag(QStyle::State_Selected) ? tokens.selection : tokens.surface);
        const auto rect = option.rect.adjusted(10, 0, -10, 0);
        auto font = Theme::monospace();
        font.setBold(index.data(requiredRole).toBool());
        const QFontMetrics metrics(font);
        const auto label = metrics.elidedText(index.data().toString(), Qt::ElideRight, rect.width());
        painter->setFont(font);
        painter->setPen(tokens.text);
        painter->drawText(rect, Qt::AlignVCenter, label);
        const auto rest = rect.adjusted(metrics.horizontalAdvance(label) + 12, 0, 0, 0);
        painter->setFont(option.font);
        painter->setPen(tokens.muted);
        painter->drawText(
            rest, Qt::AlignRight | Qt::AlignVCenter,
            option.fontMetrics.elidedText(index.data(detailRole).toString(), Qt::ElideRight, rest.width()));
    }
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {listWidth, rowHeight}; }
};

} // namespace

CompletionPopup::CompletionPopup(QWidget* editor)
    : QFrame(editor->window()), m_editor(editor), m_list(new QListWidget(this)), m_explanation(new QLabel(this))
{
    setFocusPolicy(Qt::NoFocus);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformItemSizes(true);
    m_list->setItemDelegate(new ProposalDelegate(m_list));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setFixedWidth(listWidth);
    m_list->setAccessibleName(tr("Proposals"));
    m_explanation->setWordWrap(true);
    m_explanation->setTextFormat(Qt::RichText);
    m_explanation->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    m_explanation->setFixedWidth(paneWidth);
    m_explanation->setContentsMargins(12, 8, 12, 8);
    m_explanation->setAccessibleName(tr("What it is for"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(1, 1, 1, 1);
    row->setSpacing(0);
    row->addWidget(m_list);
    row->addWidget(m_explanation);
    connect(m_list, &QListWidget::currentRowChanged, this, &CompletionPopup::explainCurrent);
    connect(m_list, &QListWidget::itemClicked, this, &CompletionPopup::takeCurrent);
    hide();
}

void CompletionPopup::open(std::vector<manifests::Proposal> proposals, const QRect& line)
{
    if (parentWidget() != m_editor->window())
        setParent(m_editor->window());
    m_proposals = std::move(proposals);
    {
        const QSignalBlocker quiet(m_list);
        m_list->clear();
        for (const auto& proposal : m_proposals) {
            auto* item = new QListWidgetItem(toText(proposal.label), m_list);
            item->setData(detailRole, toText(proposal.detail));
            item->setData(requiredRole, proposal.isRequired);
            item->setData(Qt::AccessibleTextRole, toText(proposal.label + ", " + proposal.detail));
        }
        m_list->setCurrentRow(0);
    }
    explainCurrent(0);
    const int rows = std::min<int>(rowsShown, m_list->count());
    const int height = std::max(rows * rowHeight + 4,
                                m_explanation->isVisibleTo(this) ? m_explanation->heightForWidth(paneWidth) + 2 : 0);
    const auto* window = m_editor->window();
    const auto top = m_editor->mapTo(window, line.topLeft());
    const int width = listWidth + (m_explanation->isVisibleTo(this) ? paneWidth : 0) + 2;
    const bool isBelow = top.y() + line.height() + height < window->height() || top.y() < height;
    const int y = isBelow ? top.y() + line.height() + 2 : top.y() - height - 2;
    setGeometry(std::clamp(top.x() - 6, 0, std::max(0, window->width() - width - 8)), y, width, height);
    show();
    raise();
}

void CompletionPopup::explainCurrent(int row)
{
    const bool isKnown = row >= 0 && row < static_cast<int>(m_proposals.size()) &&
                         !m_proposals[static_cast<std::size_t>(row)].explanation.isEmpty();
    m_explanation->setVisible(isKnown);
    if (isKnown)
        m_explanation->setText(explanationHtml(m_proposals[static_cast<std::size_t>(row)].explanation));
    if (isVisible())
        resize(listWidth + (isKnown ? paneWidth : 0) + 2, height());
}

void CompletionPopup::step(int rows)
{
    const int count = m_list->count();
    if (count == 0)
        return;
    const int wanted = m_list->currentRow() + rows;
    const bool isStep = rows == 1 || rows == -1;
    m_list->setCurrentRow(isStep ? (wanted + count) % count : std::clamp(wanted, 0, count - 1));
}

void CompletionPopup::takeCurrent()
{
    const auto row = m_list->currentRow();
    if (row < 0 || row >= static_cast<int>(m_proposals.size()))
        return;
    const auto proposal = m_proposals[static_cast<std::size_t>(row)];
    hide();
    emit taken(proposal);
}

QStringList CompletionPopup::labels() const
{
    QStringList all;
    for (const auto& proposal : m_proposals)
        all << toText(proposal.label);
    return all;
}

QString CompletionPopup::explanation() const
{
    QTextDocument words;
    words.setHtml(m_explanation->text());
    return words.toPlainText();
}

void CompletionPopup::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const auto& tokens = Theme::tokens();
    painter.setPen(tokens.border);
    painter.setBrush(tokens.surface);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
    painter.drawLine(listWidth + 1, 1, listWidth + 1, height() - 2);
}

} // namespace keelson::ui
