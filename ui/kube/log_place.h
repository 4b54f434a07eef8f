// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QString>

#include <optional>

namespace keelson::kube {

/// How far a log has been read, so that another connection can go on from there. Lines come with their times
/// (`timestamps=true`); the API skips to a time in whole seconds (`sinceTime`), so that the lines of one second come
/// again: those that were told already are left out here, in whatever order they come.
class LogPlace {
public:
    /// Lines of one second that are remembered; of more, some may be told twice, none is lost.
    static constexpr qsizetype linesRememberedMax = 50'000;

    /// The line without its time; nothing when it was told on an earlier connection. The rest of a line that was too
    /// long for one piece has no time and is returned as it is.
    std::optional<QString> take(const QString& line);
    /// Another connection begins: what it has from `since` on may have been told.
    void breakOff() { m_mayRepeat = m_told; }
    /// For `sinceTime`: the second of the newest line; empty when there was none.
    const QString& since() const { return m_since; }

private:
    QString m_since;
    QHash<size_t, int> m_told;      ///< Lines of that second, by hash, and how often.
    QHash<size_t, int> m_mayRepeat; ///< Those that this connection has not repeated yet.
};

} // namespace keelson::kube
