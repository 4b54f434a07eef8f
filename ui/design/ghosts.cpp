// SPDX-License-Identifier: GPL-3.0-or-later
#include "design/ghosts.h"

#include "api/catalog.h"
#include "api/codec.h"
#include "api/core_v1.h"
#include "api/selector.h"
#include "api/validation.h"
#include "placement/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

namespace keelson::design {

namespace {

using placement::NodeInfo;
using placement::PodInfo;

/// The pod that the workload's template would make.
Result<api::Value> podOf(const Card& card)
{
    const auto* spec = manifests::podSpecOf(card.object.kind, card.value);
    if (!spec)
        return fail(Reason::Invalid, card.object.text() + " has no pods");
    api::Object labels;
    for (const auto& [key, value] : manifests::podLabelsOf(card.object.kind, card.value))
        labels[key] = value;
    api::Value pod = api::Object{
        {"apiVersion", "v1"},
        {"kind", "Pod"},
        {"metadata", api::Object{{"name", card.object.name}, {"namespace", card.object.nameSpace}, {"labels", labels}}},
        {"spec", *spec}};
    const auto& kind = api::kindOf<api::Pod>();
    TRY_OK(api::checkTypes(kind, pod));
    api::applyDefaults(kind, pod);
    return pod;
}

std::size_t wantedPods(const Card& card, std::size_t nodes)
{
    if (card.object.kind == "DaemonSet")
        return nodes;
    if (card.object.kind == "Job" || card.object.kind == "CronJob" || card.object.kind == "Pod")
        return 1;
    return static_cast<std::size_t>(std::max<std::int64_t>(0, api::integerAt(card.value, {"spec", "replicas"}, 1)));
}

/// Whether a pod is one that the workload has made already.
bool isOwn(const Card& card, const api::Value& pod)
{
    const auto* selector = api::find(card.value, {"spec", "selector"});
    if (!selector || !selector->is_object() || api::stringAt(pod, {"metadata", "namespace"}) != card.object.nameSpace)
        return false;
    const auto means = api::LabelSelector::fromObject(*selector);
    return means && !means->empty() && means->matches(manifests::labelsAt(pod, {"metadata", "labels"}));
}

bool hasEnded(const api::Value& pod)
{
    const auto phase = api::stringAt(pod, {"status", "phase"});
    return phase == "Succeeded" || phase == "Failed";
}

using Nodes = std::map<std::string, NodeInfo, std::less<>>;

Nodes nodesWithPods(const Card& card, const std::vector<api::Value>& nodes, const std::vector<api::Value>& pods)
{
    Nodes all;
    for (const auto& value : nodes)
        if (auto node = api::fromJson<api::Node>(value)) {
            const std::string name(api::stringAt(value, {"metadata", "name"}));
            all.emplace(name, NodeInfo(name))
                .first->second.setNode(std::make_shared<const api::Node>(*std::move(node)));
        }
    for (const auto& value : pods) {
        const auto info = all.find(api::stringAt(value, {"spec", "nodeName"}));
        if (info == all.end() || hasEnded(value) || isOwn(card, value))
            continue;
        if (auto pod = api::fromJson<api::Pod>(value))
            info->second.addPod(std::make_shared<const PodInfo>(std::make_shared<const api::Pod>(*std::move(pod))));
    }
    return all;
}

/// What each node says, the best first.
std::vector<NodeSays> ask(const placement::PodPlacement& rules, const Nodes& nodes, placement::Refusals* refusals)
{
    std::vector<NodeSays> all;
    std::vector<const NodeInfo*> fitting;
    for (const auto& [name, info] : nodes) {
        const auto verdict = rules.filter(info);
        NodeSays says{name, verdict.accepted(), 0, {}};
        for (const auto reason : verdict.reasons())
            says.reasons.emplace_back(reason);
        if (verdict.accepted())
            fitting.push_back(&info);
        else if (refusals)
            refusals->add(verdict);
        all.push_back(std::move(says));
    }
    const auto scores = rules.score(fitting);
    for (std::size_t i = 0; i < fitting.size(); ++i)
        std::ranges::find(all, fitting[i]->name(), &NodeSays::node)->score = scores[i];
    std::ranges::sort(all, {}, [](const NodeSays& one) { return std::tuple(!one.isFree, -one.score, one.node); });
    return all;
}

} // namespace

Result<GhostPlan> placeGhosts(const Card& card, const std::vector<api::Value>& nodes,
                              const std::vector<api::Value>& pods)
{
    TRY_ASSIGN(auto value, podOf(card));
    auto all = nodesWithPods(card, nodes, pods);
    const auto plugins = placement::defaultPlugins();
    GhostPlan plan;
    plan.wanted = wantedPods(card, all.size());
    std::map<std::string, std::size_t> counts;
    const bool isOneEach = card.object.kind == "DaemonSet";
    for (std::size_t i = 0; i < std::min(plan.wanted, ghostsMax); ++i) {
        auto& metadata = api::objectAt(value, {"metadata"});
        metadata["name"] = fmt::format("{}-{}", card.object.name, i);
        metadata["uid"] = fmt::format("ghost-{}", i);
        TRY_ASSIGN(auto pod, api::fromJson<api::Pod>(value));
        const auto info = std::make_shared<const PodInfo>(std::make_shared<const api::Pod>(std::move(pod)));
        placement::Refusals refusals;
        auto says = ask(placement::PodPlacement(plugins, *info), all, &refusals);
        if (isOneEach) // one on each node: those that have theirs are asked no more
            std::erase_if(says, [&](const NodeSays& one) { return counts.contains(one.node); });
        if (plan.nodes.empty())
            plan.nodes = says;
        if (says.empty() || !says.front().isFree) {
            plan.unplaced = plan.wanted - i;
            plan.refusal = refusals.text(all.size());
            break;
        }
        all.find(says.front().node)->second.addPod(info);
        ++counts[says.front().node];
    }
    for (const auto& [node, count] : counts)
        plan.placed.push_back({node, count});
    return plan;
}

} // namespace keelson::design
