// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/status_delegate.h"

#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QApplication>
#include <QPainter>

namespace keelson::ui {

namespace {

constexpr int rowHeight = 32;
constexpr int glyph = 14;

} // namespace

Qt::TextElideMode elideMode(const QString& text)
{
    return text.contains(QLatin1Char(' ')) ? Qt::ElideRight : Qt::ElideMiddle;
}

StatusDelegate::StatusDelegate(int role, QObject* parent) : QStyledItemDelegate(parent), m_role(role) {}

void StatusDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto& tokens = Theme::tokens();
    const bool isSelected = option.state.testFlag(QStyle::State_Selected);
    const bool isUnder = option.state.testFlag(QStyle::State_MouseOver);
    const auto background = isSelected ? tokens.selection : isUnder ? tokens.hover : tokens.surface;
    painter->fillRect(option.rect, background);
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1),
                      mixed(tokens.border, tokens.surface, 0.45));

    using Position = QStyleOptionViewItem::ViewItemPosition;
    const auto place = option.viewItemPosition;
    const bool isFirst = place == Position::Beginning || place == Position::OnlyOne;
    const bool isLast = place == Position::End || place == Position::OnlyOne;
    auto rect = option.rect.adjusted(padding + (isFirst ? edge : 0), 0, -padding - (isLast ? edge : 0), 0);
    const auto text = index.data(Qt::DisplayRole).toString();
    const auto status = index.data(m_role);
    auto color = isFirst ? tokens.text : mixed(tokens.text, tokens.muted, 0.55);
    if (status.isValid() && !text.isEmpty()) {
        const auto role = static_cast<StatusRole>(status.toInt());
        const QRectF at(rect.left(), rect.center().y() - glyph / 2.0 + 0.5, glyph, glyph);
        paintIcon(*painter, at, Theme::statusIcon(role), Theme::status(role));
        rect.setLeft(rect.left() + glyphRoom);
        color = Theme::statusText(role, background);
    }
    painter->setPen(color);
    painter->setFont(option.font);
    const auto alignment = Qt::Alignment::fromInt(index.data(Qt::TextAlignmentRole).toInt());
    painter->drawText(rect, static_cast<int>(alignment) | Qt::TextSingleLine,
                      option.fontMetrics.elidedText(text, elideMode(text), rect.width()));
    if (option.state.testFlag(QStyle::State_HasFocus) && option.state.testFlag(QStyle::State_KeyboardFocusChange)) {
        painter->setPen(tokens.accent);
        painter->drawRect(option.rect.adjusted(0, 0, -1, -2));
    }
}

QSize StatusDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    return {QStyledItemDelegate::sizeHint(option, index).width() + 2 * padding,
            std::max(rowHeight, option.fontMetrics.height() + 14)};
}

} // namespace keelson::ui
