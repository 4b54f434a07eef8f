// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "apiserver/http_message.h"
#include "base/error.h"

#include <string>

namespace keelson::apiserver {

/// A meta/v1 Status that says what failed; `details` names the object and the causes.
api::Value statusDocument(const Error& error);
/// A Status of success about an object that is gone.
api::Value successDocument(std::string_view group, std::string_view resource, std::string_view name,
                           std::string_view uid);
/// A Status of success for what was posted and makes no object: a Binding, an Eviction.
api::Value createdDocument();
/// The reply for an error: its HTTP status, a Status in JSON, Retry-After where it is known.
Response statusResponse(const Error& error);

} // namespace keelson::apiserver
