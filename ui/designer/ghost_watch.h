// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "design/ghosts.h"
#include "designer/design_model.h"
#include "models/cluster.h"

#include <QHash>
#include <QTimer>

#include <memory>

namespace keelson::ui {

/// Pods of the cluster beyond this number are not counted against its nodes; `isPartial` says so.
inline constexpr int ghostPodsMax = 10'000;
/// Workloads beyond this number get no ghosts.
inline constexpr int ghostCardsMax = 60;

/// Where the scheduler would put the pods of each workload on the canvas now.
///
/// While it is active it reads nodes and pods again every some seconds; plans are made on another thread, and again
/// whenever a card changes.
///
/// Threads: GUI thread.
class GhostWatch : public QObject {
    Q_OBJECT
public:
    using Plans = QHash<design::CardId, design::GhostPlan>;

    GhostWatch(Cluster& cluster, DesignModel& model, QObject* parent = nullptr);

    void setActive(bool isActive);
    bool isActive() const { return m_isActive; }
    const Plans& plans() const { return m_plans; }
    bool isSettled() const { return !m_isActive || (!m_isReading && !m_isPlanning && !m_isStale && m_nodes); }
    bool isPartial() const { return m_isPartial; }

signals:
    void changed();
    void failed(const keelson::Error& error);

private:
    using Values = std::vector<api::Value>;
    void read();
    void readPage(const QString& path, const QString& more, const std::shared_ptr<Values>& all,
                  std::function<void()> done);
    void plan();

    Cluster& m_cluster;
    DesignModel& m_model;
    Plans m_plans;
    std::shared_ptr<const Values> m_nodes, m_pods;
    QTimer m_timer;
    bool m_isActive = false;
    bool m_isReading = false;
    bool m_isPlanning = false;
    bool m_isStale = false; ///< Something changed while plans were being made.
    bool m_isPartial = false;
};

} // namespace keelson::ui
