// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "localcluster/cluster_state.h"
#include "localcluster/engine_address.h"
#include "localcluster/patience.h"

#include <QString>
#include <QStringList>

#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace keelson::localcluster {

/// Where things are on this machine.
struct LocalClusterOptions {
    QString root;          ///< Folder of the clusters; default: ~/.local/share/keelson/clusters.
    QString programFolder; ///< Where keelsond and keelson-agent are.
    QString kubeconfig;    ///< Which file learns of the cluster; default: where kubectl looks.
    QString dockerHost;    ///< Address of the Docker engine as the user named it; empty: the default one.
    QString dockerHostSource = QStringLiteral("DOCKER_HOST"); ///< Where the user named it, for messages.
    bool mayStartEngine = true; ///< As root, with none running at the default address: start a Docker engine.

    static LocalClusterOptions defaults();
};

struct ClusterSpec {
    QString name = QStringLiteral("dev");
    std::optional<int> nodes; ///< 1 to 50; none: as many as the cluster has had, 1 for a new one.
    /// "docker" or "simulated": nodes without containers, for which no rights are needed. Empty: as before, docker for
    /// a new one.
    QString runtime;
};

struct StepName {
    const char* id; ///< Fixed: "engine", "folder", "server", "ready", "agents", "nodes", "kubeconfig".
    const char* title;
};
/// The steps of the way up in their order, as everybody who shows them names them.
std::span<const StepName> stepNames();

/// One step of the way up, as it is shown. The last report of a step is Done, Skipped or Failed.
struct StepReport {
    enum class State { Running, Done, Skipped, Failed };
    QString step; ///< An id of `stepNames`, and its title.
    QString title;
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

    /// Success, and `alreadyUp` true, when all runs and is Ready already. With fewer nodes than before the last ones
    /// go: their pods are evicted first. `Invalid` for a wrong name or number; `Conflict` when another program is at
    /// work on the cluster. A new cluster of which nothing was started leaves nothing.
    struct UpResult {
        bool alreadyUp = false;
        int nodes = 0;
        QString kubeconfig;
        QString context;
    };
    Result<UpResult> up(const ClusterSpec& spec, const Report& report);
    /// What to do when the engine that holds the cluster's containers does not answer.
    enum class Unreachable {
        Refuse, ///< `ServiceUnavailable`, and nothing is touched.
        Leave,  ///< Go on; containers and networks stay there.
    };
    /// Ends all programs and takes containers, networks and packet rules away. The data stays for the next `up`. Gives
    /// what stays on the engine and how to remove it; empty: nothing.
    Result<QString> down(const QString& name, Unreachable unreachable = Unreachable::Refuse);
    /// Freezes programs and containers; they keep their memory and use no CPU.
    Result<Done> pause(const QString& name);
    Result<Done> resume(const QString& name);
    /// `down`, then the data and the kubeconfig's entries.
    Result<QString> remove(const QString& name, Unreachable unreachable = Unreachable::Refuse);
    std::vector<ClusterStatus> list();
    Result<ClusterStatus> status(const QString& name);
    /// Its agents' join token.
    Result<QString> joinToken(const QString& name);
    void callOff() { m_patience.callOff(); }

private:
    Result<ClusterState> loadOrMake(const ClusterSpec& spec);
    Result<QString> ensureGone(ClusterState& state, Unreachable unreachable);
    Result<Done> forgetContext(const QString& cluster) const;

    LocalClusterOptions m_options;
    Patience m_patience;
};

/// The engine to start the cluster's nodes on: the named one, else the one it was started on last, else the default
/// one. `BadRequest` for an address that is none; `Conflict` when the cluster's containers are on another.
Result<EngineAddress> engineForUp(const LocalClusterOptions& options, const ClusterState& state);

/// The context's name in the kubeconfig: "keelson-dev".
QString contextName(const QString& cluster);

} // namespace keelson::localcluster
