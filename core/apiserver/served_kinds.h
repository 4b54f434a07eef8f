// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/discovery.h"
#include "apiserver/openapi_documents.h"

#include <memory>
#include <mutex>

namespace keelson::registry {
class Registry;
}

namespace keelson::apiserver {

/// The kinds at one moment, and what the server says of them. Any thread.
struct ServedKinds {
    explicit ServedKinds(std::shared_ptr<const api::Catalog> kinds)
        : catalog(std::move(kinds)), discovery(*catalog), openApi(*catalog)
    {
    }

    const std::shared_ptr<const api::Catalog> catalog;
    const Discovery discovery;
    OpenApi openApi;
};

/// Gives the present kinds; made anew when custom kinds have changed. Each request holds on to what it got. Any thread.
class ServedKindsSource {
public:
    explicit ServedKindsSource(registry::Registry& registry) : m_registry(registry) {}
    std::shared_ptr<ServedKinds> get();

private:
    registry::Registry& m_registry;
    std::mutex m_mutex;
    std::shared_ptr<ServedKinds> m_served;
};

} // namespace keelson::apiserver
