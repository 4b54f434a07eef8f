// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "trace/trace_view.h"

#include <QString>
#include <QVector>

namespace keelson::ui {

/// A lane of the page: a step on the way from apply to Ready, in plain words.
struct Lane {
    std::string step; ///< As the server names it.
    QString title;
    QString meaning; ///< For newcomers: what happens there and why. A short paragraph.
};

/// All of them, in the order in which they come.
const QVector<Lane>& lanes();
/// The index of a step's lane, or -1 for a step that this version does not know.
int laneOf(const std::string& step);

/// Who did it, without the prefixes that the cluster's own parts share.
QString actorText(const trace::TracedStep& step);

/// Where steps of one lane that happen at the same time stand below each other.
struct Stacking {
    std::vector<int> rows;        ///< By step: its row within its lane, from 0.
    std::vector<int> rowsOfLanes; ///< As many as `lanes()`; at least 1 each.
};

/// Steps are as long as they took, but at least `shortest`, since they are drawn no shorter. Those for which `rowsMax`
/// rows are not enough share the last one.
Stacking stackOf(const trace::TraceView& trace, Duration shortest, int rowsMax);

/// When nothing happened for a while and something had failed: what it waited for.
struct Wait {
    WallTime begin;
    WallTime end;
    std::size_t after = 0; ///< The step whose failure explains it; others may lie between.
};

/// The pauses of a trace that a failed step explains, such as a pod that fits no node, or an image that is not there.
/// `shortest`: pauses that are shorter are not told.
std::vector<Wait> waitsOf(const trace::TraceView& trace, Duration shortest);

} // namespace keelson::ui
