// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/meta_v1.h"
#include "client/client.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace keelson::client {

/// An object as the copies of informers keep it. Immutable.
struct CachedObject {
    ObjectKey key;
    std::string uid;
    std::uint64_t revision = 0;
    bool deleting = false;              ///< metadata.deletionTimestamp is set.
    std::vector<std::string> ownerUids; ///< Of metadata.ownerReferences.
    std::shared_ptr<const void> object; ///< The typed object.
    /// Its metadata; empty when `decodeMetadata` found neither owners nor finalizers nor a deletion in it.
    std::shared_ptr<const api::ObjectMeta> meta;
    Encoded encoded; ///< What it was read from; shared with the server.
};
using CachedPtr = std::shared_ptr<const CachedObject>;

/// Makes the typed object; fills everything but `encoded`.
using Decode = Result<CachedObject> (*)(const Encoded&);

} // namespace keelson::client
