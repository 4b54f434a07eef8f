// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/service_account_tokens.h"
#include "registry/registry.h"

namespace keelson::registry {

/// What authentication and authorization ask about objects of core/v1, answered from the watch cache. Threads: any. The
/// registry outlives it.
class RegistryObjects : public auth::ObjectSource {
public:
    explicit RegistryObjects(Registry& registry) : m_registry(registry) {}

    std::optional<Facts> facts(std::string_view kind, const ObjectKey& key) const override;
    std::optional<Value> find(std::string_view kind, const ObjectKey& key) const override;

private:
    StoredObjectPtr stored(std::string_view kind, const ObjectKey& key) const;

    Registry& m_registry;
};

} // namespace keelson::registry
