// SPDX-License-Identifier: Apache-2.0
#include "api/toleration.h"
#include "placement/plugin.h"

#include <algorithm>

namespace keelson::placement {
namespace {

class UnschedulableCheck : public PodCheck {
public:
    Verdict filter(const NodeInfo& info) const override
    {
        return info.node()->spec.unschedulable ? Verdict::refuse("node(s) were unschedulable") : Verdict::accept();
    }
};

class NodeUnschedulable : public Plugin {
public:
    std::string_view name() const override { return "NodeUnschedulable"; }
    std::unique_ptr<PodCheck> prepare(const PodInfo& info) const override
    {
        api::Taint taint;
        taint.key = "node.kubernetes.io/unschedulable";
        taint.effect = "NoSchedule";
        if (api::findToleration(info.pod->spec.tolerations, taint) != nullptr)
            return nullptr;
        return std::make_unique<UnschedulableCheck>();
    }
};

class NodeNameCheck : public PodCheck {
public:
    explicit NodeNameCheck(std::string name) : m_name(std::move(name)) {}
    Verdict filter(const NodeInfo& info) const override
    {
        return info.name() == m_name ? Verdict::accept()
                                     : Verdict::refuse("node(s) didn't match the requested node name");
    }

private:
    std::string m_name;
};

class NodeName : public Plugin {
public:
    std::string_view name() const override { return "NodeName"; }
    std::unique_ptr<PodCheck> prepare(const PodInfo& info) const override
    {
        if (info.pod->spec.nodeName.empty())
            return nullptr;
        return std::make_unique<NodeNameCheck>(info.pod->spec.nodeName);
    }
};

class NodePortsCheck : public PodCheck {
public:
    explicit NodePortsCheck(std::vector<HostPort> ports) : m_ports(std::move(ports)) {}
    Verdict filter(const NodeInfo& info) const override
    {
        const bool taken = std::ranges::any_of(m_ports, [&](const HostPort& port) {
            return std::ranges::any_of(info.ports(), [&](const HostPort& other) { return port.collides(other); });
        });
        return taken ? Verdict::refuse("node(s) didn't have free ports for the requested pod ports")
                     : Verdict::accept();
    }

private:
    std::vector<HostPort> m_ports;
};

class NodePorts : public Plugin {
public:
    std::string_view name() const override { return "NodePorts"; }
    std::unique_ptr<PodCheck> prepare(const PodInfo& info) const override
    {
        return info.ports.empty() ? nullptr : std::make_unique<NodePortsCheck>(info.ports);
    }
};

class TaintTolerationCheck : public PodCheck {
public:
    explicit TaintTolerationCheck(const api::Pod& pod) : m_tolerations(pod.spec.tolerations) {}
    Verdict filter(const NodeInfo& info) const override
    {
        for (const auto& hard : info.hardTaints()) {
            if (api::findToleration(m_tolerations, hard.taint) == nullptr)
                return Verdict::refuse(hard.refusal);
        }
        return Verdict::accept();
    }
    /// How many soft taints the pod does not bear.
    Score score(const NodeInfo& info) const override
    {
        return std::ranges::count_if(info.softTaints(), [this](const api::Taint& taint) {
            return api::findToleration(m_tolerations, taint) == nullptr;
        });
    }

private:
    std::vector<api::Toleration> m_tolerations;
};

class TaintToleration : public Plugin {
public:
    std::string_view name() const override { return "TaintToleration"; }
    int weight() const override { return 3; }
    Normalize normalize() const override { return Normalize::ByMaxReversed; }
    std::unique_ptr<PodCheck> prepare(const PodInfo& info) const override
    {
        return std::make_unique<TaintTolerationCheck>(*info.pod);
    }
};

} // namespace

std::unique_ptr<Plugin> makeNodeUnschedulable()
{
    return std::make_unique<NodeUnschedulable>();
}

std::unique_ptr<Plugin> makeNodeName()
{
    return std::make_unique<NodeName>();
}

std::unique_ptr<Plugin> makeNodePorts()
{
    return std::make_unique<NodePorts>();
}

std::unique_ptr<Plugin> makeTaintToleration()
{
    return std::make_unique<TaintToleration>();
}

} // namespace keelson::placement
