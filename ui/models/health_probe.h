// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/reachability.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace keelson::kube {
class ApiClient;
}

namespace keelson::ui {

/// Asks a cluster again and again whether it is ready: a quiet watch looks the same as a dead one.
///
/// A server that has gone shows within `intervalMs`, one that hangs within `intervalMs` and
/// `Reachability::slowAfterMs`. Threads: GUI thread.
class HealthProbe : public QObject {
    Q_OBJECT
public:
    static constexpr int intervalMs = 2'000; ///< From an answer to the next question.
    static constexpr int retryMs = 1'000;    ///< The same, while there is none.
    static constexpr int deadlineMs = 4'000; ///< Of a question.

    explicit HealthProbe(kube::ApiClient& client, QObject* parent = nullptr);

    /// Asks now, and from then on again and again. Nothing when a question is open.
    void ask();

    bool isAsking() const { return m_reachability.isAsking(); }
    Reachability::State state() const { return m_reachability.state(m_clock.elapsed()); }
    qint64 silentMs() const { return m_reachability.silentMs(m_clock.elapsed()); }
    const std::optional<Error>& problem() const { return m_reachability.problem(); }

private:
    kube::ApiClient& m_client;
    Reachability m_reachability;
    QElapsedTimer m_clock;
    QTimer m_next;
};

} // namespace keelson::ui
