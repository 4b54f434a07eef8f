// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pods/pod_objects.h"

#include <string>
#include <utility>
#include <vector>

namespace keelson::pods {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// Replaces `$(NAME)` by its value where there is one, `$$` by `$`; all else stays as it is.
/// Source: Kubernetes, "Define Dependent Environment Variables".
std::string expand(std::string_view text, const Environment& known);

/// The variables that tell a pod of its namespace's services: WEB_SERVICE_HOST, WEB_SERVICE_PORT, WEB_PORT_80_TCP, ...
Environment serviceEnvironment(const api::Pod& pod, const PodObjects& objects);

/// All variables of a container, later ones over earlier ones: services, envFrom in order, env in order.
/// `NotFound` and `Invalid` in Kubernetes' words: "configmap \"app\" not found", "couldn't find key port in Secret
/// default/app".
Result<Environment> containerEnvironment(const api::Pod& pod, const api::Container& container,
                                         const PodObjects& objects, const PodFacts& facts);

} // namespace keelson::pods
