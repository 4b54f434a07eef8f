// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "api/discovery_v1.h"
#include "client/event_recorder.h"
#include "client/informer.h"
#include "dispatcher/agent_server.h"
#include "dispatcher/assignments.h"
#include "dispatcher/dispatcher.h"
#include "dispatcher/pod_admission.h"
#include "dispatcher/status_writer.h"
#include "dispatcher/tunnel_table.h"

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace keelson::dispatcher {

/// The dispatcher behind its contract. State is the loop's, but for the map of sessions that `PodStreams` calls read.
class DispatcherCore : public Dispatcher {
public:
    DispatcherCore(Options options, client::Client& client, Loop& loop, Executor& executor);
    ~DispatcherCore() override;

    Result<Done> start();
    const std::string& address() const override { return m_server->address(); }
    void stop() override;

    Result<std::unique_ptr<client::PodStream>> logs(const client::PodTarget& target, const client::LogOptions& options,
                                                    std::shared_ptr<client::PodStreamSink> sink) override;
    Result<std::unique_ptr<client::PodStream>> exec(const client::PodTarget& target, const client::ExecOptions& options,
                                                    std::shared_ptr<client::PodStreamSink> sink) override;
    Result<std::unique_ptr<client::PodStream>> portForward(const client::PodTarget& target, std::uint16_t port,
                                                           std::shared_ptr<client::PodStreamSink> sink) override;

private:
    /// A node with a session.
    struct Agent {
        std::shared_ptr<Session> session;
        bool servesNetwork = false;
        bool registered = false; ///< Its Node object is stored.
        bool active = false;     ///< It was welcomed and has been sent all that it needs.
        bool leaseUnderWay = false;
        std::set<PodReference> references; ///< ConfigMaps and Secrets of its pods.
        std::set<std::string> taken;       ///< Uids of the pods that it was sent.
        std::set<std::string> doubtful;    ///< Uids of those that do not seem to fit: they are looked at once more.
        SteadyTime judgeFrom{};            ///< None of them is looked at before.
        Duration judgeDelay{0};            ///< What the last rejection added to that.
    };

    // From gRPC's threads.
    void received(const std::shared_ptr<Session>& session, wire::FromAgent message);
    void closed(const std::shared_ptr<Session>& session);
    void postIfAlive(std::function<void()> task);

    // On the loop.
    Agent* agentOf(const std::shared_ptr<Session>& session);
    void hello(const std::shared_ptr<Session>& session, const wire::Hello& hello);
    void nodeRegistered(const std::shared_ptr<Session>& session, const Result<api::Value>& node);
    void status(const std::shared_ptr<Session>& session, const wire::ObjectStatus& status);
    void heartbeat(const std::shared_ptr<Session>& session);
    void event(const std::shared_ptr<Session>& session, const wire::ClusterEvent& event);
    void step(const std::shared_ptr<Session>& session, const wire::StepReport& report);
    void podGone(const std::shared_ptr<Session>& session, const wire::PodGone& gone);
    void token(const std::shared_ptr<Session>& session, const wire::TokenRequest& request);
    void welcomeReady();
    void welcome(const std::string& node, Agent& agent);
    bool synced() const;

    void connectInformers();
    void assign(const std::string& node, Agent& agent, const client::CachedPtr& cached);
    std::vector<api::PodPtr> podsAhead(const std::string& node, const Agent& agent, const std::string& uid) const;
    void judgeLater(Agent& agent, const client::CachedPtr& cached);
    void judgeAnew(const std::shared_ptr<Session>& session, const client::CachedPtr& cached);
    void judged(const std::shared_ptr<Session>& session, const client::CachedPtr& seen, const Result<api::Node>& node);
    void reject(const std::shared_ptr<Session>& session, const api::Pod& pod, const Rejection& rejection);
    void podChanged(const client::CachedPtr& before, const client::CachedPtr& now);
    void nodeChanged(const client::CachedPtr& before, const client::CachedPtr& now);
    void referencedChanged(PodReference::Kind kind, const client::CachedPtr& before, const client::CachedPtr& now);
    void networkChanged(const api::Kind& kind, const client::CachedPtr& before, const client::CachedPtr& now);
    void refreshReferences(const std::string& node, Agent& agent);
    void sendReferenced(Agent& agent, const PodReference& reference);

    Result<std::unique_ptr<client::PodStream>> openTunnel(const client::PodTarget& target, wire::OpenTunnel open,
                                                          std::shared_ptr<client::PodStreamSink> sink);

    const Options m_options;
    client::Client& m_client;
    Loop& m_loop;
    Executor& m_executor;
    client::Informer<api::Pod> m_pods;
    client::Informer<api::Node> m_nodes;
    client::InformerBase m_configMaps; ///< Of these two only what the server sent is read: agents get it.
    client::InformerBase m_secrets;
    client::Informer<api::Service> m_services;
    client::Informer<api::EndpointSlice> m_slices;
    client::InformerBase::IndexId m_byNode = 0;
    StatusWriter m_podStatuses;
    StatusWriter m_nodeStatuses;
    client::EventRecorder m_events;
    std::shared_ptr<TunnelTable> m_tunnels = std::make_shared<TunnelTable>();
    std::map<std::string, Agent> m_agents;                 ///< By node.
    std::set<std::string> m_unwelcomed;                    ///< Nodes that are registered and not active.
    std::map<PodReference, std::set<std::string>> m_users; ///< Nodes whose pods name it.
    std::mutex m_mutex;
    std::map<std::string, std::shared_ptr<Session>> m_sessions; ///< By node; for any thread.
    std::shared_ptr<int> m_alive = std::make_shared<int>();
    std::unique_ptr<AgentServer> m_server;
    bool m_stopped = false;
};

/// An object as the wire carries it; without `encoded`: it is gone.
wire::ToAgent changeOf(const api::Kind& kind, const api::ObjectKey& key, const client::Encoded& encoded);

} // namespace keelson::dispatcher
