// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/call.h"

namespace keelson::apiserver {

/// Answers a request for objects of a kind, or their status or scale: the caller has authorized it.
void serveRead(const std::shared_ptr<Call>& call, const api::Kind& kind);
void serveWrite(const std::shared_ptr<Call>& call, const api::Kind& kind);

/// The forms in which the request can be answered.
Offer offerOf(const Call& call, const api::Kind& kind);
/// Who writes and how, by the request's parameters: dryRun, fieldManager, fieldValidation, force. `Invalid` names the
/// parameters that are wrong, as Kubernetes says it.
Result<registry::WriteContext> writeContext(Call& call);
/// DeleteOptions of the body (any format) and the query. `overrides`: of an eviction; null: read the request's own
/// body. `BadRequest` for a body that is no DeleteOptions, `Invalid` for an option that does not exist.
Result<client::DeleteOptions> deleteOptions(Call& call, registry::WriteContext& context, const api::Value* overrides);
/// An error that knows what it is about, for `details`, where Kubernetes says it; one that was told by another server
/// as it is.
Error about(Error error, const api::Kind& kind, std::string_view name);

} // namespace keelson::apiserver
