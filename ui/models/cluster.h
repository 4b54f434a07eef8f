// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "kube/api_client.h"
#include "models/feed.h"
#include "models/health_probe.h"
#include "models/object_store.h"

#include <QSet>

#include <map>

namespace keelson::ui {

class Cluster;

/// While it lives, the kind is watched. What nothing holds is not watched.
class FeedLease {
public:
    FeedLease() = default;
    FeedLease(Cluster* cluster, QString kind);
    FeedLease(FeedLease&& other) noexcept;
    FeedLease& operator=(FeedLease&& other) noexcept;
    ~FeedLease();

private:
    QPointer<Cluster> m_cluster;
    QString m_kind;
};

/// A cluster as the window knows it: its client, a store for each kind, and which namespaces are shown.
///
/// `clock`, which outlives it, is the time of all that shows it. Threads: GUI thread.
class Cluster : public QObject {
    Q_OBJECT
public:
    Cluster(kube::ClusterAccess access, const Clock& clock, QObject* parent = nullptr);
    ~Cluster() override;

    kube::ApiClient& client() { return *m_client; }
    const Clock& clock() const { return m_clock; }
    QString name() const { return m_client->access().context; }
    /// The store of a kind, made on first use. Empty until somebody holds a lease.
    ObjectStore* store(const QString& kind);
    [[nodiscard]] FeedLease watch(const QString& kind);

    /// Asks for /version; `connected` or `connectionFailed` follows. Once connected, `health` follows how it answers.
    void connectNow();
    QString serverVersion() const { return m_serverVersion; }
    const HealthProbe& health() const { return *m_health; }

    const QSet<QString>& nameSpaces() const { return m_nameSpaces; } ///< Shown; empty: all.
    void setNameSpaces(const QSet<QString>& nameSpaces);

    /// The longest time that a batch of the last seconds waited before it was shown.
    qint64 lagMs() const;
    int feedCount() const { return static_cast<int>(m_feeds.size()); }

signals:
    void connected();
    void connectionFailed(const keelson::Error& error);
    void nameSpacesChanged();

private:
    friend class FeedLease;
    void release(const QString& kind);
    void startFeed(const QString& kind, const QString& nameSpace);

    struct Watched {
        int holders = 0;
        std::unique_ptr<Feed> feed;
        quint64 generation = 0;
    };
    const Clock& m_clock;
    std::unique_ptr<kube::ApiClient> m_client;
    HealthProbe* m_health;
    std::map<QString, ObjectStore*> m_stores;
    std::map<QString, Watched> m_feeds;
    QSet<QString> m_nameSpaces;
    QString m_serverVersion;
};

} // namespace keelson::ui
