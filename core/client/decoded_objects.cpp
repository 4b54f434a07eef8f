// SPDX-License-Identifier: Apache-2.0
#include "client/decoded_objects.h"

#include <algorithm>

namespace keelson::client {
namespace {

Result<CachedPtr> decodeOne(const Encoded& encoded, Decode decode)
{
    TRY_ASSIGN(auto decoded, decode(encoded));
    decoded.encoded = encoded;
    // Not in one piece with its counters: those live until the sweep.
    return CachedPtr(std::make_unique<const CachedObject>(std::move(decoded)));
}

} // namespace

std::shared_ptr<DecodedObjects::Place> DecodedObjects::place(const Key& key)
{
    const std::scoped_lock lock(m_mutex);
    if (m_places.size() >= m_sweepAt) {
        // An entry that somebody is about to fill is shared with him. The count alone does not order who filled it
        // before us: its lock, which nobody else can want now, does.
        std::erase_if(m_places, [](const auto& each) {
            if (each.second.use_count() != 1)
                return false;
            const std::scoped_lock filled(each.second->mutex);
            return each.second->object.expired();
        });
        m_sweepAt = std::max(sweepMin, m_places.size() + m_places.size() / 2);
    }
    auto& place = m_places[key];
    if (!place)
        place = std::make_shared<Place>();
    return place;
}

Result<CachedPtr> DecodedObjects::get(const Encoded& encoded, Decode decode)
{
    const auto found = place({.encoded = encoded.get(), .decode = decode});
    const std::scoped_lock lock(found->mutex);
    // What is held holds its encoding, so the address is not another text's.
    if (auto held = found->object.lock())
        return held;
    TRY_ASSIGN(auto object, decodeOne(encoded, decode));
    found->object = object;
    return object;
}

std::size_t DecodedObjects::size() const
{
    const std::scoped_lock lock(m_mutex);
    return m_places.size();
}

Result<CachedPtr> decodeOrShare(DecodedObjects* shared, const Encoded& encoded, Decode decode)
{
    return shared != nullptr ? shared->get(encoded, decode) : decodeOne(encoded, decode);
}

} // namespace keelson::client
