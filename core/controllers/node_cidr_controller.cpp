// SPDX-License-Identifier: Apache-2.0
#include "controllers/node_cidr_controller.h"

#include "api/core_v1.h"
#include "client/typed.h"
#include "controllers/cidr_pool.h"

#include <map>
#include <mutex>

namespace keelson::controllers {
namespace {

class NodeCidrController : public KeyedController {
public:
    explicit NodeCidrController(const Context& context)
        : KeyedController(context, "node-cidr", {&context.informers.informer<api::Node>()}),
          m_client(context.clientOf("node-controller")),
          m_nodes(context.informers.informer<api::Node>()),
          m_pool(context.options.clusterCidr, context.options.nodeMaskSize)
    {
        m_nodes.onChange([this](const auto& before, const auto& now) {
            note(before, now);
            m_runner.add(keyOf(now ? *now : *before));
        });
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto node = m_nodes.find(key);
        if (!node)
            forget(key.name); // a pass that began before may have taken one
        if (!node || !node->spec.podCIDR.empty())
            return Done{};
        TRY_ASSIGN(const auto range, take(key.name));
        const Value patch =
            api::Object{{"metadata", api::Object{{"resourceVersion", node->metadata.resourceVersion}}},
                        {"spec", api::Object{{"podCIDR", range}, {"podCIDRs", api::Array{Value(range)}}}}};
        TRY_ASSIGN(const auto written, client::mergePatch<api::Node>(m_client, key, patch));
        pass.wrote(m_nodes, written);
        return Done{};
    }

private:
    /// A change that the informer shows: whose range it shows, that node needs no longer hold what it was given.
    void note(const client::Informer<api::Node>::Ptr& before, const client::Informer<api::Node>::Ptr& now)
    {
        const std::scoped_lock lock(m_mutex);
        if (now)
            m_pool.use(now->spec.podCIDR);
        if (before)
            m_pool.release(before->spec.podCIDR);
        if (!now || !now->spec.podCIDR.empty())
            forgetLocked((now ? now : before)->metadata.name);
    }

    void forget(const std::string& node)
    {
        const std::scoped_lock lock(m_mutex);
        forgetLocked(node);
    }

    void forgetLocked(const std::string& node)
    {
        const auto given = m_given.find(node);
        if (given == m_given.end())
            return;
        m_pool.release(given->second);
        m_given.erase(given);
    }

    /// The first range that no other node has.
    Result<std::string> take(const std::string& node)
    {
        const std::scoped_lock lock(m_mutex);
        if (const auto given = m_given.find(node); given != m_given.end())
            return given->second;
        TRY_ASSIGN(auto range, m_pool.take());
        m_given.emplace(node, range);
        return range;
    }

    client::Client& m_client;
    client::Informer<api::Node>& m_nodes;
    std::mutex m_mutex;                         ///< Of the next: workers take ranges for several nodes at once.
    CidrPool m_pool;                            ///< With what the informer shows, and what was given.
    std::map<std::string, std::string> m_given; ///< By node name: what the informer does not show yet.
};

} // namespace

std::unique_ptr<Controller> makeNodeCidrController(const Context& context)
{
    return std::make_unique<NodeCidrController>(context);
}

} // namespace keelson::controllers
