// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/kinds.h"

namespace keelson::document {

const api::Kind* Kinds::find(const api::GroupVersion& groupVersion, std::string_view kind) const
{
    if (m_cluster)
        if (const auto* found = m_cluster->find(groupVersion, kind))
            return found;
    return builtIn(groupVersion, kind);
}

const api::Kind* Kinds::find(std::string_view apiVersion, std::string_view kind) const
{
    return find(api::GroupVersion::parse(apiVersion), kind);
}

const api::Kind* Kinds::builtIn(const api::GroupVersion& groupVersion, std::string_view kind)
{
    return api::Catalog::builtIn().find(groupVersion, kind);
}

std::vector<const api::Kind*> Kinds::all() const
{
    const auto kinds = (m_cluster ? *m_cluster : api::Catalog::builtIn()).kinds();
    return {kinds.begin(), kinds.end()};
}

} // namespace keelson::document
