// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"
#include "api/value.h"
#include "apiserver/http_message.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::apiserver {

/// A group version of another server, as discovery shows it.
struct RemoteGroup {
    api::GroupVersion groupVersion;
    const api::Value* resources = nullptr; ///< APIResourceList; null: the server is not available.
    std::string openApiUrl;                ///< Empty: it has none.
    std::shared_ptr<const void> owner;     ///< Of `resources`.
    int groupPriority = 0;                 ///< As the APIService wants it.
    int versionPriority = 0;
};

/// The answer to /apis (either form) or /apis/GROUP with those groups where their priorities want them. `response`:
/// ours; nothing for a group that we do not serve.
std::optional<Response> withGroups(std::string_view path, std::optional<Response> response,
                                   const std::vector<RemoteGroup>& groups);
/// The index of /openapi/v3 with theirs.
std::optional<Response> withOpenApi(std::optional<Response> response, const std::vector<RemoteGroup>& groups);

} // namespace keelson::apiserver
