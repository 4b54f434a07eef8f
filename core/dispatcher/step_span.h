// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "protocol/agent.pb.h"
#include "trace/span.h"

#include <optional>

namespace keelson::dispatcher {

/// What an agent's report says to a trace: it has come at `now`, when the step ended, so that no clock but ours counts.
/// `pod` null: the step is the node's. Empty for a step that is not known, or without a node.
std::optional<trace::Span> spanOf(const agent::v1::StepReport& report, const api::PodPtr& pod, const api::NodePtr& node,
                                  WallTime now);

} // namespace keelson::dispatcher
