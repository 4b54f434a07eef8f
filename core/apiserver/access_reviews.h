// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "auth/rbac_authorizer.h"

#include <string_view>

namespace keelson::apiserver {

/// Answers a review (SelfSubjectAccessReview, SubjectAccessReview, LocalSubjectAccessReview, SelfSubjectRulesReview,
/// SelfSubjectReview): the document with its `status` filled in. Pure.
/// `BadRequest` when the document asks nothing; `Invalid` when a LocalSubjectAccessReview asks about another namespace.
Result<api::Value> answerReview(std::string_view kind, const auth::RbacAuthorizer& authorizer, const auth::User& caller,
                                std::string_view nameSpace, api::Value review);

} // namespace keelson::apiserver
