// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/exchange.h"
#include "audit/audit_log.h"

#include <optional>

namespace keelson::apiserver {

class Call;

/// Begins the call's record when the policy wants one. `impersonated`: whom the caller is taken for, when another.
void beginAudit(Call& call, const auth::User& caller, const std::optional<auth::User>& impersonated);
/// What the body of the request says, once its reader has read it: by then the caller may send it.
void auditBody(Call& call, const api::Value& body);
/// The request was answered whole.
void auditAnswer(audit::Record& record, const Response& response);
/// The same events, and the end of the stream in the log.
std::shared_ptr<StreamEvents> audited(std::shared_ptr<audit::Record> record, std::shared_ptr<StreamEvents> events,
                                      int status);
std::shared_ptr<TunnelEvents> audited(std::shared_ptr<audit::Record> record, std::shared_ptr<TunnelEvents> events);

} // namespace keelson::apiserver
