// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/cluster.h"
#include "trace/trace_view.h"

#include <functional>

namespace keelson::ui {

/// Reads what `derivedTrace` needs from a cluster that keeps no traces: the object, what it controls, and the events of
/// its namespace. GUI thread; the answers are put together on another.
class DerivedFetch {
public:
    using Done = std::function<void(const QString& uid, Result<trace::TraceView> trace)>;

    /// Answers come to `context`'s thread, and not after it has gone.
    DerivedFetch(Cluster& cluster, QObject* context, Done done);
    void start(const ItemPtr& item);
    bool isDone() const { return m_waiting == 0; }

private:
    void fetch(const QString& path, std::vector<api::Value>& into, bool isList);
    void answered();

    Cluster& m_cluster;
    QObject* m_context;
    Done m_done;
    ItemPtr m_item;
    int m_waiting = 0;
    Result<keelson::Done> m_outcome = keelson::Done{};
    std::vector<api::Value> m_root;
    std::vector<api::Value> m_replicaSets;
    std::vector<api::Value> m_pods;
    std::vector<api::Value> m_events;
};

} // namespace keelson::ui
