// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"

#include <string>

namespace keelson::registry {

/// Why a pod may not use the secrets that it names, where its account limits its pods to the account's own (annotation
/// kubernetes.io/enforce-mountable-secrets); empty: it may. Pure. Source: Kubernetes, admission plugin ServiceAccount.
std::string unmountableSecret(const api::Pod& pod, const api::ServiceAccount& account);
/// Why a pod cannot show what a node runs by itself: it would need something of the cluster. Empty: it can.
std::string needOfMirrorPod(const api::Pod& pod);

} // namespace keelson::registry
