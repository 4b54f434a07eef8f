// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "placement/resources.h"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace keelson::placement {

/// A port that a pod takes on its node.
struct HostPort {
    std::string address; ///< "0.0.0.0": all.
    std::string protocol;
    std::int32_t port = 0;

    /// Whether both cannot be on one node.
    bool collides(const HostPort& other) const;
    bool operator==(const HostPort&) const = default;
};

/// What placement needs to know of a pod, worked out once. Immutable.
struct PodInfo {
    explicit PodInfo(api::PodPtr pod);

    api::PodPtr pod;
    PodRequests requests;
    std::vector<HostPort> ports;
};
using PodInfoPtr = std::shared_ptr<const PodInfo>;

/// A taint that keeps pods away (NoSchedule, NoExecute), with the words of the refusal.
struct HardTaint {
    api::Taint taint;
    std::string refusal; ///< "node(s) had untolerated taint {key: value}"
};

/// A node and what its pods take of it, kept up to date by differences.
///
/// Threads: none of its own; one owner changes it, others read it while nobody does.
class NodeInfo {
public:
    explicit NodeInfo(std::string name) : m_name(std::move(name)) {}

    /// The node as it is now. Null: pods name it, but it is not there.
    void setNode(api::NodePtr node);
    /// A pod that is here already is replaced.
    void addPod(const PodInfoPtr& pod);
    /// False when the pod was not here.
    bool removePod(std::string_view uid);

    const std::string& name() const { return m_name; }
    const api::NodePtr& node() const { return m_node; }
    const std::vector<HardTaint>& hardTaints() const { return m_hardTaints; }
    const std::vector<api::Taint>& softTaints() const { return m_softTaints; } ///< PreferNoSchedule.
    const Resources& allocatable() const { return m_allocatable; }
    std::int64_t podsMax() const { return m_podsMax; }
    const Resources& requested() const { return m_requested; }
    std::int64_t scoredMilliCpu() const { return m_scoredMilliCpu; }
    std::int64_t scoredMemoryBytes() const { return m_scoredMemoryBytes; }
    const std::vector<HostPort>& ports() const { return m_ports; }
    std::size_t podCount() const { return m_pods.size(); }
    const std::unordered_map<std::string, PodInfoPtr>& pods() const { return m_pods; } ///< By uid.

private:
    std::string m_name;
    api::NodePtr m_node;
    std::vector<HardTaint> m_hardTaints;
    std::vector<api::Taint> m_softTaints;
    Resources m_allocatable;
    std::int64_t m_podsMax = 0;
    Resources m_requested;
    std::int64_t m_scoredMilliCpu = 0;
    std::int64_t m_scoredMemoryBytes = 0;
    std::vector<HostPort> m_ports;
    std::unordered_map<std::string, PodInfoPtr> m_pods;
};

} // namespace keelson::placement
