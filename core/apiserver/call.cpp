// SPDX-License-Identifier: Apache-2.0
#include "apiserver/call.h"

#include "api/protobuf.h"
#include "apiserver/call_audit.h"
#include "apiserver/limits.h"
#include "apiserver/reply_encoding.h"
#include "apiserver/served_kinds.h"
#include "apiserver/status_document.h"
#include "apiserver/warning_headers.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <utility>

namespace keelson::apiserver {
namespace {

constexpr int switchingProtocols = 101;

/// Unique across restarts and servers: random for the process, then counted.
std::string nextAuditId()
{
    static const std::uint64_t process = [] {
        std::uint64_t number = 0;
        RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof(number));
        return number;
    }();
    static std::atomic<std::uint64_t> counter = 0;
    const auto count = ++counter;
    constexpr std::uint64_t low = 0xFFFF;
    return fmt::format("{:08x}-{:04x}-4{:03x}-8000-{:012x}", process >> 32, (process >> 16) & low, process & 0xFFF,
                       count);
}

bool isVisible(char letter)
{
    return letter > ' ' && letter <= '~';
}

Result<api::Value> decodeBody(const api::Catalog& catalog, const std::string& body, BodyFormat format,
                              std::vector<std::string>* duplicates)
{
    switch (format) {
    case BodyFormat::Json:
        return api::parseJson(body, duplicates);
    case BodyFormat::Yaml:
        return api::parseYaml(body, duplicates);
    case BodyFormat::Protobuf:
        return api::decodeProtobuf(catalog, body);
    }
    return fail(Reason::InternalError, "a body of no known format");
}

} // namespace

Call::Call(Services& services, std::shared_ptr<Exchange> exchange)
    : m_services(services),
      m_exchange(std::move(exchange)),
      m_kinds(services.kinds->get()),
      m_info(readRequest(m_exchange->request())),
      m_began(services.options.clock->steady())
{
}

const api::Catalog& Call::catalog() const
{
    return *m_kinds->catalog;
}

std::shared_ptr<const api::Catalog> Call::sharedCatalog() const
{
    return m_kinds->catalog;
}

const std::string& Call::id()
{
    constexpr std::size_t lengthMax = 64;
    if (m_id.empty()) {
        const auto given = request().headers.get("Audit-ID");
        const bool good = !given.empty() && given.size() <= lengthMax && std::ranges::all_of(given, isVisible);
        m_id = good ? std::string(given) : nextAuditId();
    }
    return m_id;
}

void Call::addHeaders(Response& response)
{
    response.headers.add("Audit-Id", id());
    if (!response.headers.has("Cache-Control"))
        response.headers.add("Cache-Control", "no-cache, private");
    if (flow.schema) {
        response.headers.add("X-Kubernetes-PF-FlowSchema-UID", flow.schema->uid);
        response.headers.add("X-Kubernetes-PF-PriorityLevel-UID", m_services.flows->level(flow).uid);
    }
    for (auto& warning : warningHeaders(warnings))
        response.headers.add("Warning", std::move(warning));
}

void Call::counted(int status)
{
    const auto resource =
        m_info.subresource.empty() ? m_info.resource : fmt::format("{}/{}", m_info.resource, m_info.subresource);
    // What clients make up must not become a label.
    const bool known = status != httpStatus(Reason::NotFound) && status != httpStatus(Reason::MethodNotAllowed);
    m_services.metrics.count(m_info.verb, known ? resource : "", status, m_services.options.clock->steady() - m_began);
}

void Call::respond(Response response)
{
    counted(response.status);
    if (audit) {
        audit->annotate(auditAnnotations);
        auditAnswer(*audit, response);
    }
    addHeaders(response);
    indentWhenAsked(m_exchange->request(), response);
    compressWhenWorthwhile(m_exchange->request(), response);
    m_exchange->respond(std::move(response));
}

void Call::respondError(const Error& error)
{
    respond(statusResponse(error));
}

void Call::respondDocument(int status, const api::Value& document)
{
    auto form = negotiate(request().headers.get("Accept"));
    if (!form)
        return respondError(form.error());
    auto response = encodeDocument(*form, catalog(), document);
    if (!response)
        return respondError(response.error());
    response->status = status;
    respond(*std::move(response));
}

std::shared_ptr<ResponseStream> Call::stream(Response head, std::shared_ptr<StreamEvents> events,
                                             std::size_t queueBytesMax)
{
    counted(head.status);
    addHeaders(head);
    const auto status = head.status;
    return m_exchange->stream(std::move(head), audited(audit, std::move(events), status), queueBytesMax);
}

void Call::upgradeToWebSocket(std::string protocol, std::shared_ptr<TunnelEvents> events)
{
    counted(switchingProtocols);
    m_exchange->upgradeToWebSocket(std::move(protocol), audited(audit, std::move(events)));
}

void Call::upgradeToBytes(Headers headers, std::shared_ptr<TunnelEvents> events)
{
    counted(switchingProtocols);
    m_exchange->upgradeToBytes(std::move(headers), audited(audit, std::move(events)));
}

Call::Turn::Turn(std::shared_ptr<Call> call, flowcontrol::FlowController::Seat seat)
    : m_call(std::move(call)), m_services(m_call->services()), m_seat(std::move(seat))
{
}

Call::Turn::~Turn()
{
    m_call.reset(); // Before the server may believe that nothing is under way.
    --m_services.working;
    m_services.working.notify_all();
}

void Call::runBlocking(std::function<void(Call&)> work)
{
    runInTurn([work = std::move(work)](const TurnPtr& turn) { work(turn->call()); });
}

void Call::runInTurn(std::function<void(TurnPtr)> work)
{
    const auto refuse = [](Call& call) {
        auto error = makeError(Reason::TooManyRequests, "Too many requests, please try again later.");
        error.retryAfterSeconds = 1;
        call.respondError(error);
    };
    if (++m_services.working > writesWaitingMax) {
        --m_services.working;
        return refuse(*this);
    }
    m_services.flows->run(
        flow,
        [self = shared_from_this(), work = std::move(work)](flowcontrol::FlowController::Seat seat) mutable {
            const auto turn = std::make_shared<Turn>(std::move(self), std::move(seat));
            std::exchange(work, nullptr)(turn); // what it holds ends with it, before the turn
        },
        [self = shared_from_this(), refuse]() mutable {
            const Turn turn(std::move(self), nullptr);
            refuse(turn.call());
        });
}

Result<api::Value> Call::readBody(std::vector<std::string>* duplicates)
{
    TRY_ASSIGN(const auto format, bodyFormat(request().headers.get("Content-Type")));
    auto document = decodeBody(catalog(), request().body, format, duplicates);
    if (document)
        auditBody(*this, *document);
    return document;
}

} // namespace keelson::apiserver
