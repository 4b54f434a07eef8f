// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "audit/log_file.h"
#include "audit/policy.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace keelson::audit {

/// What is known of a request when it comes.
struct Subject {
    std::string id;  ///< Goes out as Audit-Id too.
    std::string uri; ///< As sent; what looks like a token in it is left out of the log.
    std::string address;
    std::string agent;
    auth::User user;                        ///< Who asks.
    std::optional<auth::User> impersonated; ///< Whom they are taken for.
    auth::Attributes attributes;
    WallTime received{};
};

/// One request in the log. Any thread, one at a time.
class Record {
public:
    Record(LogFile& file, const Clock& clock, Policy::Choice choice, Subject subject);

    /// At least Request (RequestResponse): only then the functions for the bodies are called.
    bool wantsRequest() const { return m_choice.level >= Level::Request; }
    bool wantsResponse() const { return m_choice.level >= Level::RequestResponse; }

    void setRequest(api::Value object);
    void setDecision(bool allowed, const std::string& reason);
    /// What others have to say of the request, by name; before `completed`.
    void annotate(const std::map<std::string, std::string>& annotations);
    /// A stream or an upgrade has begun with this status.
    void started(int status);
    /// `answer`: the document that was answered, as far as the level wants it, or a Status; null for others.
    void completed(int status, const api::Value& answer);

private:
    void write(Stage stage, int status, const api::Value* answer);

    LogFile& m_file;
    const Clock& m_clock;
    const Policy::Choice m_choice;
    const Subject m_subject;
    api::Value m_request;
    api::Object m_annotations;
};

/// The audit log of a server: a policy and a file. Any thread.
class AuditLog {
public:
    struct Options {
        Policy policy;
        LogFile::Options file;
    };
    static Result<std::unique_ptr<AuditLog>> open(Options options);

    /// Null when nothing of the request goes into the log. `fill` gives the subject; it is called only when needed.
    std::shared_ptr<Record> begin(const auth::User& user, const auth::Attributes& attributes,
                                  const std::function<Subject()>& fill);
    void flush() { m_file->flush(); }
    std::uint64_t lost() const { return m_file->lost(); }

private:
    AuditLog(Policy policy, std::unique_ptr<LogFile> file, const Clock& clock)
        : m_policy(std::move(policy)), m_file(std::move(file)), m_clock(clock)
    {
    }
    const Policy m_policy;
    const std::unique_ptr<LogFile> m_file;
    const Clock& m_clock;
};

/// The path and query with the values of parameters that carry secrets (token, access_token, password) taken out.
std::string withoutSecrets(std::string_view uri);

} // namespace keelson::audit
