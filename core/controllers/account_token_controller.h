// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "controllers/controller.h"

namespace keelson::controllers {

/// Puts a token, its namespace and the cluster's authority into each Secret of the type
/// kubernetes.io/service-account-token, for the account that its annotation names; removes those whose account is gone.
/// Wants `Options::accountToken`.
std::unique_ptr<Controller> makeAccountTokenController(const Context& context);

/// The Secret with what it lacks; as it is when it lacks nothing. A token that it holds is kept. `token`: asked when
/// there is none. Pure but for that.
Result<api::Secret> completedTokenSecret(api::Secret secret, const api::ServiceAccount& account,
                                         const std::string& rootCaPem,
                                         const std::function<Result<std::string>()>& token);

} // namespace keelson::controllers
