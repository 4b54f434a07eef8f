// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "scheduler/node_cache.h"
#include "trace/span.h"

namespace keelson::scheduler {

/// What a trace tells of a search for a node that began at `begin` and took `length`.
trace::Span schedulingSpan(const api::Pod& pod, const Choice& choice, const Reasons& reasons, WallTime begin,
                           Duration length);

} // namespace keelson::scheduler
