// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cel/value.h"

#include <functional>
#include <string>

namespace keelson::cel {

/// What an expression asks about rights: of who sent the request, or of a service account.
struct AccessQuestion {
    std::string accountNamespace; ///< With `accountName`: of a service account; empty: of who sent the request.
    std::string accountName;
    std::string path; ///< "/healthz"; empty: about a resource.
    std::string group;
    std::string resource;
    std::string subresource;
    std::string nameSpace;
    std::string name;
    std::string fieldSelector;
    std::string verb;
};
struct AccessAnswer {
    bool allowed = false;
    std::string reason;
};
/// Answers at once; called while an expression is evaluated.
using AccessCheck = std::function<AccessAnswer(const AccessQuestion&)>;

/// The value of the variable `authorizer`. Source: Kubernetes, "Common Expression Language in Kubernetes": authorizer
/// library.
Value authorizerOf(const AccessCheck& check);
/// The value of `authorizer.requestResource`: the check of a resource, as the question has it, without its verb.
Value resourceCheckOf(const AccessCheck& check, AccessQuestion question);

} // namespace keelson::cel
