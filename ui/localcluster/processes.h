// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "localcluster/patience.h"

#include <QString>
#include <QStringList>
#include <QtGlobal>

#include <vector>

namespace keelson::localcluster {

/// A process that outlives the program which started it. Its start time tells it from a later one with its number.
struct ProcessReference {
    qint64 pid = 0;
    qint64 startTicks = 0; ///< Since the machine started, as the kernel counts.

    bool operator==(const ProcessReference&) const = default;
};

struct ProgramCall {
    QString program; ///< With its path.
    QStringList arguments;
    QString folder;  ///< Working directory.
    QString logFile; ///< Standard output and error are added to it.
};

/// Starts the program in a session of its own. `NotFound` when it is not there or cannot be run.
Result<ProcessReference> startDetached(const ProgramCall& call);
/// The running process of that number; pid 0 when there is none.
ProcessReference processOf(qint64 pid);
/// Whether that very process runs (or is stopped); not when it only waits to be collected.
bool isAlive(const ProcessReference& process);
bool isStopped(const ProcessReference& process);
/// SIGTERM to all (waking stopped ones), SIGKILL to those that are there after `grace`. False when one would not go.
bool endAll(const std::vector<ProcessReference>& processes, Milliseconds grace, Patience& patience);
/// SIGSTOP to all; returns when they stand still, which the signal alone does not say. False when one would not.
bool stopAll(const std::vector<ProcessReference>& processes, Patience& patience);
void continueAll(const std::vector<ProcessReference>& processes);
/// The last lines of a log, at most 4 KiB.
QString lastLines(const QString& logFile, int lines);
/// What a program said last, in one line without time and level: most often why it ended. `from`: where its own lines
/// begin in a log that earlier runs have written to.
QString lastWords(const QString& logFile, qint64 from);

} // namespace keelson::localcluster
