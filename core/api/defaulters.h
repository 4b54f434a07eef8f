// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"

#include <span>

namespace keelson::api {

/// A default that depends on other fields, under the name that a schema calls it by (`x-keelson-defaults`). It gets the
/// object of its node after the node's own defaults and before those of its parts, and is idempotent.
struct Defaulter {
    std::string_view name;
    void (*apply)(Object& object);
};

/// All of them, in groups by what they are about.
std::span<const Defaulter> generalDefaulters();
std::span<const Defaulter> workloadDefaulters();
/// Null when there is none of that name.
const Defaulter* findDefaulter(std::string_view name);

} // namespace keelson::api
