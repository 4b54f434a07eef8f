// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "trace/trace_view.h"

namespace keelson::ui {

/// What a cluster that keeps no traces lets one tell: from the objects' metadata and managed fields, the pods'
/// conditions and containers, and the events. Times are in whole seconds. Pure. `objects`: the root first, then what it
/// controls, owners before what they own; `events`: v1 Events.
trace::TraceView derivedTrace(const std::vector<api::Value>& objects, const std::vector<api::Value>& events);

} // namespace keelson::ui
