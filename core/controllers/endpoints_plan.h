// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "api/discovery_v1.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace keelson::controllers {

inline constexpr std::size_t endpointsPerSliceMax = 100;
inline constexpr std::size_t endpointsPerSubsetsMax =
    1000; ///< Addresses in one Endpoints object; EndpointSlices hold all.
inline constexpr std::string_view serviceNameLabel = "kubernetes.io/service-name";
inline constexpr std::string_view sliceManagerLabel = "endpointslice.kubernetes.io/managed-by";
inline constexpr std::string_view sliceManager = "endpointslice-controller.k8s.io";
inline constexpr std::string_view headlessLabel = "service.kubernetes.io/headless";

/// Whether controllers make endpoints for the service: it selects pods and is no mere name for something outside.
bool hasEndpoints(const api::Service& service);

/// The port of the pod that a service port means, or 0 when the pod has none of that name.
/// Source: Kubernetes API, `ServicePort.targetPort`.
std::int32_t targetPort(const api::Pod& pod, const api::ServicePort& port);

/// The zone of a node, or "".
using ZoneOf = std::function<std::string(const std::string& nodeName)>;

/// How the slices of a service have to change. What is right already is not touched, so nothing is written twice.
struct EndpointSlicePlan {
    std::vector<api::EndpointSlice> create;
    std::vector<api::EndpointSlice> update;
    std::vector<api::EndpointSlicePtr> remove;
};

/// Pure. `pods` are those that the service selects, `slices` those that this controller manages for it.
EndpointSlicePlan planEndpointSlices(const api::Service& service, std::span<const api::PodPtr> pods,
                                     const ZoneOf& zoneOf, std::span<const api::EndpointSlicePtr> slices);

/// Pure: the Endpoints object of the service, in one order whatever the order of the pods; metadata has name, namespace
/// and labels.
api::Endpoints planEndpoints(const api::Service& service, std::span<const api::PodPtr> pods);

} // namespace keelson::controllers
