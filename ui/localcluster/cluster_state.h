// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "localcluster/processes.h"

#include <QString>
#include <QStringList>

#include <vector>

namespace keelson::localcluster {

/// One program of a cluster as it was started last.
struct ClusterProcess {
    QString name; ///< "server", or the node's name.
    ProcessReference process;
    QString logFile;
};

/// What is known about a cluster on this machine; kept in its folder as cluster.json, so that it survives whoever
/// started it.
struct ClusterState {
    QString name;
    QString folder;
    int nodes = 0;
    int rangeIndex = 0; ///< Tells the address ranges of several clusters apart.
    QString runtime = QStringLiteral("docker");
    bool paused = false;
    QString engineSocket;    ///< Of the Docker engine that it was started on last; empty: none yet.
    bool usesEngine = false; ///< Containers or networks of its nodes may be on that engine.
    QString apiListen;       ///< "127.0.0.1:40123": taken again by the next start, so that kubeconfigs stay true.
    std::vector<ClusterProcess> processes;

    QString podCidr() const { return QStringLiteral("10.%1.0.0/16").arg(244 - rangeIndex); }
    QString serviceCidr() const { return QStringLiteral("10.%1.0.0/16").arg(96 + rangeIndex); }
    QStringList nodeNames() const;
    QString serverFolder() const { return folder + QStringLiteral("/server"); }
    QString logFile(const QString& process) const { return folder + QStringLiteral("/logs/%1.log").arg(process); }
    QString adminKubeconfig() const { return serverFolder() + QStringLiteral("/admin.kubeconfig"); }
    const ClusterProcess* find(const QString& process) const;
    void set(const QString& process, const ProcessReference& reference);
    void forget(const QString& process);
    std::vector<ProcessReference> references() const;
};

inline constexpr int clustersMax = 20; ///< Per user: each has ranges of addresses of its own.
inline constexpr int clusterNameLengthMax = 40;

/// Whether a cluster may be called so: a DNS label that leaves room for its nodes' names.
bool isClusterName(const QString& name);
/// `NotFound` when there is no such cluster under `root`, `BadRequest` when its file cannot be read.
Result<ClusterState> loadState(const QString& root, const QString& name);
Result<Done> saveState(const ClusterState& state);
/// The names of all clusters under `root`, sorted.
QStringList clusterNames(const QString& root);

} // namespace keelson::localcluster
