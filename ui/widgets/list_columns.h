// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>

#include <vector>

class QTreeWidget;

namespace keelson::ui {

/// Gives the columns of a list in a panel their widths, by what they hold and how much room there is, until the user
/// drags one of them. For lists of some hundred rows; large tables have TableColumns.
class ListColumns : public QObject {
public:
    struct Column {
        int least = 0;         ///< In pixels: what it keeps when it is cut.
        int share = 0;         ///< As in ColumnNeed; 0: it is never cut.
        bool givesWay = false; ///< It is hidden where there is no room for all.
    };
    /// `columns`: those of the list, in their order. `greedy`: the one that takes what is left. It is owned by the
    /// list, whose rows RowDelegate draws from now on.
    ListColumns(QTreeWidget& list, std::vector<Column> columns, std::size_t greedy);

    /// Looks at the rows again: they have changed.
    void measure();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    int contentOf(int column) const;
    void fit();

    QTreeWidget& m_list;
    QObject* const m_headings; ///< The last events come when the list has none any more.
    const std::vector<Column> m_columns;
    const std::size_t m_greedy;
    std::vector<int> m_wanted;
    QTimer m_fit;
    bool m_isPressed = false; ///< On a heading.
    bool m_isChosen = false;  ///< The user has set a width: they stay.
};

} // namespace keelson::ui
