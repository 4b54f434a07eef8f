// SPDX-License-Identifier: Apache-2.0
#include "apiserver/call_audit.h"

#include "apiserver/call.h"
#include "apiserver/limits.h"

namespace keelson::apiserver {
namespace {

constexpr int switchingProtocols = 101;
constexpr int created = 201; ///< The answer alone says the object's name.
constexpr int firstFailure = 400;

class AuditedStream : public StreamEvents {
public:
    AuditedStream(std::shared_ptr<audit::Record> record, std::shared_ptr<StreamEvents> events, int status)
        : m_record(std::move(record)), m_events(std::move(events)), m_status(status)
    {
    }
    void sent(std::size_t bytes) override { m_events->sent(bytes); }
    void closed() override
    {
        m_events->closed();
        m_record->completed(m_status, {});
    }

private:
    const std::shared_ptr<audit::Record> m_record;
    const std::shared_ptr<StreamEvents> m_events;
    const int m_status;
};

class AuditedTunnel : public TunnelEvents {
public:
    AuditedTunnel(std::shared_ptr<audit::Record> record, std::shared_ptr<TunnelEvents> events)
        : m_record(std::move(record)), m_events(std::move(events))
    {
    }
    void opened(std::shared_ptr<Tunnel> tunnel) override { m_events->opened(std::move(tunnel)); }
    bool sendsText() const override { return m_events->sendsText(); }
    void received(std::string message) override { m_events->received(std::move(message)); }
    void sent(std::size_t bytes) override { m_events->sent(bytes); }
    void closed() override
    {
        m_events->closed();
        m_record->completed(switchingProtocols, {});
    }

private:
    const std::shared_ptr<audit::Record> m_record;
    const std::shared_ptr<TunnelEvents> m_events;
};

} // namespace

void beginAudit(Call& call, const auth::User& caller, const std::optional<auth::User>& impersonated)
{
    auto* const log = call.options().audit;
    if (!log)
        return;
    const auto attributes = call.info().attributes();
    call.audit = log->begin(caller, attributes, [&] {
        const auto& request = call.request();
        return audit::Subject{.id = call.id(),
                              .uri = request.target,
                              .address = request.remoteAddress.substr(0, request.remoteAddress.rfind(':')),
                              .agent = std::string(request.headers.get("User-Agent")),
                              .user = caller,
                              .impersonated = impersonated,
                              .attributes = attributes,
                              .received = call.options().clock->wall()};
    });
}

void auditBody(Call& call, const api::Value& body)
{
    if (call.audit && call.audit->wantsRequest())
        call.audit->setRequest(body);
}

void auditAnswer(audit::Record& record, const Response& response)
{
    api::Value answer;
    const auto wanted = record.wantsResponse() || response.status == created || response.status >= firstFailure;
    if (wanted && response.contentType.starts_with("application/json") &&
        response.bodyBytes() <= auditedAnswerBytesMax) {
        std::string text;
        text.reserve(response.bodyBytes());
        for (const auto& chunk : response.body)
            text += chunk.bytes;
        if (auto document = api::parseJson(text))
            answer = *std::move(document);
    }
    record.completed(response.status, answer);
}

std::shared_ptr<StreamEvents> audited(std::shared_ptr<audit::Record> record, std::shared_ptr<StreamEvents> events,
                                      int status)
{
    if (!record)
        return events;
    record->started(status);
    return std::make_shared<AuditedStream>(std::move(record), std::move(events), status);
}

std::shared_ptr<TunnelEvents> audited(std::shared_ptr<audit::Record> record, std::shared_ptr<TunnelEvents> events)
{
    if (!record)
        return events;
    record->started(switchingProtocols);
    return std::make_shared<AuditedTunnel>(std::move(record), std::move(events));
}

} // namespace keelson::apiserver
