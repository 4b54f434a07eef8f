// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.h"
#include "placement/placement.h"

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace keelson::scheduler {

using placement::NodeInfo;
using placement::PodInfoPtr;

/// All nodes with what is on them, pods that are assumed there included.
///
/// Threads: none of its own; one owner.
class NodeCache {
public:
    /// True when pods that fitted nowhere may fit now.
    bool putNode(const api::NodePtr& node);
    void removeNode(const std::string& name);
    /// Counts the pod on the node, which need not be known yet. A pod counts on one node.
    void addPod(const PodInfoPtr& pod, const std::string& node);
    /// False when it was counted nowhere.
    bool removePod(const std::string& uid);
    /// Where the pod counts, or null.
    const std::string* nodeOf(const std::string& uid) const;

    /// The nodes that are there.
    const std::vector<NodeInfo*>& nodes() const { return m_nodes; }

private:
    NodeInfo& place(const std::string& name);

    std::map<std::string, std::unique_ptr<NodeInfo>, std::less<>> m_infos;
    std::vector<NodeInfo*> m_nodes;
    std::unordered_map<std::string, std::string> m_podNodes; ///< Pod uid to node name.
};

/// Where a pod goes.
struct Choice {
    const NodeInfo* node = nullptr; ///< Null: nowhere, and
    std::string refusal;            ///< why, in words.
};

/// How a choice came about, for those who ask why: of each kind of node the first few.
struct Reasons {
    static constexpr std::size_t nodesMax = 5;
    struct Refused {
        std::string node;
        std::string why;
    };
    struct Scored {
        std::string node;
        placement::Score total = 0;
        std::vector<std::pair<std::string_view, placement::Score>> byRule; ///< Weighted; rule names are constants.
    };
    std::size_t looked = 0; ///< Nodes that were looked at,
    std::size_t fitting = 0;
    std::vector<Refused> refused;
    std::vector<Scored> scored; ///< The best first; empty when only one node fits.
};

/// Looks for the best of enough nodes, beginning where the last search ended.
class NodeSearch {
public:
    NodeSearch(placement::Plugins plugins, int percentOfNodes, Random& random)
        : m_plugins(std::move(plugins)), m_percentOfNodes(percentOfNodes), m_random(random)
    {
    }
    /// `reasons`, when given, receives why.
    Choice choose(const placement::PodInfo& pod, const NodeCache& cache, Reasons* reasons = nullptr);

    /// How many fitting nodes are enough, of `nodes`. Source: Kubernetes, percentageOfNodesToScore.
    static std::size_t enough(std::size_t nodes, int percentOfNodes);

private:
    std::size_t best(const placement::PodPlacement& rules, Reasons* reasons);

    const placement::Plugins m_plugins;
    const int m_percentOfNodes;
    Random& m_random;
    std::size_t m_next = 0;
    std::vector<const NodeInfo*> m_fitting; ///< Kept for its memory.
};

} // namespace keelson::scheduler
