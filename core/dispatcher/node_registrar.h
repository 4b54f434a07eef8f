// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "client/client.h"

#include <string>

namespace keelson::dispatcher {

inline constexpr std::string_view leaseNamespace = "kube-node-lease";
inline constexpr int leaseDurationSeconds = 40;

/// Makes the node's object, or brings the labels and annotations that are the agent's into the one that is there; what
/// users have set stays. Then its status. Blocks. Gives the stored node.
Result<api::Value> registerNode(client::Client& client, api::Value node);

/// Renews the node's lease in kube-node-lease; makes it when it is missing. Blocks.
Result<Done> renewLease(client::Client& client, const std::string& node, const std::string& nodeUid, WallTime now);

} // namespace keelson::dispatcher
