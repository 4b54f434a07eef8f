// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "localcluster/cluster_state.h"
#include "localcluster/container_engine.h"
#include "localcluster/patience.h"

#include <QString>
#include <QStringList>

#include <functional>
#include <vector>

namespace keelson::localcluster {

/// Where things are on this machine.
struct LocalClusterOptions {
    QString root;          ///< Folder of the clusters; default: ~/.local/share/keelson/clusters.
    QString programFolder; ///< Where keelsond and keelson-agent are.
    QString kubeconfig;    ///< Which file learns of the cluster; default: where kubectl looks.
    QString dockerSocket = QStringLiteral("/var/run/docker.sock");
    bool mayStartEngine = true; ///< As root, with none running: start a Docker engine.

    static LocalClusterOptions defaults();
};

struct ClusterSpec {
    QString name = QStringLiteral("dev");
    int nodes = 1; ///< 1 to 50.
    QString runtime =
        QStringLiteral("docker"); ///< Or "simulated": nodes without containers, for which no rights are needed.
};

/// One step of the way up, as it is shown. The last report of a step is Done, Skipped or Failed.
struct StepReport {
    enum class State { Running, Done, Skipped, Failed };
    QString step;  ///< Fixed: "engine", "folder", "server", "ready", "agents", "nodes", "kubeconfig".
    QString title; ///< "Start the control plane"
    State state = State::Running;
    QString detail; ///< What was found or done; the reason when it failed.
    QString advice; ///< When it failed: what to do about it.
    QString log;    ///< The file to look into; may be empty.
};

struct ProcessStatus {
    QString name;
    qint64 pid = 0; ///< 0: it does not run.
    bool stopped = false;
    QString logFile;
};

struct ClusterStatus {
    enum class Phase { Down, Partly, Up, Paused };
    QString name;
    Phase phase = Phase::Down;
    QString apiServer;  ///< "https://127.0.0.1:40123"; empty when not known.
    int nodesReady = 0; ///< Of the running cluster; 0 when it cannot be asked.
    int nodes = 0;
    std::vector<ProcessStatus> processes;
};

/// The one-click cluster: starts, watches, pauses and removes a control plane and its node agents on this machine. Each
/// program runs detached; a file per cluster remembers them, so any later program can go on with it. `up` brings about
/// what is missing and leaves alone what runs.
///
/// Threads: each call blocks until done; one thread at a time, `callOff` from any. Reports come on the caller's thread.
/// Errors carry the reason and what to do, in words for the user.
class LocalCluster {
public:
    using Report = std::function<void(const StepReport&)>;

    LocalCluster(LocalClusterOptions options, const Clock& clock);

    /// Success, and `alreadyUp` true, when all runs and is Ready already. `Invalid` for a wrong name or number;
    /// `Conflict` when another program is at work on the cluster.
    struct UpResult {
        bool alreadyUp = false;
        QString kubeconfig;
        QString context;
    };
    Result<UpResult> up(const ClusterSpec& spec, const Report& report);
    /// Ends all programs and takes containers, networks and packet rules away. The data stays for the next `up`.
    Result<Done> down(const QString& name);
    /// Freezes programs and containers; they keep their memory and use no CPU.
    Result<Done> pause(const QString& name);
    Result<Done> resume(const QString& name);
    /// `down`, then the data and the kubeconfig's entries.
    Result<Done> remove(const QString& name);
    std::vector<ClusterStatus> list();
    Result<ClusterStatus> status(const QString& name);
    /// Its agents' join token.
    Result<QString> joinToken(const QString& name);
    void callOff() { m_patience.callOff(); }

private:
    Result<ClusterState> loadOrMake(const ClusterSpec& spec);
    Result<Done> ensureGone(ClusterState& state);

    LocalClusterOptions m_options;
    ContainerEngine m_engine;
    Patience m_patience;
};

/// The context's name in the kubeconfig: "keelson-dev".
QString contextName(const QString& cluster);

} // namespace keelson::localcluster
