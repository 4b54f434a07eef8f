// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/call.h"
#include "registry/registry.h"

#include <string_view>

namespace keelson::apiserver {

/// The body of a request whose document is answered and not stored: a review, a TokenRequest, a Binding, an Eviction.
/// It is held to its schema as objects are: unknown and repeated members are refused, warned of or passed over
/// (`context.fieldValidation`), types must fit. apiVersion and kind may be absent and are added.
/// `definition`: of the catalog, such as "authorization/v1/SubjectAccessReview". `BadRequest` says what does not fit.
/// `olderVersion`: another apiVersion that the body may say and means the same by.
Result<api::Value> readStandalone(Call& call, registry::WriteContext& context, std::string_view definition,
                                  std::string_view olderVersion = {});

} // namespace keelson::apiserver
