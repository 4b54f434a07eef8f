// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/field_path.h"

#include <string_view>

namespace keelson::api {

class Refusals;

/// Names of resources (cpu, memory, example.org/gpu), by what they may stand for.
/// Source: Kubernetes, "Resource Management for Pods and Containers", "Resource Quotas".

/// A name without a domain that the API knows, or one with a domain: of limits, quotas and capacities.
void checkResourceName(std::string_view name, const FieldPath& path, Refusals& refusals);
/// The same, and one that containers can ask for.
void checkContainerResourceName(std::string_view name, const FieldPath& path, Refusals& refusals);
/// One that a ResourceQuota can limit.
void checkQuotaResourceName(std::string_view name, const FieldPath& path, Refusals& refusals);

/// "hugepages-2Mi"
bool isHugePages(std::string_view name);
/// "example.org/gpu": not Kubernetes' own.
bool isExtendedResource(std::string_view name);
/// Whether a limit may be above the request: not so for what cannot be shared.
bool isOvercommitAllowed(std::string_view name);

} // namespace keelson::api
