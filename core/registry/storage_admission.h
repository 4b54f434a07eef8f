// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/admission.h"

namespace keelson::registry {

/// A new claim that names no StorageClass gets the one that is annotated as the default, the youngest of several.
/// Source: Kubernetes, admission plugin DefaultStorageClass.
std::unique_ptr<AdmissionStep> defaultStorageClass(const WatchCache& cache, const api::Catalog& catalog);

/// New claims and volumes get the finalizer that keeps them while they are used; a controller takes it away.
/// Source: Kubernetes, admission plugin StorageObjectInUseProtection.
std::unique_ptr<AdmissionStep> storageInUseProtection(const api::Catalog& catalog);

/// A claim that asks for more than before must be bound, and its StorageClass allow it. Source: Kubernetes, admission
/// plugin PersistentVolumeClaimResize.
std::unique_ptr<AdmissionStep> claimResize(const WatchCache& cache, const api::Catalog& catalog);

/// A new Ingress that names no class gets the IngressClass that is annotated as the default, the youngest of several.
/// Source: Kubernetes, admission plugin DefaultIngressClass.
std::unique_ptr<AdmissionStep> defaultIngressClass(const WatchCache& cache, const api::Catalog& catalog);

} // namespace keelson::registry
