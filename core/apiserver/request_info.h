// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"
#include "apiserver/http_message.h"
#include "auth/user.h"

#include <string>

namespace keelson::apiserver {

/// What a request asks for, by its method and path alone.
struct RequestInfo {
    bool isResource = false;
    bool isTrace = false; ///< Of the object's trace, at "/trace/v1" before the object's own path.
    std::string
        verb; ///< get, list, watch, create, update, patch, delete, deletecollection; else the method in lower case
    api::GroupVersion groupVersion;
    std::string resource;
    std::string subresource;
    std::string nameSpace;
    std::string name;
    std::string selectedName;  ///< The one object that a list or watch is held to by its field selector; mostly empty.
    std::string fieldSelector; ///< Of a list, watch or deletecollection.
    std::string path;
    std::string proxyPath; ///< Of a request to the subresource proxy: what is behind it in the target, as sent.

    api::ObjectKey key() const { return {nameSpace, name}; }
    auth::Attributes attributes() const;
};

/// Source: Kubernetes API conventions, "/api/v1/namespaces/NS/RESOURCE/NAME/SUBRESOURCE" and "/apis/GROUP/VERSION/...".
RequestInfo readRequest(const Request& request);

/// `BadRequest` for a path or query that is not UTF-8, as far as it is for us (behind the subresource proxy it is not),
/// and for a head that another server on the way may read differently: two hosts, or a body in a transfer coding that
/// is not taken off.
Result<Done> checkHead(const Request& request, const RequestInfo& info);

} // namespace keelson::apiserver
