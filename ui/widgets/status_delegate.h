// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace keelson::ui {

/// Where a text too long for its cell is cut: a name or a path in its middle, since they begin alike; a sentence at its
/// end.
Qt::TextElideMode elideMode(const QString& text);

/// Draws the cells of a table: roomy rows, and a status as its glyph with its word beside it.
class StatusDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    static constexpr int padding = 8;    ///< At both sides of a cell, in pixels.
    static constexpr int glyphRoom = 21; ///< Of a status's glyph, before its word.
    static constexpr int edge = 12;      ///< More padding at the table's own edges, so that it lines up with the page.

    /// `role`: the model's role that holds a StatusRole as an int.
    explicit StatusDelegate(int role, QObject* parent = nullptr);

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    int m_role;
};

} // namespace keelson::ui
