// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "client/cached_object.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace keelson::client {

/// What the informers of one process have decoded and still hold: several of them over one server decode an object once
/// and share one copy. Holds nothing itself.
///
/// Threads: any. Who asks for an object that another thread is decoding waits for that.
class DecodedObjects {
public:
    /// The object that somebody holds, decoded in the same way from the same encoding; else decodes it.
    Result<CachedPtr> get(const Encoded& encoded, Decode decode);

    /// Entries, those of objects that nobody holds any more included; for tests.
    std::size_t size() const;

private:
    struct Place {
        std::mutex mutex;
        std::weak_ptr<const CachedObject> object;
    };
    struct Key {
        const std::string* encoded;
        Decode decode;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const
        {
            constexpr std::size_t spread = 31;
            return std::hash<const void*>{}(key.encoded) * spread + std::hash<Decode>{}(key.decode);
        }
    };
    std::shared_ptr<Place> place(const Key& key);

    static constexpr std::size_t sweepMin = 1024;

    mutable std::mutex m_mutex;
    std::unordered_map<Key, std::shared_ptr<Place>, KeyHash> m_places;
    std::size_t m_sweepAt = sweepMin; ///< Entries at which the dead ones are looked for.
};

/// Decodes, or takes from `shared` when it is not null.
Result<CachedPtr> decodeOrShare(DecodedObjects* shared, const Encoded& encoded, Decode decode);

} // namespace keelson::client
