// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/value.h"
#include "base/result.h"
#include "design/card.h"

#include <string>
#include <vector>

namespace keelson::design {

/// More pods than this are not placed one by one.
inline constexpr std::size_t ghostsMax = 100;

/// What one node would say to one more pod of a workload.
struct NodeSays {
    std::string node;
    bool isFree = false;
    std::int64_t score = 0;           ///< Among the nodes that are free; more is better.
    std::vector<std::string> reasons; ///< Why not, in the scheduler's words.
};

/// Where the pods of a workload would go now.
struct GhostPlan {
    struct Group {
        std::string node;
        std::size_t pods = 0;
    };
    std::size_t wanted = 0;    ///< Pods that the manifest asks for.
    std::vector<Group> placed; ///< By node, in the order of their names.
    std::size_t unplaced = 0;
    std::string refusal;         ///< Why the first of those fits nowhere.
    std::vector<NodeSays> nodes; ///< To the first pod, the best first.
};

/// Places the pods of a workload one after the other by the scheduler's own rules, on the nodes as they are with the
/// pods that run there. Pods that the workload has already (those that its selector means) do not count. Of equal nodes
/// the first by name is taken, where the scheduler draws lots. Pure. `Invalid`: the card has no pods, or its template
/// cannot be read.
Result<GhostPlan> placeGhosts(const Card& card, const std::vector<api::Value>& nodes,
                              const std::vector<api::Value>& pods);

} // namespace keelson::design
