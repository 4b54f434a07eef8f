// SPDX-License-Identifier: Apache-2.0
#include "controlplane/rbac_feed.h"

#include "base/log.h"

namespace keelson::controlplane {

class RbacFeed::Sink : public registry::WatchSink {
public:
    Sink(auth::RbacAuthorizer& authorizer, std::string kind) : m_authorizer(authorizer), m_kind(std::move(kind)) {}

    bool event(const registry::WatchEvent& event) override
    {
        using Type = client::WatchEvent::Type;
        if (!event.object)
            return true;
        if (event.type == Type::Deleted) {
            m_authorizer.remove(m_kind, event.object->key.nameSpace, event.object->key.name);
        } else if (const auto document = api::parseJson(event.object->json)) {
            m_authorizer.apply(*document);
        }
        return true;
    }

    /// The sink takes everything at once, so only the registry's own end ends it.
    void ended(const Error& error) override { log::debug("rbac", "watch of {} ended: {}", m_kind, error.message); }

private:
    auth::RbacAuthorizer& m_authorizer;
    std::string m_kind;
};

RbacFeed::RbacFeed(registry::Registry& registry, auth::RbacAuthorizer& authorizer)
    : m_registry(registry), m_authorizer(authorizer)
{
}

RbacFeed::~RbacFeed() = default;

Result<Done> RbacFeed::start()
{
    std::vector<api::Value> objects;
    std::vector<std::pair<const api::Kind*, store::Revision>> positions;
    for (const auto* const name : {"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"}) {
        const auto* const kind = api::Catalog::builtIn().find({"rbac.authorization.k8s.io", "v1"}, name);
        TRY_ASSIGN(const auto list, m_registry.list(*kind, {}));
        for (const auto& object : list.objects) {
            TRY_ASSIGN(auto document, api::parseJson(object->json));
            objects.push_back(std::move(document));
        }
        positions.emplace_back(kind, list.revision);
    }
    m_authorizer.replace(objects);
    for (const auto& [kind, revision] : positions) {
        registry::WatchOptions options;
        options.after = revision;
        TRY_ASSIGN(auto watch, m_registry.watch(*kind, options, std::make_shared<Sink>(m_authorizer, kind->kind)));
        m_watches.push_back(std::move(watch));
    }
    return Done{};
}

} // namespace keelson::controlplane
