// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/loop.h"
#include "registry/version_view.h"

namespace keelson::registry {

/// Tells the events of stored objects as those of one version of their kind, and of those that `fields` select alone,
/// by the values that they have in that version. With an executor, which converts what blocks, events wait for it in a
/// queue. When a conversion fails the watch ends with its error.
/// The kind lives as long as `sink`.
std::shared_ptr<WatchSink> convertingSink(const Kind& kind, api::FieldSelector fields, std::shared_ptr<WatchSink> sink,
                                          Executor* executor);

} // namespace keelson::registry
