// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "auth/user.h"

#include <span>
#include <string>
#include <vector>

namespace keelson::auth {

/// One rule of a Role or ClusterRole. Lists are alternatives; a request must fit each of them.
/// Source: Kubernetes, rbac.authorization.k8s.io/v1 PolicyRule.
struct PolicyRule {
    std::vector<std::string> verbs;           ///< "*": all
    std::vector<std::string> groups;          ///< apiGroups; "*": all
    std::vector<std::string> resources;       ///< "pods", "pods/log", "*/scale", "*"
    std::vector<std::string> names;           ///< resourceNames; empty: all
    std::vector<std::string> nonResourceUrls; ///< "/healthz", "/api/*", "*"

    bool operator==(const PolicyRule&) const = default;
};

/// Reads `rules` of a Role or ClusterRole; what is no rule is left out.
std::vector<PolicyRule> rulesOf(const api::Value& role);
api::Value toDocument(const PolicyRule& rule);

bool allows(const PolicyRule& rule, const Attributes& attributes);

/// What `wanted` grants and `held` does not, cut into rules of one verb and one resource (or path); empty when all is
/// held.
std::vector<PolicyRule> uncovered(std::span<const PolicyRule> held, std::span<const PolicyRule> wanted);

/// Rules about one resource of one group each, those that differ in their verbs alone made one.
std::vector<PolicyRule> compacted(std::span<const PolicyRule> rules);

/// `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`: how refusals show a rule.
std::string ruleText(const PolicyRule& rule);

} // namespace keelson::auth
