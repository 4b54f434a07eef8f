// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"

#include <span>
#include <string>

namespace keelson::api {

/// A resource that is a question: it is answered at once and never stored.
struct ReviewResource {
    GroupVersion groupVersion;
    std::string plural;
    std::string kind;
    std::string definition; ///< As in the catalog.
    bool namespaced = false;
};
std::span<const ReviewResource> reviewResources();

} // namespace keelson::api
