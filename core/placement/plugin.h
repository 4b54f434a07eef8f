// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "placement/node_info.h"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace keelson::placement {

/// Whether a pod may go to a node, and if not, why: in the words of Kubernetes, without the count. The texts live as
/// long as the check and the node that were asked.
class Verdict {
public:
    static constexpr std::size_t reasonsMax = 6; ///< Of one node; further reasons are not told.

    static Verdict accept() { return {}; }
    static Verdict refuse(std::string_view reason)
    {
        Verdict verdict;
        verdict.add(reason);
        return verdict;
    }
    void add(std::string_view reason)
    {
        if (m_count < reasonsMax)
            m_reasons[m_count++] = reason;
    }
    bool accepted() const { return m_count == 0; }
    std::span<const std::string_view> reasons() const { return {m_reasons.data(), m_count}; }

private:
    std::array<std::string_view, reasonsMax> m_reasons;
    std::size_t m_count = 0;
};

/// How much a node suits: more is better, once normalized 0 to 100.
using Score = std::int64_t;
inline constexpr Score scoreMax = 100;

/// A rule, made ready for one pod. Immutable; lives no longer than the pod.
class PodCheck {
public:
    virtual ~PodCheck() = default;
    virtual Verdict filter(const NodeInfo&) const { return Verdict::accept(); }
    virtual Score score(const NodeInfo&) const { return Score{0}; }
};

/// How raw scores become 0 to 100.
enum class Normalize {
    None,         ///< They are.
    ByMax,        ///< The best node has 100.
    ByMaxReversed ///< The node with the highest raw score has 0.
};

/// A rule of placement. Immutable; any thread.
class Plugin {
public:
    virtual ~Plugin() = default;
    virtual std::string_view name() const = 0; ///< As in events and configuration: "NodeResourcesFit".
    /// Of the score, against other plugins; 0: does not score.
    virtual int weight() const { return 0; }
    virtual Normalize normalize() const { return Normalize::None; }
    /// Does the work that depends on the pod alone. Null when the rule does not concern this pod.
    virtual std::unique_ptr<PodCheck> prepare(const PodInfo& pod) const = 0;
};

/// Kubernetes' rules, in the order in which they refuse.
std::unique_ptr<Plugin> makeNodeUnschedulable();
std::unique_ptr<Plugin> makeNodeName();
std::unique_ptr<Plugin> makeTaintToleration();
std::unique_ptr<Plugin> makeNodeAffinity();
std::unique_ptr<Plugin> makeNodePorts();
/// Refuses what does not fit; prefers the least allocated node.
std::unique_ptr<Plugin> makeNodeResourcesFit();
/// Prefers nodes whose cpu and memory would be used in like shares.
std::unique_ptr<Plugin> makeNodeResourcesBalancedAllocation();

} // namespace keelson::placement
