// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/column_fit.h"

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int levelsTried = 24; // halves a level of 16 million pixels down to one

int widthAt(const ColumnNeed& column, double level)
{
    if (column.share == 0)
        return column.wanted;
    const auto granted = std::min(level * column.share, static_cast<double>(column.wanted));
    return std::max(static_cast<int>(granted), std::min(column.least, column.wanted));
}

int sumAt(std::span<const ColumnNeed> columns, double level)
{
    int sum = 0;
    for (const auto& column : columns)
        sum += widthAt(column, level);
    return sum;
}

} // namespace

std::vector<int> fitColumns(std::span<const ColumnNeed> columns, int room, std::size_t greedy)
{
    double low = 0;
    double high = 1;
    for (const auto& column : columns)
        high = std::max<double>(high, column.wanted);
    if (sumAt(columns, high) > room) {
        for (int i = 0; i < levelsTried; ++i) {
            const double middle = (low + high) / 2;
            (sumAt(columns, middle) > room ? high : low) = middle;
        }
    } else {
        low = high;
    }
    std::vector<int> widths;
    for (const auto& column : columns)
        widths.push_back(widthAt(column, low));
    if (greedy < widths.size())
        widths[greedy] += std::max(0, room - sumAt(columns, low));
    return widths;
}

} // namespace keelson::ui
