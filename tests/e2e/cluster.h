// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/docker_engine.h"

#include <memory>
#include <string>
#include <vector>

namespace keelson::e2e {

/// A whole cluster of real programs: keelsond, an agent for each node, one Docker engine with a network for each node.
class Cluster {
public:
    struct Options {
        int nodes = 2;
        std::string name = "e2e";                 ///< Nodes are NAME-0, NAME-1, ...
        std::vector<std::string> serverArguments; ///< For keelsond, besides addresses and data.
    };

    /// Starts the programs; throws std::runtime_error with logs when the nodes do not become Ready.
    Cluster(const support::DockerEngine& engine, Options options);
    ~Cluster();
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;

    /// Runs kubectl as the cluster's administrator.
    support::Outcome kubectl(const std::vector<std::string>& arguments, const std::string& input = {}) const;
    /// Its output without the last line break; on failure the test fails with what kubectl said.
    std::string out(const std::vector<std::string>& arguments, const std::string& input = {}) const;
    /// Waits until kubectl prints exactly that.
    bool shows(const std::vector<std::string>& arguments, const std::string& expected,
               std::chrono::seconds limit = std::chrono::seconds{60}) const;

    /// A kubeconfig for another user, with a certificate that the cluster's authority signed.
    std::filesystem::path kubeconfigFor(const std::string& user, const std::string& group) const;
    /// Later kubectl calls use this program.
    void useKubectl(std::string program) { m_kubectl = std::move(program); }
    const std::string& kubectlProgram() const { return m_kubectl; }
    /// The administrator's.
    std::filesystem::path kubeconfig() const { return m_folder.path() / "server" / "admin.kubeconfig"; }

    std::string nodeName(int index) const { return m_options.name + "-" + std::to_string(index); }
    support::Process& server() { return *m_server; }
    support::Process& agent(int index) { return *m_agents[static_cast<std::size_t>(index)]; }
    /// Starts them again on the same data and the same addresses.
    void startServer();
    void startAgent(int index);
    const std::filesystem::path& folder() const { return m_folder.path(); }
    /// The ends of all logs, for failures.
    std::string logs() const;

private:
    bool serverReady();

    Options m_options;
    support::TemporaryFolder m_folder;
    std::string m_engine;
    std::string m_kubectl = "kubectl";
    int m_port;
    int m_agentPort;
    int m_range; ///< The second byte of its pods' addresses; the next one is of its Services.
    std::unique_ptr<support::Process> m_server;
    std::vector<std::unique_ptr<support::Process>> m_agents;
};

/// Debian's kubectl 1.20 and whatever newer one is in the PATH.
std::vector<std::string> kubectls();

/// An image with a shell and a web server, pushed to the registry: "127.0.0.1:40123/web:1".
std::string pushWebImage(const support::DockerEngine& engine, const support::ImageRegistry& registry);

/// A Deployment's or ReplicaSet's manifest whose pods answer on port 8080 with their own name.
std::string webManifest(const std::string& kind, const std::string& name, const std::string& image, int replicas);
std::string serviceManifest(const std::string& name);

} // namespace keelson::e2e
