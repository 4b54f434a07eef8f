// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "placement/plugin.h"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace keelson::placement {

/// The rules that apply, in order. Immutable; any thread.
using Plugins = std::vector<std::unique_ptr<Plugin>>;
Plugins defaultPlugins();

/// Why nodes were refused, summed up.
class Refusals {
public:
    void add(const Verdict& verdict);
    /// "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable."; in the order of Kubernetes, by
    /// text.
    std::string text(std::size_t nodes) const;

private:
    std::map<std::string, int, std::less<>> m_counts;
};

/// All rules made ready for one pod; asked about many nodes.
class PodPlacement {
public:
    PodPlacement(const Plugins& plugins, const PodInfo& pod);

    /// The first refusal, or acceptance. `info` has a node.
    Verdict filter(const NodeInfo& info) const;
    /// What one rule gives to each node, weighted.
    struct RuleScores {
        std::string_view rule;
        std::vector<Score> scores;
    };
    /// The weighted score of each node, in their order; `byRule` receives what it is made of.
    std::vector<Score> score(std::span<const NodeInfo* const> nodes, std::vector<RuleScores>* byRule = nullptr) const;

private:
    struct Rule {
        const Plugin* plugin = nullptr;
        std::unique_ptr<PodCheck> check;
    };
    std::vector<Rule> m_rules;
};

} // namespace keelson::placement
