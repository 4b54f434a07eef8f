// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"

#include <string>
#include <vector>

namespace keelson::api {

/// What is valid in a defaulted object but hardly meant, or does nothing any more, in Kubernetes' words: variables that
/// hide others, ports that occur twice, labels and volumes of old. For the header Warning. Pure.
std::vector<std::string> warningsAbout(const Kind& kind, const Value& object);

} // namespace keelson::api
