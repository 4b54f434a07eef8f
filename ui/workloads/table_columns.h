// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/object_table_model.h"
#include "widgets/column_fit.h"

#include <QFontMetrics>
#include <QHash>
#include <QObject>
#include <QTimer>

#include <array>

class QAction;
class QHeaderView;
class QTreeView;

namespace keelson::ui {

/// The columns of a table of objects: as wide as what they hold, sharing what there is, and as the user has set them.
///
/// Where not even columns that are cut fit, those that say so (ColumnInfo) give way, unless the user has asked for
/// them. Widths that the user drags and columns that the user hides are remembered by kind. A double click on the edge
/// of a heading, or "Fit the columns" in the headings' menu, gives the width back.
class TableColumns : public QObject {
    Q_OBJECT
public:
    /// `hiddenAtFirst`: keys of columns (ObjectTableModel::key) that are shown only when the user asks for them.
    TableColumns(QTreeView& view, ObjectTableModel& model, const QStringList& hiddenAtFirst);

    /// Hides columns here and now; nothing is remembered.
    void hide(const QStringList& keys);
    /// The heading's and the longest content's width, in pixels, as far as it is known.
    int wanted(int column) const;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void addToggles(const QStringList& hiddenAtFirst);
    void measure(const Item& item);
    int textWidth(QStringView text) const;
    bool isWanted(int column) const;
    bool mayGiveWay(int column) const;
    std::vector<int> shownIn(int room) const;
    int margins(int column) const;
    int headingWidth(int column) const;
    ColumnNeed need(int column) const;
    void fit();
    void pin(int column, int width);
    void release(int column);
    QString setting(const char* what, int column) const;

    QTreeView& m_view;
    QHeaderView& m_header;
    const QObject* m_viewport; ///< Of the table, and of its headings: what is filtered.
    const QObject* m_headings;
    ObjectTableModel& m_model;
    const QFontMetricsF m_metrics;
    std::array<qreal, 256> m_letters{}; ///< Widths: measuring a text as a whole takes a hundred times as long.
    std::vector<int> m_contents;        ///< The longest by column. It never shrinks, so that columns stand still.
    QVector<QAction*> m_toggles;
    QHash<int, int> m_pinned; ///< Column to the width that the user gave it.
    QTimer m_fit;
    bool m_isPressed = false; ///< The mouse is down on the headings.
    bool m_isFitting = false;
    int m_dragged = -1;
};

} // namespace keelson::ui
