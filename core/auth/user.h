// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <map>
#include <string>
#include <vector>

namespace keelson::auth {

/// Who asks.
struct User {
    std::string name; ///< "system:anonymous", "system:node:n1", "system:serviceaccount:default:web"
    std::string uid;
    std::vector<std::string> groups; ///< "system:authenticated", "system:masters"
    std::map<std::string, std::vector<std::string>> extra;

    static User anonymous() { return {"system:anonymous", {}, {"system:unauthenticated"}, {}}; }
    /// One of our own parts: "system:kube-scheduler" and the group system:authenticated.
    static User system(std::string name) { return {std::move(name), {}, {"system:authenticated"}, {}}; }
};

/// What is asked, as RBAC sees it.
struct Attributes {
    std::string verb;  ///< get, list, watch, create, update, patch, delete, deletecollection; get, post ... for paths
    std::string group; ///< API group; empty: core
    std::string version;
    std::string resource;    ///< "pods"; empty for a non-resource request
    std::string subresource; ///< "log"
    std::string nameSpace;   ///< Empty: cluster-scoped, or all namespaces
    std::string name;        ///< Empty: none in particular
    std::string path;        ///< For non-resource requests: "/healthz"
    /// As the request has it; for list, watch and deletecollection.
    std::string fieldSelector = {};
};

struct Decision {
    bool allowed = false;
    std::string reason; ///< When allowed: `RBAC: allowed by ClusterRoleBinding "x" of ClusterRole "y" to Group "z"`.
};

class Authorizer {
public:
    virtual ~Authorizer() = default;
    /// Any thread; does not block.
    virtual Decision authorize(const User& user, const Attributes& attributes) const = 0;
};

/// `User "jane" cannot list resource "pods" in API group "" in the namespace "default"`: Kubernetes' words for a
/// refusal.
Error forbidden(const User& user, const Attributes& attributes, std::string_view reason);

} // namespace keelson::auth
