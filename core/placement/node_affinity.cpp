// SPDX-License-Identifier: Apache-2.0
#include "placement/plugin.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace keelson::placement {
namespace {

std::optional<std::int64_t> integerFrom(std::string_view text)
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

/// `value` is null when the node has no such label.
bool matches(const api::NodeSelectorRequirement& requirement, const std::string* value)
{
    const auto listed = [&] { return std::ranges::find(requirement.values, *value) != requirement.values.end(); };
    if (requirement.operator_ == "In")
        return value != nullptr && listed();
    if (requirement.operator_ == "NotIn")
        return value == nullptr || !listed();
    if (requirement.operator_ == "Exists")
        return value != nullptr;
    if (requirement.operator_ == "DoesNotExist")
        return value == nullptr;
    if (value == nullptr || requirement.values.size() != 1)
        return false;
    const auto have = integerFrom(*value);
    const auto bound = integerFrom(requirement.values.front());
    if (!have || !bound)
        return false;
    return requirement.operator_ == "Gt" ? *have > *bound : requirement.operator_ == "Lt" && *have < *bound;
}

/// All requirements of the term hold; a term without any matches no node.
bool matches(const api::NodeSelectorTerm& term, const api::Node& node)
{
    if (term.matchExpressions.empty() && term.matchFields.empty())
        return false;
    const auto& labels = node.metadata.labels;
    return std::ranges::all_of(term.matchExpressions,
                               [&](const auto& requirement) {
                                   const auto label = labels.find(requirement.key);
                                   return matches(requirement, label == labels.end() ? nullptr : &label->second);
                               }) &&
           std::ranges::all_of(term.matchFields, [&](const auto& requirement) {
               return requirement.key == "metadata.name" && matches(requirement, &node.metadata.name);
           });
}

class AffinityCheck : public PodCheck {
public:
    explicit AffinityCheck(api::PodPtr pod) : m_pod(std::move(pod))
    {
        if (m_pod->spec.affinity && m_pod->spec.affinity->nodeAffinity)
            m_affinity = &*m_pod->spec.affinity->nodeAffinity;
    }

    Verdict filter(const NodeInfo& info) const override
    {
        const auto& node = *info.node();
        const bool selected = std::ranges::all_of(m_pod->spec.nodeSelector, [&](const auto& wanted) {
            const auto label = node.metadata.labels.find(wanted.first);
            return label != node.metadata.labels.end() && label->second == wanted.second;
        });
        if (selected && (m_affinity == nullptr || !m_affinity->requiredDuringSchedulingIgnoredDuringExecution ||
                         anyTerm(m_affinity->requiredDuringSchedulingIgnoredDuringExecution->nodeSelectorTerms, node)))
            return Verdict::accept();
        return Verdict::refuse("node(s) didn't match Pod's node affinity/selector");
    }

    Score score(const NodeInfo& info) const override
    {
        if (m_affinity == nullptr)
            return 0;
        Score sum = 0;
        for (const auto& term : m_affinity->preferredDuringSchedulingIgnoredDuringExecution) {
            if (matches(term.preference, *info.node()))
                sum += term.weight;
        }
        return sum;
    }

private:
    static bool anyTerm(const std::vector<api::NodeSelectorTerm>& terms, const api::Node& node)
    {
        return std::ranges::any_of(terms, [&](const auto& term) { return matches(term, node); });
    }

    api::PodPtr m_pod;
    const api::NodeAffinity* m_affinity = nullptr;
};

class NodeAffinity : public Plugin {
public:
    std::string_view name() const override { return "NodeAffinity"; }
    int weight() const override { return 2; }
    Normalize normalize() const override { return Normalize::ByMax; }
    std::unique_ptr<PodCheck> prepare(const PodInfo& info) const override
    {
        const auto& spec = info.pod->spec;
        if (spec.nodeSelector.empty() && !(spec.affinity && spec.affinity->nodeAffinity))
            return nullptr;
        return std::make_unique<AffinityCheck>(info.pod);
    }
};

} // namespace

std::unique_ptr<Plugin> makeNodeAffinity()
{
    return std::make_unique<NodeAffinity>();
}

} // namespace keelson::placement
