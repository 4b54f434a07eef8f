// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "auth/policy_rule.h"
#include "auth/user.h"
#include "base/result.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::auth {

/// Role based access control over Role, ClusterRole, RoleBinding and ClusterRoleBinding objects
/// (rbac.authorization.k8s.io/v1), fed by a watch. Members of system:masters may do everything. What
/// counts is `rules` alone: a controller keeps those of roles with an aggregationRule.
///
/// Threads: any thread may ask; questions read an immutable snapshot and take no lock. Changes may come from any
/// thread too; each makes a new snapshot.
class RbacAuthorizer : public Authorizer {
public:
    RbacAuthorizer();
    ~RbacAuthorizer() override;

    /// The whole state: objects of the four kinds, told apart by `kind`; others are ignored.
    void replace(std::span<const api::Value> objects);
    void apply(const api::Value& object);
    void remove(std::string_view kind, std::string_view nameSpace, std::string_view name);

    Decision authorize(const User& user, const Attributes& attributes) const override;

    /// What the user may do in a namespace (empty: cluster-wide rules only): SelfSubjectRulesReview.
    std::vector<PolicyRule> rulesFor(const User& user, std::string_view nameSpace) const;

    /// `Forbidden` unless the user holds all that the Role or ClusterRole grants, or may `escalate` it: nobody gives
    /// what they do not have. An aggregationRule, now or in `before` (null: a new role), needs every right there is. A
    /// write of owners and finalizers alone passes.
    Result<Done> checkRole(const User& user, const api::Value& role, const api::Value* before = nullptr) const;
    /// `Forbidden` unless the user holds all that the role of this RoleBinding or ClusterRoleBinding grants, or may
    /// `bind` that role. `NotFound` when there is no such role and the user may not bind it.
    Result<Done> checkBinding(const User& user, const api::Value& binding, const api::Value* before = nullptr) const;

private:
    struct Snapshot;
    struct Objects;

    void publish(); ///< With m_mutex held.

    mutable std::mutex m_mutex;
    std::unique_ptr<Objects> m_objects;
    std::atomic<std::shared_ptr<const Snapshot>> m_snapshot;
};

} // namespace keelson::auth
