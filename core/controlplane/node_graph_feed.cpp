// SPDX-License-Identifier: Apache-2.0
#include "controlplane/node_graph_feed.h"

#include "api/catalog.h"

#include <optional>

namespace keelson::controlplane {
namespace {

/// Of a PersistentVolume, what the graph needs.
struct VolumeBinding {
    api::ObjectMeta metadata;
    std::optional<api::ObjectKey> claim;
};

Result<client::CachedObject> decodeBinding(const client::Encoded& encoded)
{
    TRY_ASSIGN(const auto document, api::parseJson(*encoded));
    VolumeBinding binding;
    if (const auto* const metadata = api::find(document, {"metadata"})) {
        TRY_ASSIGN(binding.metadata, api::fromJson<api::ObjectMeta>(*metadata));
    }
    if (const auto name = api::stringAt(document, {"spec", "claimRef", "name"}); !name.empty())
        binding.claim =
            api::ObjectKey{std::string(api::stringAt(document, {"spec", "claimRef", "namespace"})), std::string(name)};
    return client::cachedFrom(std::move(binding));
}

} // namespace

NodeGraphFeed::NodeGraphFeed(auth::NodeGraph& graph, client::Client& client, Loop& loop) : m_pods(client, loop)
{
    m_pods.onChange([&graph](const auto& before, const auto& now) {
        if (now)
            graph.setPod(*now);
        else
            graph.removePod({before->metadata.namespace_, before->metadata.name});
    });
    const auto* const volumes = api::Catalog::builtIn().find({"", "v1"}, "PersistentVolume");
    if (!volumes)
        return;
    m_volumes = std::make_unique<client::InformerBase>(client, loop, *volumes, client::ListOptions{}, decodeBinding);
    m_volumes->onChange([&graph](const client::CachedPtr& before, const client::CachedPtr& now) {
        graph.setVolume((now ? now : before)->key.name,
                        now ? std::static_pointer_cast<const VolumeBinding>(now->object)->claim : std::nullopt);
    });
}

void NodeGraphFeed::start()
{
    m_pods.start();
    if (m_volumes)
        m_volumes->start();
}

void NodeGraphFeed::stop()
{
    m_pods.stop();
    if (m_volumes)
        m_volumes->stop();
}

} // namespace keelson::controlplane
