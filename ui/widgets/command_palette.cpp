// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/command_palette.h"

#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int entriesMax = 60;

class EntryDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto& tokens = Theme::tokens();
        const bool isCurrent = option.state.testFlag(QStyle::State_Selected);
        painter->fillRect(option.rect, isCurrent ? tokens.selection : tokens.surface);
        auto rect = option.rect.adjusted(12, 0, -12, 0);
        paintIcon(*painter, QRectF(rect.left(), rect.center().y() - 8, 16, 16), index.data(Qt::UserRole + 1).toString(),
                  tokens.muted);
        rect.setLeft(rect.left() + 28);
        const auto detail = index.data(Qt::UserRole).toString();
        painter->setPen(tokens.muted);
        painter->drawText(rect, Qt::AlignVCenter | Qt::AlignRight, detail);
        rect.setRight(rect.right() - option.fontMetrics.horizontalAdvance(detail) - 12);
        painter->setPen(tokens.text);
        painter->drawText(
            rect, Qt::AlignVCenter | Qt::AlignLeft,
            option.fontMetrics.elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideMiddle, rect.width()));
    }
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {200, 34}; }
};

} // namespace

int fitness(const QString& text, const QString& query)
{
    if (query.isEmpty())
        return 1;
    const auto found = text.indexOf(query, 0, Qt::CaseInsensitive);
    if (found == 0)
        return 100;
    if (found > 0)
        return text[found - 1].isLetterOrNumber() ? 40 : 70;
    qsizetype at = 0;
    for (const auto letter : query) {
        at = text.indexOf(letter, at, Qt::CaseInsensitive);
        if (at < 0)
            return 0;
        ++at;
    }
    return 10;
}

CommandPalette::CommandPalette(QWidget* parent)
    : QDialog(parent, Qt::Popup | Qt::FramelessWindowHint), m_input(new QLineEdit(this)), m_list(new QListWidget(this))
{
    setAccessibleName(tr("Command palette"));
    m_input->setPlaceholderText(tr("Command, page or object; :po jumps to a kind"));
    m_input->setClearButtonEnabled(true);
    m_input->installEventFilter(this);
    m_list->setItemDelegate(new EntryDelegate(m_list));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformItemSizes(true);
    m_list->setFocusPolicy(Qt::NoFocus);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 8);
    column->addWidget(m_input);
    column->addWidget(m_list);
    connect(m_input, &QLineEdit::textChanged, this, &CommandPalette::fill);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::runCurrent);
}

void CommandPalette::openWith(const QString& text)
{
    const auto* window = parentWidget();
    resize(std::min(640, window->width() - 80), std::min(460, window->height() - 120));
    move(window->mapToGlobal(QPoint((window->width() - width()) / 2, 70)));
    m_input->setText(text);
    fill(text);
    show();
    m_input->setFocus();
}

void CommandPalette::fill(const QString& query)
{
    m_entries.clear();
    for (const auto& source : m_sources)
        m_entries += source(query);
    const auto word = query.startsWith(QLatin1Char(':')) ? QString() : query.trimmed();
    std::ranges::sort(m_entries, [&word](const Entry& a, const Entry& b) {
        const int first = fitness(a.title, word);
        const int second = fitness(b.title, word);
        return first != second ? first > second : a.title < b.title;
    });
    m_entries.resize(std::min<qsizetype>(m_entries.size(), entriesMax));
    m_list->clear();
    for (const auto& entry : m_entries) {
        auto* item = new QListWidgetItem(entry.title, m_list);
        item->setData(Qt::UserRole, entry.detail);
        item->setData(Qt::UserRole + 1, entry.icon);
    }
    m_list->setCurrentRow(0);
}

void CommandPalette::runCurrent()
{
    const int row = m_list->currentRow();
    if (row < 0 || row >= m_entries.size())
        return;
    const auto run = m_entries[row].run;
    hide();
    if (run)
        run();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::KeyPress) {
        const auto key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Return || key == Qt::Key_Enter) {
            runCurrent();
            return true;
        }
        if (key == Qt::Key_Down || key == Qt::Key_Up) {
            const int step = key == Qt::Key_Down ? 1 : -1;
            m_list->setCurrentRow(std::clamp(m_list->currentRow() + step, 0, std::max(0, m_list->count() - 1)));
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

} // namespace keelson::ui
