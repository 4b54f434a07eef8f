// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/kinds.h"
#include "manifests/surroundings.h"
#include "models/cluster.h"

#include <QObject>
#include <QSet>
#include <QTimer>

#include <map>
#include <memory>

namespace keelson::ui {

/// At most so many objects of a kind are known by name.
inline constexpr int namesPerKindMax = 5'000;

/// What a cluster knows that helps to write manifests: its kinds, from its OpenAPI documents, the names of objects of
/// the kinds that manifests name, and the keys of ConfigMaps and Secrets that they name.
///
/// Names are read again from time to time while it is active, and only of kinds that were asked for. Values of Secrets
/// are dropped as soon as they arrive.
///
/// Threads: GUI thread; documents are read on other threads.
class ClusterKnowledge : public QObject {
    Q_OBJECT
public:
    explicit ClusterKnowledge(Cluster& cluster, QObject* parent = nullptr);
    /// The one that everything about this cluster shares; it lives as long as the cluster.
    static ClusterKnowledge& of(Cluster& cluster);

    Cluster& cluster() { return m_cluster; }
    const document::Kinds& kinds() const { return m_kinds; }
    std::shared_ptr<const manifests::Surroundings> surroundings() const { return m_around; }
    /// The kinds were read, or cannot be.
    bool isSettled() const { return m_isSettled; }

    /// Told by each who needs it and needs it no more; while anybody does, names are kept fresh.
    void setActive(bool isActive);
    /// Names of these kinds are wanted, and the keys of these objects. What is known already is not asked again.
    void want(const QSet<QString>& kinds, const std::set<manifests::ObjectName>& withKeys);
    /// Reads everything that was asked for again, and the kinds where they have changed.
    void refresh();

signals:
    void kindsChanged();
    void namesChanged();
    /// The kinds cannot be read; those compiled in serve.
    void failed(const keelson::Error& error);

private:
    /// The objects of one kind, page by page.
    struct Listing {
        manifests::Surroundings::ClusterNames names;
        std::vector<std::pair<std::string, api::Labels>> pods;
    };
    void readKinds();
    void readKind(const std::shared_ptr<std::vector<api::Value>>& documents, QStringList left);
    void takeKinds(std::shared_ptr<std::vector<api::Value>> documents);
    void readNames(const QString& kind);
    void readPage(const QString& kind, const QString& path, const QString& more,
                  const std::shared_ptr<Listing>& listing);
    void take(const QString& kind, const Listing& listing);
    void readKeys(const manifests::ObjectName& object);
    manifests::Surroundings& change();

    Cluster& m_cluster;
    document::Kinds m_kinds;
    std::shared_ptr<manifests::Surroundings> m_around;
    QSet<QString> m_wanted;
    std::set<manifests::ObjectName> m_keysWanted;
    QTimer m_timer;
    QStringList m_documents; ///< Whose kinds are read, or being read; their addresses change with what they say.
    int m_active = 0;
    bool m_isSettled = false;
};

} // namespace keelson::ui
