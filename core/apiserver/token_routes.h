// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/call.h"

namespace keelson::apiserver {

inline constexpr std::string_view openIdConfigurationPath = "/.well-known/openid-configuration";
inline constexpr std::string_view openIdKeysPath = "/openid/v1/jwks";

/// POST serviceaccounts/NAME/token: a bound token for the account. The caller has authorized it.
void serveTokenRequest(const std::shared_ptr<Call>& call);

/// Answers the two paths above: what other systems need to check this cluster's tokens. 404 when it issues none.
void serveOpenId(Call& call);

} // namespace keelson::apiserver
