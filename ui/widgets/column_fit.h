// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace keelson::ui {

/// What a column of a table asks for, in pixels.
struct ColumnNeed {
    int wanted = 0; ///< Shows its heading and all that it holds.
    int least = 0;  ///< What it keeps when it is cut; at most `wanted`.
    int share = 0;  ///< How much it gets of what is too little for all, against the others; 0: it is never cut.
};

/// Pure: a width for each column of a table that is `room` pixels wide.
///
/// Where all fit, what is left goes to `greedy`. Where they do not, those with a share are cut down to one level, the
/// longest for their share first, so that short ones stay whole. Where not even the least of them fits, the sum is more
/// than `room`, and the table scrolls.
std::vector<int> fitColumns(std::span<const ColumnNeed> columns, int room, std::size_t greedy);

} // namespace keelson::ui
