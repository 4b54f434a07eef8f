// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "apiserver/api_server.h"
#include "apiserver/exchange.h"
#include "apiserver/media_type.h"
#include "apiserver/metrics.h"
#include "apiserver/proxied_requests.h"
#include "apiserver/request_info.h"
#include "flowcontrol/flow_controller.h"
#include "upstream/dialer.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace keelson::apiserver {

struct ServedKinds;
class ServedKindsSource;
class Aggregator;

/// What all calls share; lives as long as the server.
struct Services {
    ApiServer::Options options;
    Metrics metrics;
    std::unique_ptr<ServedKindsSource> kinds;
    std::unique_ptr<flowcontrol::FlowController> flows;
    std::atomic<std::size_t> working = 0; ///< Calls that have their turn or wait for it.
    std::atomic<std::size_t> watchers = 0;
    std::atomic<std::size_t> turns = 0; ///< Of requests to services: they go to the endpoints in turn.
    std::shared_ptr<ProxiedRequests> proxied = std::make_shared<ProxiedRequests>();
    upstream::Dialer dialer;
    std::unique_ptr<Aggregator> aggregator;
    std::atomic<bool> stopping = false;
    std::function<std::size_t()> connections;
    std::function<std::string()> advertised; ///< "HOST:PORT"
};

/// A request on its way through the server: who asks, for what, and the answer. One thread at a time.
class Call : public std::enable_shared_from_this<Call> {
public:
    Call(Services& services, std::shared_ptr<Exchange> exchange);

    Services& services() { return m_services; }
    const ApiServer::Options& options() const { return m_services.options; }
    registry::Registry& registry() const { return *m_services.options.registry; }
    Request& request() { return m_exchange->request(); }
    Exchange& exchange() { return *m_exchange; }
    const RequestInfo& info() const { return m_info; }
    /// The kinds as they were when the request came.
    ServedKinds& kinds() { return *m_kinds; }
    const api::Catalog& catalog() const;
    std::shared_ptr<const api::Catalog> sharedCatalog() const;

    auth::User user;
    flowcontrol::Flow flow;                              ///< Set once the user is known.
    std::shared_ptr<audit::Record> audit;                ///< Null: the policy does not want one.
    std::shared_ptr<const registry::RequestStory> story; ///< Of a request that writes, once it is allowed.
    /// Texts for Warning headers.
    std::vector<std::string> warnings;
    /// What admission says for the audit log.
    std::map<std::string, std::string> auditAnnotations;

    /// Each ends the call.
    void respond(Response response);
    void respondError(const Error& error);
    void respondDocument(int status, const api::Value& document);
    std::shared_ptr<ResponseStream> stream(Response head, std::shared_ptr<StreamEvents> events,
                                           std::size_t queueBytesMax);
    void upgradeToWebSocket(std::string protocol, std::shared_ptr<TunnelEvents> events);
    void upgradeToBytes(Headers headers, std::shared_ptr<TunnelEvents> events);
    /// Of the call, in the audit log and in the header Audit-Id: what the client sent there, or a new one.
    const std::string& id();

    /// Keeps a call among those that are worked on, until it ends.
    class Turn;
    using TurnPtr = std::shared_ptr<Turn>;
    /// Runs `work` on the executor when its flow's turn has come, or answers 429 when too much waits there.
    void runBlocking(std::function<void(Call&)> work);
    /// The same for work that may go on elsewhere when `work` has returned.
    void runInTurn(std::function<void(TurnPtr)> work);

    /// The body as a document, by its Content-Type.
    Result<api::Value> readBody(std::vector<std::string>* duplicates = nullptr);

private:
    void addHeaders(Response& response);
    void counted(int status);

    Services& m_services;
    std::shared_ptr<Exchange> m_exchange;
    const std::shared_ptr<ServedKinds> m_kinds;
    RequestInfo m_info;
    SteadyTime m_began;
    std::string m_id;
};

class Call::Turn {
public:
    /// `seat`: of its flow; null when it holds none.
    Turn(std::shared_ptr<Call> call, flowcontrol::FlowController::Seat seat);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    Call& call() const { return *m_call; }

private:
    std::shared_ptr<Call> m_call;
    Services& m_services;
    const flowcontrol::FlowController::Seat m_seat;
};

} // namespace keelson::apiserver
