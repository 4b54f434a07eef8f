// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace keelson::ui {

/// Draws the rows of a list in a panel with the margins of a table (see StatusDelegate), so that they stand below their
/// headings and, where they are no tree, below the page's title.
class RowDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

protected:
    /// Of a name both ends count, of a sentence its beginning.
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;
    /// Clicks on a check box are meant where it is drawn.
    bool editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option,
                     const QModelIndex& index) override;
};

} // namespace keelson::ui
