// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/admission.h"

namespace keelson::registry {

/// A new pod gets the priority and the preemption policy of its PriorityClass, of the default class when it names none,
/// or 0; they stay on updates. One PriorityClass alone may be the default.
/// Source: Kubernetes, admission plugin Priority.
std::unique_ptr<AdmissionStep> priority(const WatchCache& cache, const api::Catalog& catalog);

/// A new pod stays for 300 s on a node that is not ready or not reachable, unless it says otherwise.
std::unique_ptr<AdmissionStep> defaultTolerationSeconds();

/// A new pod that names a RuntimeClass gets its overhead, its node selector and its tolerations; the class must exist.
/// Source: Kubernetes, admission plugin RuntimeClass.
std::unique_ptr<AdmissionStep> runtimeClass(const WatchCache& cache, const api::Catalog& catalog);

/// No pod comes to a new node before the node lifecycle controller has seen it ready.
/// Source: Kubernetes, admission plugin TaintNodesByCondition.
std::unique_ptr<AdmissionStep> taintNodesByCondition(const api::Catalog& catalog);

} // namespace keelson::registry
