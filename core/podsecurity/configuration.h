// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "base/result.h"
#include "podsecurity/policy.h"

#include <set>
#include <string>

namespace keelson::podsecurity {

/// What an administrator says of all namespaces. Source: Kubernetes, "Configure the Admission Controller" of Pod
/// Security Admission.
struct Configuration {
    NamespacePolicies defaults; ///< Where the labels of a namespace say nothing.
    /// Whose pods, and pods of which runtime classes and namespaces, are not judged.
    std::set<std::string> exemptUsers;
    std::set<std::string> exemptRuntimeClasses;
    std::set<std::string> exemptNamespaces;
};

/// Reads a PodSecurityConfiguration of pod-security.admission.config.k8s.io/v1. `Invalid` names the first member that
/// is wrong, unknown or there twice.
Result<Configuration> readConfiguration(const api::Value& document);

} // namespace keelson::podsecurity
