// SPDX-License-Identifier: Apache-2.0
#include "scheduler/node_cache.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace keelson::scheduler {

NodeInfo& NodeCache::place(const std::string& name)
{
    auto& info = m_infos[name];
    if (!info)
        info = std::make_unique<NodeInfo>(name);
    return *info;
}

bool NodeCache::putNode(const api::NodePtr& node)
{
    auto& info = place(node->metadata.name);
    const auto before = info.node();
    info.setNode(node);
    if (!before) {
        m_nodes.push_back(&info);
        return true;
    }
    return before->metadata.labels != node->metadata.labels || before->spec.unschedulable != node->spec.unschedulable ||
           !(before->spec.taints == node->spec.taints) || before->status.allocatable != node->status.allocatable;
}

void NodeCache::removeNode(const std::string& name)
{
    const auto found = m_infos.find(name);
    if (found == m_infos.end())
        return;
    std::erase(m_nodes, found->second.get());
    if (found->second->podCount() == 0)
        m_infos.erase(found);
    else
        found->second->setNode(nullptr); // until its pods are gone too
}

void NodeCache::addPod(const PodInfoPtr& pod, const std::string& node)
{
    const auto& uid = pod->pod->metadata.uid;
    if (const auto* present = nodeOf(uid); present != nullptr && *present != node)
        removePod(uid);
    place(node).addPod(pod);
    m_podNodes[uid] = node;
}

bool NodeCache::removePod(const std::string& uid)
{
    const auto found = m_podNodes.find(uid);
    if (found == m_podNodes.end())
        return false;
    const auto info = m_infos.find(found->second);
    m_podNodes.erase(found);
    info->second->removePod(uid);
    if (!info->second->node() && info->second->podCount() == 0)
        m_infos.erase(info);
    return true;
}

const std::string* NodeCache::nodeOf(const std::string& uid) const
{
    const auto found = m_podNodes.find(uid);
    return found == m_podNodes.end() ? nullptr : &found->second;
}

std::size_t NodeSearch::enough(std::size_t nodes, int percentOfNodes)
{
    constexpr std::size_t leastNodes = 100;
    constexpr std::size_t leastPercent = 5;
    if (nodes <= leastNodes)
        return nodes;
    const auto adaptive = std::max(leastPercent, 50 - std::min<std::size_t>(50, nodes / 125));
    const auto percent = percentOfNodes > 0 ? static_cast<std::size_t>(percentOfNodes) : adaptive;
    return std::clamp(nodes * percent / 100, leastNodes, nodes);
}

namespace {

void noteRefusal(const NodeInfo& node, const placement::Verdict& verdict, Reasons& reasons)
{
    if (reasons.refused.size() == Reasons::nodesMax)
        return;
    auto& refused = reasons.refused.emplace_back(Reasons::Refused{.node = node.name(), .why = {}});
    for (const auto reason : verdict.reasons())
        refused.why.append(refused.why.empty() ? "" : ", ").append(reason);
}

void noteScores(const std::vector<const NodeInfo*>& nodes, const std::vector<placement::Score>& totals,
                const std::vector<placement::PodPlacement::RuleScores>& byRule, Reasons& reasons)
{
    std::vector<std::size_t> order(nodes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto told = std::min(order.size(), Reasons::nodesMax);
    std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(told), std::greater{},
                              [&](std::size_t index) { return totals[index]; });
    order.resize(told);
    for (const auto index : order) {
        auto& scored = reasons.scored.emplace_back(
            Reasons::Scored{.node = nodes[index]->name(), .total = totals[index], .byRule = {}});
        for (const auto& [rule, scores] : byRule)
            scored.byRule.emplace_back(rule, scores[index]);
    }
}

} // namespace

Choice NodeSearch::choose(const placement::PodInfo& pod, const NodeCache& cache, Reasons* reasons)
{
    const auto& nodes = cache.nodes();
    if (nodes.empty())
        return {.node = nullptr, .refusal = "no nodes available to schedule pods"};
    const placement::PodPlacement rules(m_plugins, pod);
    const auto wanted = enough(nodes.size(), m_percentOfNodes);
    m_fitting.clear();
    m_next %= nodes.size();
    std::size_t seen = 0;
    for (; seen < nodes.size() && m_fitting.size() < wanted; ++seen) {
        const auto* node = nodes[(m_next + seen) % nodes.size()];
        if (const auto verdict = rules.filter(*node); verdict.accepted())
            m_fitting.push_back(node);
        else if (reasons)
            noteRefusal(*node, verdict, *reasons);
    }
    m_next += seen;
    if (reasons) {
        reasons->looked = seen;
        reasons->fitting = m_fitting.size();
    }
    if (m_fitting.empty()) {
        placement::Refusals refusals; // a second look, since most searches need no words
        for (const auto* node : nodes)
            refusals.add(rules.filter(*node));
        return {.node = nullptr, .refusal = refusals.text(nodes.size())};
    }
    if (m_fitting.size() == 1)
        return {.node = m_fitting.front(), .refusal = {}};
    return {.node = m_fitting[best(rules, reasons)], .refusal = {}};
}

/// Of the nodes that fit: one of those with the highest score.
std::size_t NodeSearch::best(const placement::PodPlacement& rules, Reasons* reasons)
{
    std::vector<placement::PodPlacement::RuleScores> byRule;
    const auto scores = rules.score(m_fitting, reasons ? &byRule : nullptr);
    if (reasons)
        noteScores(m_fitting, scores, byRule, *reasons);
    std::size_t best = 0;
    std::uint64_t equals = 1;
    for (std::size_t i = 1; i < scores.size(); ++i) {
        if (scores[i] > scores[best]) {
            best = i;
            equals = 1;
        } else if (scores[i] == scores[best] && m_random.below(++equals) == 0) {
            best = i; // each of the equals is as likely
        }
    }
    return best;
}

} // namespace keelson::scheduler
