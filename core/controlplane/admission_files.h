// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "podsecurity/configuration.h"

#include <filesystem>

namespace keelson::controlplane {

/// What an AdmissionConfiguration (apiserver.config.k8s.io/v1, YAML or JSON) says of PodSecurity, the one plugin that
/// can be configured; its configuration stands in the file or in another that it names, relative to itself. An empty
/// path: nothing. `Invalid` names the file and the place in it.
Result<podsecurity::Configuration> readAdmissionConfiguration(const std::filesystem::path& file);

} // namespace keelson::controlplane
