// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "podsecurity/configuration.h"
#include "registry/admission.h"

namespace keelson::registry {

/// The Pod Security Standards that the labels of namespaces ask for: pods that violate what is enforced are refused;
/// what pods and the templates of workloads violate otherwise goes into warnings and the audit log. Labels of
/// namespaces must be readable, and who tightens them learns which pods violate them already. `configuration`: what
/// holds without labels, and who is exempt. Source: Kubernetes, admission plugin PodSecurity.
std::unique_ptr<AdmissionStep> podSecurity(const WatchCache& cache, const api::Catalog& catalog,
                                           podsecurity::Configuration configuration);

} // namespace keelson::registry
