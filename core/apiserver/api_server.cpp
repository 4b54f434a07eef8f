// SPDX-License-Identifier: Apache-2.0
#include "apiserver/api_server.h"

#include "apiserver/access_reviews.h"
#include "apiserver/aggregator.h"
#include "apiserver/call.h"
#include "apiserver/call_audit.h"
#include "apiserver/component_statuses.h"
#include "apiserver/https_server.h"
#include "apiserver/limits.h"
#include "apiserver/onward_request.h"
#include "apiserver/plain_routes.h"
#include "apiserver/pod_routes.h"
#include "apiserver/proxy_routes.h"
#include "apiserver/request_identity.h"
#include "apiserver/request_story.h"
#include "apiserver/resource_routes.h"
#include "apiserver/served_kinds.h"
#include "apiserver/standalone_document.h"
#include "apiserver/token_routes.h"
#include "apiserver/trace_routes.h"
#include "base/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

namespace keelson::apiserver {
namespace {

Error noSuchResource()
{
    return makeError(Reason::NotFound, "the server could not find the requested resource");
}

Error notAllowed(Call& call)
{
    return makeError(Reason::MethodNotAllowed,
                     fmt::format("{} of {} is not possible: the resource does not have that verb",
                                 call.request().method,
                                 call.info().subresource.empty()
                                     ? call.info().resource
                                     : fmt::format("{}/{}", call.info().resource, call.info().subresource)));
}

/// Compressed bodies are refused by name: read as they come they would be taken for broken JSON.
Result<Done> checkBodyEncoding(const Request& request)
{
    const auto encoding = request.headers.get("Content-Encoding");
    if (encoding.empty() || equalIgnoringCase(encoding, "identity"))
        return Done{};
    return fail(Reason::UnsupportedMediaType,
                fmt::format("a body in the encoding \"{}\" is not understood; send it as it is", encoding));
}

/// Collections are created in, objects are updated: not the other way round.
bool fitsPath(const RequestInfo& info)
{
    if (info.verb == "update" || info.verb == "patch")
        return !info.name.empty();
    return info.verb != "create" || info.name.empty() || !info.subresource.empty();
}

bool isReading(const std::string& verb)
{
    return verb == "get" || verb == "list" || verb == "watch";
}

class Server : public ApiServer {
public:
    explicit Server(Options options)
    {
        m_services.options = std::move(options);
        m_services.kinds = std::make_unique<ServedKindsSource>(*m_services.options.registry);
        m_services.flows = std::make_unique<flowcontrol::FlowController>(
            flowcontrol::FlowController::Options{.configuration = m_services.options.flows,
                                                 .seatsMax = seatsMax,
                                                 .clock = m_services.options.clock,
                                                 .executor = m_services.options.executor,
                                                 .loop = m_services.options.loop});
        m_services.aggregator = std::make_unique<Aggregator>(m_services);
        m_services.connections = [this] { return m_https ? m_https->connections() : 0; };
        m_services.advertised = [this] {
            const auto& advertise = m_services.options.advertise;
            return advertise.empty() ? addresses().front() : advertise;
        };
    }
    ~Server() override { stop(); }

    Result<Done> start()
    {
        const auto& options = m_services.options;
        TRY_ASSIGN(
            m_https,
            HttpsServer::create(
                {.listen = options.listen,
                 .certificate = options.certificate,
                 .clients = options.certificates,
                 .clock = options.clock,
                 .threads = options.threads,
                 .handler =
                     [this](std::shared_ptr<Exchange> exchange) {
                         handle(std::make_shared<Call>(m_services, std::move(exchange)));
                     },
                 .takesPieces = [this](const Request& request) { return goesOn(request); },
                 .senderOf =
                     [this](const Request& request) {
                         return identify(request, m_services.options.tokens).value_or(auth::User::anonymous()).name;
                     }}));
        return Done{};
    }

    const std::vector<std::string>& addresses() const override { return m_https->addresses(); }

    client::ApiAvailability probe(const api::APIService& service) override
    {
        return m_services.aggregator->probe(service);
    }

    void stop() override
    {
        m_services.stopping = true;
        if (m_https)
            m_https->stop();
        m_services.proxied->stop();
        // Calls under way refer to this object; they end soon, since nothing new comes.
        for (auto count = m_services.working.load(); count != 0; count = m_services.working.load())
            m_services.working.wait(count);
    }

private:
    bool goesOn(const Request& request) const;
    void handle(const std::shared_ptr<Call>& call);
    void serveResource(const std::shared_ptr<Call>& call);
    void serveUnstored(const std::shared_ptr<Call>& call, const std::string& kind);
    void serveReview(Call& call, const std::string& kind) const;

    void tellRefusedToken(const Request& request, const Error& error);

    Services m_services;
    std::unique_ptr<HttpsServer> m_https;
    std::atomic<SteadyTime> m_refusalTold{SteadyTime{}};
};

/// kubectl knows only that credentials are wanted: the cause must be found here. At most a line a second.
void Server::tellRefusedToken(const Request& request, const Error& error)
{
    const auto now = m_services.options.clock->steady();
    auto told = m_refusalTold.load();
    if (told != SteadyTime{} && now - told < refusedTokensLogPeriod)
        return;
    if (m_refusalTold.compare_exchange_strong(told, now))
        log::warning("apiserver", "{}: {}", request.remoteAddress, error.message);
}

/// Whether the body of a request is for another server. What asks for another protocol has none to speak of.
bool Server::goesOn(const Request& request) const
{
    return !isUpgrade(request) && (readRequest(request).subresource == "proxy" ||
                                   m_services.aggregator->servesPath(*m_services.kinds->get(), request.path));
}

void Server::handle(const std::shared_ptr<Call>& call)
{
    const auto& options = m_services.options;
    RequestTimes times(*options.clock);
    const auto taken = takeProtocolToken(call->request());
    const auto caller = taken ? identify(call->request(), options.tokens) : fail(taken.error());
    if (!caller) {
        if (!call->request().peer) // a refused certificate was told when its connection began
            tellRefusedToken(call->request(), caller.error());
        beginAudit(*call, {}, {});
        return call->respondError(caller.error());
    }
    auto user = impersonate(call->request(), *caller, *options.authorizer);
    const bool another = user && call->request().headers.has("Impersonate-User");
    beginAudit(*call, *caller, another ? std::optional(*user) : std::nullopt);
    if (!user)
        return call->respondError(user.error());
    call->user = *std::move(user);
    times.authenticated();
    if (const auto readable = checkHead(call->request(), call->info()); !readable)
        return call->respondError(readable.error());

    const auto attributes = call->info().attributes();
    call->flow = m_services.flows->classify(call->user, attributes);
    const auto decision = options.authorizer->authorize(call->user, attributes);
    if (call->audit)
        call->audit->setDecision(decision.allowed, decision.reason);
    if (!decision.allowed)
        return call->respondError(auth::forbidden(call->user, attributes, decision.reason));
    if (m_services.aggregator->serve(call))
        return;
    if (call->request().bodyComes && call->info().subresource != "proxy")
        return call->respondError(makeError(Reason::ServiceUnavailable, "the group changes hands, please try again"));
    if (call->info().isResource) {
        if (options.traces && !isReading(call->info().verb))
            call->story = times.story(call->request(), decision.reason);
        return serveResource(call);
    }
    if (!isReading(call->info().verb))
        return call->respondError(makeError(Reason::MethodNotAllowed, "this path can only be read"));
    servePlain(call);
}

void Server::serveResource(const std::shared_ptr<Call>& call)
{
    const auto& info = call->info();
    const auto& catalog = call->catalog();
    const auto* resource = call->kinds().discovery.find(info.groupVersion, info.resource);
    if (!resource)
        return call->respondError(noSuchResource());
    const bool proxied = info.subresource == "proxy";
    if (const auto readable = checkBodyEncoding(call->request()); !readable && !proxied)
        return call->respondError(readable.error());
    if (!fitsPath(info))
        return call->respondError(notAllowed(*call));
    const auto* kind = catalog.findPlural(info.groupVersion, info.resource);
    if (!kind)
        return serveUnstored(call, resource->kind);
    if (kind->namespaced && info.nameSpace.empty() && info.verb != "list" && info.verb != "watch" &&
        info.verb != "deletecollection")
        return call->respondError(noSuchResource());
    if (!kind->namespaced && !info.nameSpace.empty())
        return call->respondError(noSuchResource());
    if (!kind->deprecation.empty())
        call->warnings.push_back(kind->deprecation);
    if (info.isTrace)
        return serveTrace(call, *kind);
    if (!info.subresource.empty()) {
        const auto sub = std::ranges::find(resource->subresources, info.subresource, &Discovery::Subresource::name);
        if (sub == resource->subresources.end())
            return call->respondError(noSuchResource());
        if (proxied) // Of whatever method: the other end knows what it takes.
            return serveProxy(call, *kind);
        if (std::ranges::find(sub->verbs, info.verb) == sub->verbs.end())
            return call->respondError(notAllowed(*call));
        if (kind->kind == "Pod" && servePod(call, *kind))
            return;
        if (kind->kind == "ServiceAccount" && info.subresource == "token")
            return serveTokenRequest(call);
    } else if (std::ranges::find(kind->verbs, info.verb) == kind->verbs.end()) {
        return call->respondError(notAllowed(*call));
    }
    if (kind->kind == "ComponentStatus" && kind->groupVersion.group.empty())
        serveComponentStatuses(call, *kind);
    else if (isReading(info.verb))
        serveRead(call, *kind);
    else
        serveWrite(call, *kind);
}

void Server::serveUnstored(const std::shared_ptr<Call>& call, const std::string& kind)
{
    const bool isBinding = kind == "Binding";
    if (call->info().verb != "create" || (isBinding && call->info().nameSpace.empty()))
        return call->respondError(notAllowed(*call));
    if (isBinding)
        return serveBinding(call);
    if (call->request().body.size() <= shortBodyBytesMax)
        return serveReview(*call, kind);
    call->runBlocking([this, kind](Call& self) { serveReview(self, kind); });
}

void Server::serveReview(Call& call, const std::string& kind) const
{
    auto context = writeContext(call);
    if (!context)
        return call.respondError(context.error());
    const auto* const folder =
        call.info().groupVersion.group == "authentication.k8s.io" ? "authentication" : "authorization";
    auto body = readStandalone(call, *context, fmt::format("{}/v1/{}", folder, kind));
    if (!body)
        return call.respondError(body.error());
    const auto& options = m_services.options;
    const auto answer = answerReview(kind,
                                     {.authorizer = *options.authorizer,
                                      .roles = *options.roles,
                                      .tokens = options.tokens,
                                      .caller = call.user,
                                      .nameSpace = call.info().nameSpace},
                                     *std::move(body));
    if (answer)
        call.respondDocument(201, *answer);
    else
        call.respondError(answer.error());
}

} // namespace

Result<std::unique_ptr<ApiServer>> ApiServer::create(Options options)
{
    auto server = std::make_unique<Server>(std::move(options));
    TRY_OK(server->start());
    return server;
}

} // namespace keelson::apiserver
