// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "kube/list_watch.h"
#include "models/object_store.h"

#include <QSet>
#include <QTimer>

namespace keelson::kube {
class ApiClient;
}

namespace keelson::ui {

class FeedInbox;

/// Keeps one store as the cluster has it: lists, watches, and hands over at most one batch a frame.
///
/// Threads: GUI thread. Documents become items on the network thread; only items cross over.
class Feed : public QObject {
    Q_OBJECT
public:
    /// `nameSpace`: empty for all. `store` outlives the feed.
    Feed(kube::ApiClient& client, ObjectStore& store, const Clock& clock, const QString& nameSpace,
         QObject* parent = nullptr);
    ~Feed() override;

    /// How long the last batch waited between the network and the model.
    qint64 lagMs() const { return m_lagMs; }

signals:
    void forbidden(const keelson::Error& error);

private:
    void drain();

    ObjectStore& m_store;
    const Clock& m_clock;
    std::shared_ptr<FeedInbox> m_inbox;
    kube::ListWatch* m_watch; // lives on the network thread
    QTimer m_frame;
    QSet<QString> m_seen; ///< Since the list began.
    bool m_listing = false;
    qint64 m_lagMs = 0;
};

} // namespace keelson::ui
