// SPDX-License-Identifier: Apache-2.0
#include "placement/placement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace keelson::placement {

Plugins defaultPlugins()
{
    Plugins plugins;
    plugins.push_back(makeNodeUnschedulable());
    plugins.push_back(makeNodeName());
    plugins.push_back(makeTaintToleration());
    plugins.push_back(makeNodeAffinity());
    plugins.push_back(makeNodePorts());
    plugins.push_back(makeNodeResourcesFit());
    plugins.push_back(makeNodeResourcesBalancedAllocation());
    return plugins;
}

void Refusals::add(const Verdict& verdict)
{
    for (const auto reason : verdict.reasons()) {
        const auto found = m_counts.find(reason);
        if (found == m_counts.end())
            m_counts.emplace(reason, 1);
        else
            ++found->second;
    }
}

std::string Refusals::text(std::size_t nodes) const
{
    std::vector<std::string> parts;
    for (const auto& [reason, count] : m_counts)
        parts.push_back(fmt::format("{} {}", count, reason));
    std::ranges::sort(parts);
    if (parts.empty())
        return fmt::format("0/{} nodes are available.", nodes);
    return fmt::format("0/{} nodes are available: {}.", nodes, fmt::join(parts, ", "));
}

PodPlacement::PodPlacement(const Plugins& plugins, const PodInfo& pod)
{
    for (const auto& plugin : plugins) {
        if (auto check = plugin->prepare(pod))
            m_rules.push_back({.plugin = plugin.get(), .check = std::move(check)});
    }
}

Verdict PodPlacement::filter(const NodeInfo& info) const
{
    for (const auto& rule : m_rules) {
        if (auto verdict = rule.check->filter(info); !verdict.accepted())
            return verdict;
    }
    return Verdict::accept();
}

std::vector<Score> PodPlacement::score(std::span<const NodeInfo* const> nodes, std::vector<RuleScores>* byRule) const
{
    std::vector<Score> total(nodes.size(), 0);
    std::vector<Score> raw(nodes.size());
    for (const auto& rule : m_rules) {
        const auto weight = rule.plugin->weight();
        if (weight == 0)
            continue;
        std::ranges::transform(nodes, raw.begin(), [&](const NodeInfo* node) { return rule.check->score(*node); });
        const auto normalize = rule.plugin->normalize();
        const auto highest = normalize == Normalize::None || raw.empty() ? 0 : std::ranges::max(raw);
        for (std::size_t i = 0; i < raw.size(); ++i) {
            auto score = raw[i];
            if (normalize != Normalize::None)
                score = highest == 0 ? 0 : score * scoreMax / highest;
            if (normalize == Normalize::ByMaxReversed)
                score = scoreMax - score;
            raw[i] = score * weight;
            total[i] += raw[i];
        }
        if (byRule)
            byRule->push_back({.rule = rule.plugin->name(), .scores = raw});
    }
    return total;
}

} // namespace keelson::placement
