// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "auth/authenticator.h"
#include "auth/rbac_authorizer.h"

#include <string_view>

namespace keelson::apiserver {

/// Who and what a review is answered with.
struct ReviewContext {
    const auth::Authorizer& authorizer;
    const auth::RbacAuthorizer& roles;
    const auth::BearerAuthenticator* tokens = nullptr; ///< Null: no token is good.
    const auth::User& caller;
    std::string_view nameSpace; ///< Of the path.
};

/// Answers a review (SelfSubjectAccessReview, SubjectAccessReview, LocalSubjectAccessReview, SelfSubjectRulesReview,
/// SelfSubjectReview, TokenReview): the document with its `status` filled in. Any thread; does not wait for the
/// network. `BadRequest` when the document asks nothing; `Invalid` names what is missing or at odds in it.
Result<api::Value> answerReview(std::string_view kind, const ReviewContext& context, api::Value review);

} // namespace keelson::apiserver
