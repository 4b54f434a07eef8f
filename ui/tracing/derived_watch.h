// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kube/api_client.h"
#include "kube/list_watch.h"
#include "models/item.h"
#include "trace/trace_view.h"

#include <QObject>
#include <QUrlQuery>

#include <functional>
#include <memory>
#include <vector>

namespace keelson::ui {

/// Events of a namespace beyond this number are not kept; the newest are.
inline constexpr std::size_t derivedEventsMax = 5'000;

/// Follows what `derivedTrace` needs on a cluster that keeps no traces: the object, what it controls (by the labels
/// that it selects), and events. Each is listed once and watched from then on.
///
/// Threads: GUI thread; documents are kept by the network thread, traces are put together on another.
class DerivedWatch : public QObject {
    Q_OBJECT
public:
    DerivedWatch(kube::ApiClient& client, ItemPtr item, QObject* parent = nullptr);
    ~DerivedWatch() override;

    /// Puts the trace together anew when something changed since the last time; `traced` follows.
    void look();

signals:
    void traced(const QString& uid, const std::shared_ptr<keelson::Result<keelson::trace::TraceView>>& trace);

private:
    class Documents;
    void follow(kube::ApiClient& client, const KindInfo& kind, const QUrlQuery& selectors);

    ItemPtr m_item;
    std::vector<std::shared_ptr<Documents>> m_documents; ///< The root's, then what it controls, then events.
    std::vector<kube::ListWatch*> m_watches;             // live on the network thread
    std::vector<quint64> m_seen;                         ///< Versions of the documents that the last trace was made of.
    bool m_isBuilding = false;
};

} // namespace keelson::ui
