// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pods/pod_view.h"

namespace keelson::pods {

/// What the runtime shows of a pod, as its status says it. Starts from the last status: what is not the agent's
/// (PodScheduled, qosClass, nominatedNodeName) stays. Pure.
api::PodStatus statusOf(const PodView& view);

} // namespace keelson::pods
