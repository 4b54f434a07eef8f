// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/cluster.h"
#include "support/control_plane_process.h"

#include <functional>
#include <memory>

namespace keelson::ui {

/// The time of tests that ask for none in particular.
inline const SystemClock realTime;

/// A real keelsond with a client of it.
class LiveCluster {
public:
    LiveCluster(); ///< Starts it and waits until it is ready; `ready` says whether it is.

    /// Kills it and starts it again, with the data that it had. What it kept in memory alone is lost.
    bool restart();

    bool ready() const { return m_isReady; }
    std::string log() const { return m_process.log(); }
    support::Process& process() { return m_process.process(); }
    Cluster& cluster() { return *m_cluster; }
    /// How one gets in, to make another client.
    kube::ClusterAccess access() { return m_cluster->client().access(); }
    std::string agentAddress() const { return m_process.agentAddress(); }
    std::filesystem::path tokenFile() const { return m_process.tokenFile(); }
    QString kubeconfig() const { return QString::fromStdString(m_process.kubeconfig().string()); }

    /// Waits for the answer. `body` is YAML or JSON.
    Result<kube::Response> call(const QByteArray& method, const QString& path, const QByteArray& body = {},
                                const QUrlQuery& query = {});
    /// Makes a deployment and its service in `default`.
    void createApplication(const QString& name, int replicas);

private:
    support::TemporaryFolder m_folder;
    support::ControlPlaneProcess m_process;
    bool m_isReady;
    std::unique_ptr<Cluster> m_cluster;
};

/// Runs the event loop until it holds.
bool eventually(const std::function<bool()>& holds);

} // namespace keelson::ui
