// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_log.h"

#include "api/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::audit {
namespace {

using api::Array;
using api::Object;
using api::Value;

Object userDocument(const auth::User& user)
{
    Object document{{"username", user.name}};
    if (!user.uid.empty())
        document["uid"] = user.uid;
    Array groups;
    for (const auto& group : user.groups)
        groups.emplace_back(group);
    if (!groups.empty())
        document["groups"] = std::move(groups);
    Object extra;
    for (const auto& [key, values] : user.extra) {
        Array list;
        for (const auto& value : values)
            list.emplace_back(value);
        extra[key] = std::move(list);
    }
    if (!extra.empty())
        document["extra"] = std::move(extra);
    return document;
}

/// Of what was created, or could not be: the path does not name it.
std::string_view answeredName(const Value* answer)
{
    if (!answer)
        return {};
    const auto name = api::stringAt(*answer, {"metadata", "name"});
    return name.empty() ? api::stringAt(*answer, {"details", "name"}) : name;
}

Object objectReference(const auth::Attributes& attributes, const Value* answer)
{
    Object reference;
    const auto put = [&](const char* name, std::string_view text) {
        if (!text.empty())
            reference[name] = boost::json::string_view(text.data(), text.size());
    };
    put("resource", attributes.resource);
    put("namespace", attributes.nameSpace);
    put("name", attributes.name.empty() ? answeredName(answer) : std::string_view(attributes.name));
    put("uid", answer ? api::stringAt(*answer, {"metadata", "uid"}) : std::string_view());
    put("apiGroup", attributes.group);
    put("apiVersion", attributes.version);
    put("resourceVersion", answer ? api::stringAt(*answer, {"metadata", "resourceVersion"}) : std::string_view());
    put("subresource", attributes.subresource);
    return reference;
}

Object responseStatus(int code, const Value* answer, bool secret)
{
    Object status{{"metadata", Object{}}};
    const bool isStatus = answer && api::stringAt(*answer, {"kind"}) == "Status";
    for (const std::string_view name : {"status", "reason", "message", "details"}) {
        const auto* const value = isStatus ? api::find(*answer, {name}) : nullptr;
        if (value && (!secret || name == "status" || name == "reason"))
            status[boost::json::string_view(name.data(), name.size())] = *value;
    }
    status["code"] = code;
    return status;
}

void dropManagedFields(Value& object)
{
    if (api::find(object, {"metadata", "managedFields"}))
        api::objectAt(object, {"metadata"}).erase("managedFields");
    auto* const items = api::find(object, {"items"});
    if (!items || !items->is_array())
        return;
    for (auto& item : items->get_array())
        dropManagedFields(item);
}

bool carriesSecret(std::string_view parameter)
{
    constexpr std::array<std::string_view, 4> names{"token", "access_token", "id_token", "password"};
    return std::ranges::find(names, parameter) != names.end();
}

} // namespace

std::string withoutSecrets(std::string_view uri)
{
    const auto question = uri.find('?');
    std::string out(uri.substr(0, question));
    if (question == std::string_view::npos)
        return out;
    auto rest = uri.substr(question + 1);
    char separator = '?';
    while (!rest.empty()) {
        const auto end = rest.find('&');
        const auto item = rest.substr(0, end);
        const auto name = item.substr(0, item.find('='));
        out += separator;
        out += carriesSecret(name) ? fmt::format("{}=REDACTED", name) : std::string(item);
        separator = '&';
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
    return out;
}

Record::Record(LogFile& file, const Clock& clock, Policy::Choice choice, Subject subject)
    : m_file(file), m_clock(clock), m_choice(std::move(choice)), m_subject(std::move(subject))
{
    write(Stage::RequestReceived, 0, nullptr);
}

void Record::setRequest(Value object)
{
    m_request = std::move(object);
    if (m_choice.omitManagedFields)
        dropManagedFields(m_request);
}

void Record::setDecision(bool allowed, const std::string& reason)
{
    m_annotations["authorization.k8s.io/decision"] = allowed ? "allow" : "forbid";
    m_annotations["authorization.k8s.io/reason"] = reason;
}

void Record::annotate(const std::map<std::string, std::string>& annotations)
{
    for (const auto& [name, text] : annotations)
        m_annotations[name] = text;
}

void Record::started(int status)
{
    write(Stage::ResponseStarted, status, nullptr);
}

void Record::completed(int status, const Value& answer)
{
    write(Stage::ResponseComplete, status, &answer);
}

void Record::write(Stage stage, int status, const Value* answer)
{
    if (!m_choice.wants(stage))
        return;
    Object event{{"kind", "Event"},
                 {"apiVersion", "audit.k8s.io/v1"},
                 {"level", levelName(m_choice.level)},
                 {"auditID", m_subject.id},
                 {"stage", stageName(stage)},
                 {"requestURI", withoutSecrets(m_subject.uri)},
                 {"verb", m_subject.attributes.verb},
                 {"user", userDocument(m_subject.user)}};
    if (m_subject.impersonated)
        event["impersonatedUser"] = userDocument(*m_subject.impersonated);
    event["sourceIPs"] = Array{Value(m_subject.address)};
    if (!m_subject.agent.empty())
        event["userAgent"] = m_subject.agent;
    if (!m_subject.attributes.resource.empty())
        event["objectRef"] = objectReference(m_subject.attributes, answer);
    if (stage != Stage::RequestReceived)
        event["responseStatus"] = responseStatus(status, answer, m_choice.secret);
    if (wantsRequest() && !m_request.is_null() && stage != Stage::RequestReceived)
        event["requestObject"] = m_request;
    if (wantsResponse() && answer && !answer->is_null()) {
        auto& object = event["responseObject"] = *answer;
        if (m_choice.omitManagedFields)
            dropManagedFields(object);
    }
    event["requestReceivedTimestamp"] = formatMicroTime(m_subject.received);
    event["stageTimestamp"] = formatMicroTime(m_clock.wall());
    if (!m_annotations.empty())
        event["annotations"] = m_annotations;
    m_file.write(api::toUtf8(api::writeJson(event))); // Clients send names and headers of any bytes.
}

Result<std::unique_ptr<AuditLog>> AuditLog::open(Options options)
{
    const auto* const clock = options.file.clock;
    TRY_ASSIGN(auto file, LogFile::open(std::move(options.file)));
    return std::unique_ptr<AuditLog>(new AuditLog(std::move(options.policy), std::move(file), *clock));
}

std::shared_ptr<Record> AuditLog::begin(const auth::User& user, const auth::Attributes& attributes,
                                        const std::function<Subject()>& fill)
{
    auto choice = m_policy.choose(user, attributes);
    if (choice.level == Level::None)
        return nullptr;
    return std::make_shared<Record>(*m_file, m_clock, std::move(choice), fill());
}

} // namespace keelson::audit
