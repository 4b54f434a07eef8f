// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"

namespace keelson::api {

/// What a plain scalar means in YAML 1.1, as Kubernetes' tools read it: null, a boolean ("yes" and "off" are), a number
/// (octal with a leading 0, underscores ignored, 1e3 the integer 1000) or else the text itself.
Value resolveYamlScalar(std::string_view text);

} // namespace keelson::api
