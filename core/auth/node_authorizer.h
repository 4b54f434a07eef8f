// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/node_graph.h"
#include "auth/policy_rule.h"
#include "auth/service_account_tokens.h"

#include <optional>
#include <string>
#include <vector>

namespace keelson::auth {

/// The node that the user is: NAME of `system:node:NAME` in the group `system:nodes`.
std::optional<std::string> nodeOf(const User& user);

/// Allows a node what it needs for the pods that are bound to it and no more: it reads the objects that they name, asks
/// for tokens of their accounts, writes its own Node and Lease. Of the rest it may what the role system:node says. What
/// a write may contain is NodeRestriction's to judge, in admission. Has no opinion on others.
///
/// Threads: any. `graph` outlives it.
/// Source: Kubernetes, "Using Node Authorization".
class NodeAuthorizer : public Authorizer {
public:
    explicit NodeAuthorizer(const NodeGraph& graph);

    Decision authorize(const User& user, const Attributes& attributes) const override;

private:
    Decision decide(const std::string& node, const Attributes& attributes) const;
    Decision related(bool path, const std::string& node, const Attributes& attributes) const;
    Decision onReference(PodReference::Kind kind, const std::string& node, const Attributes& attributes) const;
    Decision onClaim(const std::string& node, const Attributes& attributes) const;
    Decision onToken(const std::string& node, const Attributes& attributes) const;
    Decision onPod(const std::string& node, const Attributes& attributes) const;

    const NodeGraph& m_graph;
    const std::vector<PolicyRule> m_rules; ///< Of the role system:node.
};

/// Several authorizers, asked in turn until one allows; refusals give the reasons of all. They outlive it.
class AuthorizerChain : public Authorizer {
public:
    void add(const Authorizer& one) { m_all.push_back(&one); }
    Decision authorize(const User& user, const Attributes& attributes) const override;

private:
    std::vector<const Authorizer*> m_all;
};

/// `Forbidden` unless the TokenRequest is bound, by uid, to a pod that runs on the node: a token for the pod's use
/// alone.
Result<Done> checkTokenOfNode(const std::string& node, const api::ObjectKey& account, const api::Value& request,
                              const ObjectSource& objects);

} // namespace keelson::auth
