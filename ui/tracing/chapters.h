// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/status.h"
#include "tracing/lanes.h"

#include <QStringList>

#include <vector>

namespace keelson::ui {

/// A step of the lesson: one lane of the trace, or two that belong together.
struct Chapter {
    QString title;      ///< What it answers: "Who asks?"
    QVector<int> lanes; ///< Indices of `lanes()`.
};

/// The ten steps from apply to Ready, in their order.
const QVector<Chapter>& chapters();
/// In plain words, what happens there and why.
QString meaningOf(const Chapter& chapter);

/// How a chapter stands in a trace.
struct ChapterView {
    StatusRole role = StatusRole::Ending; ///< Ending: it has not begun.
    QStringList facts;                    ///< What happened, with the trace's own values; a sentence each.
    QString advice;                       ///< What to do when it goes wrong.
    bool operator==(const ChapterView&) const = default;
};

/// Where a trace comes from: kept by the cluster, or put together from what objects and events still say.
enum class TraceOrigin { Kept, Derived };

/// Pure. As many as `chapters()`. `pods`: how many the Deployment asks for; a step of each pod is done when that many
/// have done it.
std::vector<ChapterView> readChapters(const trace::TraceView& trace, TraceOrigin origin, int pods);

} // namespace keelson::ui
