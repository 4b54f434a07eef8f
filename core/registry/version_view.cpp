// SPDX-License-Identifier: Apache-2.0
#include "registry/version_view.h"

#include "api/conversion.h"
#include "api/json_text.h"

namespace keelson::registry {

Result<StoredObjectPtr> VersionView::show(StoredObjectPtr stored) const
{
    std::vector<StoredObjectPtr> one;
    one.push_back(std::move(stored));
    TRY_ASSIGN(auto shown, showEach(std::move(one)));
    return std::move(shown.front());
}

Result<std::vector<StoredObjectPtr>> VersionView::showEach(std::vector<StoredObjectPtr> stored) const
{
    std::vector<Value> documents;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < stored.size(); ++i) {
        if (!stored[i] || (!kind().storedAs && !stored[i]->otherVersion))
            continue;
        TRY_ASSIGN(auto document, api::parseJson(api::withoutManagedFields(stored[i]->json)));
        documents.push_back(std::move(document));
        places.push_back(i);
    }
    if (documents.empty())
        return stored;
    TRY_ASSIGN(const auto converted, api::convertEach(std::move(documents), kind()));
    for (std::size_t i = 0; i < places.size(); ++i) {
        auto& object = stored[places[i]];
        auto shown = m_codec.draft(converted[i]);
        m_codec.finish(*shown, m_codec.encode(converted[i], api::managedFieldsIn(object->json)), object->revision);
        object = std::move(shown);
    }
    return stored;
}

} // namespace keelson::registry
