// SPDX-License-Identifier: Apache-2.0
#include "controllers/collected_kinds.h"

#include "api/apiextensions_v1.h"

#include <algorithm>

namespace keelson::controllers {
namespace {

using client::CachedPtr;
using client::InformerBase;

/// Events come and go in numbers, and by themselves.
bool isCollected(const api::Kind& kind)
{
    const auto has = [&](std::string_view verb) { return std::ranges::find(kind.verbs, verb) != kind.verbs.end(); };
    return has("list") && has("watch") && has("delete") && kind.kind != "Event" && !kind.repeats;
}

} // namespace

std::vector<InformerBase*> CollectedKinds::builtIn(const Context& context)
{
    std::vector<InformerBase*> informers;
    for (const auto* kind : api::Catalog::builtIn().kinds())
        if (isCollected(*kind))
            informers.push_back(&context.informers.metadataInformer(*kind));
    return informers;
}

CollectedKinds::CollectedKinds(const Context& context, client::Client& client, Changed changed)
    : m_client(client), m_loop(context.loop), m_changed(std::move(changed))
{
    for (auto* informer : builtIn(context)) {
        m_informers.emplace(informer->kind().resourceName(), informer);
        informer->onChange(
            [this, informer](const CachedPtr& before, const CachedPtr& now) { m_changed(*informer, before, now); });
    }
    auto& definitions = context.informers.metadataInformer(api::kindOf<api::CustomResourceDefinition>());
    definitions.onChange([this](const auto&, const auto&) { refresh(); });
}

void CollectedKinds::stop()
{
    const std::scoped_lock lock(m_mutex);
    m_stopped = true;
    for (const auto& [name, custom] : m_custom)
        custom.informer->stop();
}

/// On the loop, when a definition has changed: the server's kinds show that already.
void CollectedKinds::refresh()
{
    const auto catalog = m_client.catalog();
    const std::scoped_lock lock(m_mutex);
    if (m_stopped)
        return;
    for (auto custom = m_custom.begin(); custom != m_custom.end();) {
        const auto& kind = custom->second.informer->kind();
        if (catalog->findPlural(kind.groupVersion, kind.plural)) {
            ++custom;
            continue;
        }
        custom->second.informer->stop();
        m_informers.erase(custom->first);
        m_ended.push_back(std::move(custom->second));
        custom = m_custom.erase(custom);
    }
    for (const auto* kind : catalog->kinds())
        if (kind->custom && isCollected(*kind) && !m_informers.contains(kind->resourceName()))
            begin(catalog, *kind);
}

void CollectedKinds::begin(const std::shared_ptr<const api::Catalog>& catalog, const api::Kind& kind)
{
    auto informer =
        std::make_unique<InformerBase>(m_client, m_loop, kind, client::ListOptions{}, client::decodeMetadata);
    auto* const raw = informer.get();
    raw->onChange([this, raw](const CachedPtr& before, const CachedPtr& now) { m_changed(*raw, before, now); });
    m_informers.emplace(kind.resourceName(), raw);
    m_custom.emplace(kind.resourceName(), Custom{catalog, std::move(informer)});
    raw->start();
}

InformerBase* CollectedKinds::named(const std::string& resource) const
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_informers.find(resource);
    return found == m_informers.end() ? nullptr : found->second;
}

InformerBase* CollectedKinds::ofOwner(const api::OwnerReference& owner) const
{
    const auto catalog = m_client.catalog();
    const auto* kind = catalog->find(api::GroupVersion::parse(owner.apiVersion), owner.kind);
    return kind != nullptr ? named(kind->resourceName()) : nullptr;
}

std::vector<InformerBase*> CollectedKinds::all() const
{
    const std::scoped_lock lock(m_mutex);
    std::vector<InformerBase*> informers;
    informers.reserve(m_informers.size());
    for (const auto& [name, informer] : m_informers)
        informers.push_back(informer);
    return informers;
}

} // namespace keelson::controllers
