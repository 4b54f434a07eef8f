// SPDX-License-Identifier: Apache-2.0
#include "apiserver/served_kinds.h"

#include "registry/registry.h"

namespace keelson::apiserver {

std::shared_ptr<ServedKinds> ServedKindsSource::get()
{
    auto catalog = m_registry.catalog();
    const std::scoped_lock lock(m_mutex);
    if (!m_served || m_served->catalog != catalog)
        m_served = std::make_shared<ServedKinds>(std::move(catalog));
    return m_served;
}

} // namespace keelson::apiserver
