// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/http_message.h"

#include <string>
#include <string_view>

namespace keelson::apiserver {

/// Whether the request asks for another protocol on its connection.
bool isUpgrade(const Request& request);

/// The text of a request as another server gets it, over a connection for it alone: method, headers and body stay as
/// they are, less what is about the client's connection (RFC 9110, section 7.6.1) and what it tells us of who it is;
/// with X-Forwarded-For, -Host, -Proto and -Uri. `target`: path and query. `added`: further headers, in place of those
/// of the same name. A body that comes in pieces is not in it: it goes behind, in chunks where its length is not known.
std::string onwardText(const Request& request, std::string_view target, std::string_view host, const Headers& added);

} // namespace keelson::apiserver
