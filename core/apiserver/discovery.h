// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/catalog.h"
#include "apiserver/http_message.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace keelson::apiserver {

/// What the server serves, as clients ask for it: the aggregated documents and the older lists. Made once; any thread.
class Discovery {
public:
    explicit Discovery(const api::Catalog& catalog);

    /// The answer for /api, /apis, /apis/GROUP, /api/v1, /apis/GROUP/VERSION; empty for any other path. `host`: the
    /// header Host.
    std::optional<Response> respond(const Request& request) const;

    struct Subresource {
        std::string name;
        api::GroupVersion groupVersion;
        std::string kind;
        std::vector<std::string> verbs;
    };
    struct Resource {
        std::string plural;
        std::string singular;
        std::string kind;
        bool namespaced = true;
        std::vector<std::string> verbs;
        std::vector<std::string> shortNames;
        std::vector<std::string> categories;
        std::vector<Subresource> subresources;
        api::GroupVersion storedVersion; ///< Of what is stored.
    };
    const Resource* find(const api::GroupVersion& groupVersion, std::string_view plural) const;
    /// In discovery order.
    const std::vector<std::pair<api::GroupVersion, std::vector<Resource>>>& groups() const { return m_groups; }

private:
    void sortGroups();
    std::vector<api::GroupVersion> versionsOf(std::string_view group) const;
    std::vector<std::string> groupNames() const;
    api::Value aggregated(bool core, std::string_view version) const;
    api::Value groupDocument(const std::string& group) const;
    api::Value resourceList(const api::GroupVersion& groupVersion) const;

    std::vector<std::pair<api::GroupVersion, std::vector<Resource>>> m_groups;
    std::map<std::string, std::string> m_texts; ///< By path, and by path and version for the aggregated form.
};

} // namespace keelson::apiserver
