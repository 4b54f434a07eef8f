// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/versioned_store.h"

namespace keelson::store {

/// A store that forgets everything when it ends; for tests and simulation.
class MemoryStore : public VersionedStore {
public:
    explicit MemoryStore(Revision history = historyDefault);
};

} // namespace keelson::store
