// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/watch_cache.h"

#include <vector>

namespace keelson::registry {

/// Of the kind's objects those in whose JSON `text` stands: admission asks for the few that are marked as defaults at
/// each write, and reads only these.
std::vector<Value> objectsWith(const WatchCache& cache, const Kind& kind, std::string_view text);

/// The object whose annotation `annotation` is "true"; of several the youngest, then the first by name. Null: none.
Value defaultObject(const WatchCache& cache, const Kind& kind, std::string_view annotation);

/// The kind's objects in the namespace.
std::vector<StoredObjectPtr> objectsIn(const WatchCache& cache, const Kind& kind, const std::string& nameSpace);

} // namespace keelson::registry
