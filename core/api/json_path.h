// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"

#include <string>
#include <string_view>
#include <vector>

namespace keelson::api {

/// Why a path has not the form that `evaluateJsonPath` knows; empty when it has.
std::string wrongJsonPath(std::string_view path);

/// The values that a JSONPath names, in document order; none when nothing is there or the path is malformed. Knows what
/// columns of custom resources use: `.a.b`, `['a.b']`, `[0]`, `[-1]`, `[*]`, `.*` and `[?(@.type=="Ready")]`, with or
/// without `{}`. The pointers live as long as `value`. Any thread.
std::vector<const Value*> evaluateJsonPath(const Value& value, std::string_view path);

} // namespace keelson::api
