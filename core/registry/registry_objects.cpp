// SPDX-License-Identifier: Apache-2.0
#include "registry/registry_objects.h"

namespace keelson::registry {

StoredObjectPtr RegistryObjects::stored(std::string_view kind, const ObjectKey& key) const
{
    const auto* const found = api::Catalog::builtIn().find({"", "v1"}, kind);
    if (!found)
        return nullptr;
    auto object = m_registry.get(*found, key);
    return object ? *std::move(object) : nullptr;
}

std::optional<auth::ObjectSource::Facts> RegistryObjects::facts(std::string_view kind, const ObjectKey& key) const
{
    const auto object = stored(kind, key);
    if (!object)
        return std::nullopt;
    Facts facts{object->uid, std::nullopt};
    // Each request with a token asks: the text is read only where the word stands in it.
    if (object->json.contains("\"deletionTimestamp\"")) {
        const auto document = api::parseJson(object->json).value_or(Value{});
        if (const auto time = parseTime(api::stringAt(document, {"metadata", "deletionTimestamp"})))
            facts.deletedAt = *time;
    }
    return facts;
}

std::optional<Value> RegistryObjects::find(std::string_view kind, const ObjectKey& key) const
{
    const auto object = stored(kind, key);
    auto document = object ? api::parseJson(object->json) : fail(Reason::NotFound, "no such object");
    return document ? std::optional(*std::move(document)) : std::nullopt;
}

} // namespace keelson::registry
