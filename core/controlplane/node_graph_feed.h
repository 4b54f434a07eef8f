// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "auth/node_graph.h"
#include "client/informer.h"

#include <memory>

namespace keelson::controlplane {

/// Tells the node authorizer's graph of pods and volumes, by informers. Threads: as informers have it; `graph`,
/// `client` and `loop` outlive it.
class NodeGraphFeed {
public:
    NodeGraphFeed(auth::NodeGraph& graph, client::Client& client, Loop& loop);

    void start();
    void stop();

private:
    client::Informer<api::Pod> m_pods;
    std::unique_ptr<client::InformerBase> m_volumes; ///< Null: the catalog has no PersistentVolumes.
};

} // namespace keelson::controlplane
