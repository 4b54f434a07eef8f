// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/row_delegate.h"

#include "widgets/status_delegate.h"

#include <QApplication>
#include <QPainter>
#include <QTreeView>

namespace keelson::ui {
namespace {

const QStyle& styleOf(const QStyleOptionViewItem& option)
{
    return option.widget ? *option.widget->style() : *QApplication::style();
}

/// What is missing to the margins of a table. While sizes are asked for, a cell's place in its row is not known: then
/// columns are taken to stand in their order.
QMargins marginsOf(const QStyleOptionViewItem& option, const QModelIndex& index)
{
    using Position = QStyleOptionViewItem::ViewItemPosition;
    const auto place = option.viewItemPosition;
    const bool isKnown = place != Position::Invalid;
    const auto* tree = qobject_cast<const QTreeView*>(option.widget);
    const bool isTree = tree && tree->rootIsDecorated(); // the marks that open rows stand at its edge
    const bool begins = isKnown ? place == Position::Beginning || place == Position::OnlyOne : index.column() == 0;
    const bool isFirst = begins && !isTree;
    const bool isLast = isKnown ? place == Position::End || place == Position::OnlyOne
                                : index.column() + 1 == index.model()->columnCount(index.parent());
    const int own = styleOf(option).pixelMetric(QStyle::PM_FocusFrameHMargin, &option, option.widget) + 1;
    const int side = StatusDelegate::padding - own;
    return {side + (isFirst ? StatusDelegate::edge : 0), 0, side + (isLast ? StatusDelegate::edge : 0), 0};
}

QStyleOptionViewItem inner(const QStyleOptionViewItem& option, const QModelIndex& index)
{
    auto within = option;
    within.rect -= marginsOf(option, index);
    return within;
}

} // namespace

void RowDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    styleOf(option).drawPrimitive(QStyle::PE_PanelItemViewItem, &option, painter, option.widget); // margins as well
    QStyledItemDelegate::paint(painter, inner(option, index), index);
}

QSize RowDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    return QStyledItemDelegate::sizeHint(option, index).grownBy(marginsOf(option, index));
}

void RowDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    option->textElideMode = elideMode(option->text);
}

bool RowDelegate::editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option,
                              const QModelIndex& index)
{
    return QStyledItemDelegate::editorEvent(event, model, inner(option, index), index);
}

} // namespace keelson::ui
