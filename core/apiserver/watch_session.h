// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/call.h"
#include "apiserver/reply_encoding.h"

namespace keelson::apiserver {

/// Answers a watch: a stream of events that ends with the client, with the time that it asked for, or with the server.
/// Errors that come before the first event are for the caller to answer with.
Result<Done> startWatch(const std::shared_ptr<Call>& call, const api::Kind& kind, const registry::WatchOptions& options,
                        const ReplyForm& form, TableObjects tableObjects);

} // namespace keelson::apiserver
