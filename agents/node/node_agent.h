// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/loop.h"
#include "base/random.h"
#include "containers/container_runtime.h"
#include "network/node_network.h"
#include "node/agent_tunnels.h"
#include "node/assigned_objects.h"
#include "node/identity.h"
#include "node/node_facts.h"
#include "node/pod_tokens.h"
#include "node/redial.h"
#include "node/session_client.h"
#include "pods/pod_manager.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace keelson::node {

struct NodeAgentOptions {
    std::string node;
    std::vector<std::string> servers; ///< HOST:PORT, tried in turn.
    std::optional<JoinToken> token;   ///< Needed until the node has joined.
    std::string tokenFile;            ///< Where it is from, for messages.
    std::filesystem::path dataDirectory;
    std::string cluster = "keelson"; ///< Tells clusters on one machine apart.
    std::string hostIp;              ///< Empty: found out.
    std::map<std::string, std::string, std::less<>> labels;
    std::vector<api::Taint> taints; ///< Of a node that is new to the control plane.
    network::NetworkMode network = network::NetworkMode::Host;
    bool simulated = false; ///< No disk, no network: one of many nodes in a process.
};

/// What a node agent runs on. All of it outlives the agent.
struct NodeAgentParts {
    Loop& loop;
    Executor& executor;
    Random& random;
    containers::ContainerRuntime& runtime;
    pods::PodVolumes& volumes;
    pods::Prober& prober;
    network::NetworkEngine* networkEngine = nullptr; ///< Null with NetworkMode::None.
    /// For a runtime that gives addresses itself: the node's range, once known.
    std::function<void(const std::string& podCidr)> addressesKnown;
    /// On the loop, once: no server lets the node join, and asking again would not change that. The message says what
    /// to do. Null: the agent goes on asking.
    std::function<void(const Error&)> refused;
};

/// One node: its session with the control plane and all that follows from it.
///
/// Joins with the token once, then keeps its identity and what it was assigned in the data directory (0600): pods run
/// on while no server answers, also across a restart of the agent. A lost session is taken up again, at the next
/// server, with a back-off of up to ten seconds; after a refusal of up to five minutes.
///
/// Threads: construct and destroy on any thread while the loop does not run its tasks (before or after it), or on the
/// loop; `start` on any thread. State is the loop's.
class NodeAgent {
public:
    NodeAgent(NodeAgentOptions options, NodeAgentParts parts);
    ~NodeAgent();
    NodeAgent(const NodeAgent&) = delete;
    NodeAgent& operator=(const NodeAgent&) = delete;

    /// Begins with what is on disk, and dials. Later failures are logged and tried again.
    void start();
    /// On the loop: ends the session; pods are left as they are.
    void stop();

    bool connected() const { return m_active; }
    const pods::PodManager& pods() const { return *m_pods; }

private:
    struct Report {
        std::int64_t sequence = 0;
        wire::ObjectStatus status;
        bool acknowledged = false;
    };

    // Session (node_session.cpp)
    void dial();
    void dialed(const Result<Identity>& identity, const std::string& server);
    void notJoined(Error error);
    void sessionEnded(const Error& error);
    void received(wire::ToAgent message);
    void welcome(const wire::Welcome& welcome);
    void applyChange(const wire::ObjectChange& change);
    void carryOut(const AssignedObjects::Change& change);
    void givePod(const api::PodPtr& pod);
    void tokenChanged(const api::ObjectKey& key);
    void synced();
    void reportAgain();
    void acknowledged(const wire::Acknowledged& acknowledged);
    void openTunnel(const wire::OpenTunnel& request);
    Result<AgentTunnels::Target> tunnelTarget(const wire::OpenTunnel& request) const;
    void sendHello();
    void send(wire::FromAgent message);

    // Node (node_agent.cpp)
    void loadFromDisk();
    void saveSoon();
    void readMachine();
    void engineAway(const std::string& problem);
    void checkImages();
    void imagesRead(const Result<std::vector<containers::ImageInfo>>& images);
    void startNetwork();
    void networkStarted(Result<std::unique_ptr<network::NodeNetwork>> network);
    void startPods();
    void feedNetwork(AssignedObjects::Kind kind);
    void beat();
    void checkNode();
    void reportNode(const MachineState& state);
    void report(const std::string& kind, const api::ObjectMeta& meta, std::string statusJson);
    void reportPod(const api::Pod& pod, const api::PodStatus& status);
    void recordEvent(const api::Pod& pod, const pods::PodEvent& event);
    void reportStep(const api::Pod& pod, const pods::StepReport& report);
    void networkChanged(const network::NetworkChange& change);
    void podGone(const api::Pod& pod);
    void sendGone(const std::string& uid);
    std::shared_ptr<const pods::NodeSettings> makeSettings() const;
    /// Runs `work` on the executor and `done` with its result on the loop, unless the agent is gone.
    template <typename Work, typename Then>
    void away(Work work, Then then);

    const NodeAgentOptions m_options;
    NodeAgentParts m_parts;
    std::shared_ptr<int> m_alive = std::make_shared<int>();
    std::optional<Identity> m_identity;
    std::optional<wire::Welcome> m_welcome;
    std::optional<NodeFacts> m_facts;
    Resolver m_resolver;
    AssignedObjects m_objects;
    std::unique_ptr<network::NodeNetwork> m_network;
    bool m_networkStarting = false;
    std::string m_networkProblem;
    PodTokens m_tokens;
    std::unique_ptr<pods::PodManager> m_pods;
    bool m_podsStarted = false;
    bool m_allKnown = false;

    std::shared_ptr<SessionClient> m_session;
    std::unique_ptr<AgentTunnels> m_tunnels;
    std::uint64_t m_sessionNumber = 0;
    bool m_active = false; ///< Welcomed: reports are heard.
    bool m_stopped = false;
    std::size_t m_nextServer = 0;
    Redial m_redial;
    std::string m_lastDialProblem;
    std::size_t m_refusals = 0; ///< One after the other, each by another server.
    Milliseconds m_machineDelay{0};
    std::string m_lastMachineProblem;

    std::int64_t m_lastSequence = 0;
    std::map<std::string, Report> m_reports;      ///< By uid; the node's own under "".
    std::map<std::string, api::ObjectKey> m_gone; ///< Cleared away, and still at the server.
    std::vector<api::NodeCondition> m_conditions;
    std::string m_lastNodeStatus; ///< Without heartbeat times.
    WallTime m_lastNodeReport{};
    WallTime m_imagesReadAt{};
    bool m_imagesChanged = false; ///< A pod has had one pulled since.
    bool m_imagesReading = false;
    bool m_saving = false;
};

} // namespace keelson::node
