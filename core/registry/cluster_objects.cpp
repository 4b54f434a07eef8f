// SPDX-License-Identifier: Apache-2.0
#include "registry/cluster_objects.h"

#include <algorithm>

namespace keelson::registry {

std::vector<Value> objectsWith(const WatchCache& cache, const Kind& kind, std::string_view text)
{
    std::vector<Value> found;
    cache.of(kind)->snapshot().objects.visit(nullptr, [&](const StoredObjectPtr& object) {
        if (object->json.contains(text))
            found.push_back(api::parseJson(object->json).value_or(Value{}));
        return true;
    });
    return found;
}

Value defaultObject(const WatchCache& cache, const Kind& kind, std::string_view annotation)
{
    Value chosen;
    for (auto& object : objectsWith(cache, kind, annotation)) {
        const auto createdAt = [](const Value& each) { return api::stringAt(each, {"metadata", "creationTimestamp"}); };
        if (api::stringAt(object, {"metadata", "annotations", annotation}) == "true" &&
            (chosen.is_null() || createdAt(object) > createdAt(chosen))) // they come by name; times sort as text
            chosen = std::move(object);
    }
    return chosen;
}

std::vector<StoredObjectPtr> objectsIn(const WatchCache& cache, const Kind& kind, const std::string& nameSpace)
{
    std::vector<StoredObjectPtr> found;
    const ObjectKey before{nameSpace, {}};
    cache.of(kind)->snapshot().objects.visit(&before, [&](const StoredObjectPtr& object) {
        if (object->key.nameSpace != nameSpace)
            return false;
        found.push_back(object);
        return true;
    });
    return found;
}

} // namespace keelson::registry
