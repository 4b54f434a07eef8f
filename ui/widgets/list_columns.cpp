// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/list_columns.h"

#include "widgets/column_fit.h"
#include "widgets/row_delegate.h"
#include "widgets/status_delegate.h"

#include <QEvent>
#include <QHeaderView>
#include <QStyle>
#include <QTreeWidget>

#include <algorithm>
#include <numeric>
#include <utility>

namespace keelson::ui {
namespace {

constexpr int iconGap = 6;

} // namespace

ListColumns::ListColumns(QTreeWidget& list, std::vector<Column> columns, std::size_t greedy)
    : QObject(&list),
      m_list(list),
      m_headings(list.header()->viewport()),
      m_columns(std::move(columns)),
      m_greedy(greedy),
      m_wanted(m_columns.size(), 0)
{
    list.setItemDelegate(new RowDelegate(&list));
    list.header()->setStretchLastSection(false);
    m_fit.setSingleShot(true);
    m_fit.setInterval(0); // not in the middle of the list's own layout
    connect(&m_fit, &QTimer::timeout, this, &ListColumns::fit);
    connect(list.header(), &QHeaderView::sectionResized, this, [this] { m_isChosen = m_isChosen || m_isPressed; });
    list.viewport()->installEventFilter(this);
    m_headings->installEventFilter(this);
    measure();
}

int ListColumns::contentOf(int column) const
{
    const auto metrics = m_list.fontMetrics();
    const int iconRoom = m_list.style()->pixelMetric(QStyle::PM_SmallIconSize) + iconGap;
    int content = 0;
    for (int row = 0; row < m_list.topLevelItemCount(); ++row) {
        const auto* item = m_list.topLevelItem(row);
        const int icon = item->icon(column).isNull() ? 0 : iconRoom;
        content = std::max(content, metrics.horizontalAdvance(item->text(column)) + icon);
    }
    return content + 2 * StatusDelegate::padding + 2;
}

void ListColumns::measure()
{
    for (int column = 0; column < static_cast<int>(m_columns.size()); ++column) {
        const int last = static_cast<int>(m_columns.size()) - 1;
        const int edges = (column == 0 ? StatusDelegate::edge : 0) + (column == last ? StatusDelegate::edge : 0);
        const int heading = m_list.header()->sectionSizeHint(column);
        m_wanted[static_cast<std::size_t>(column)] = std::max(heading, contentOf(column) + edges);
    }
    m_fit.start();
}

void ListColumns::fit()
{
    const int room = m_list.viewport()->width();
    if (m_isChosen || room <= 0)
        return;
    const auto need = [this](std::size_t column) {
        return ColumnNeed{m_wanted[column], m_columns[column].least, m_columns[column].share};
    };
    const auto least = [&](int sum, std::size_t column) {
        const auto asked = need(column);
        return sum + (asked.share > 0 ? std::min(asked.least, asked.wanted) : asked.wanted);
    };
    std::vector<std::size_t> shown(m_columns.size());
    std::iota(shown.begin(), shown.end(), 0);
    for (auto column = m_columns.size(); column-- > 0;)
        if (m_columns[column].givesWay && std::accumulate(shown.begin(), shown.end(), 0, least) > room)
            std::erase(shown, column);
    std::vector<ColumnNeed> needs;
    for (const auto column : shown)
        needs.push_back(need(column));
    const auto greedy = static_cast<std::size_t>(std::ranges::find(shown, m_greedy) - shown.begin());
    const auto widths = fitColumns(needs, room, greedy);
    for (std::size_t column = 0; column < m_columns.size(); ++column)
        m_list.setColumnHidden(static_cast<int>(column), std::ranges::find(shown, column) == shown.end());
    for (std::size_t i = 0; i < shown.size(); ++i)
        m_list.setColumnWidth(static_cast<int>(shown[i]), widths[i]);
}

bool ListColumns::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_headings) {
        if (event->type() == QEvent::MouseButtonPress)
            m_isPressed = true;
        else if (event->type() == QEvent::MouseButtonRelease)
            m_isPressed = false;
    } else if (event->type() == QEvent::Resize) {
        m_fit.start();
    }
    return QObject::eventFilter(watched, event);
}

} // namespace keelson::ui
