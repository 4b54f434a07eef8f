// SPDX-License-Identifier: Apache-2.0
#include "controllers/role_aggregation_controller.h"

#include "api/selector.h"
#include "client/typed.h"

#include <algorithm>

namespace keelson::controllers {
namespace {

class RoleAggregationController : public KeyedController {
public:
    explicit RoleAggregationController(const Context& context)
        : KeyedController(context, "clusterrole-aggregation", {&context.informers.informer<api::ClusterRole>()}),
          m_client(context.clientOf("clusterrole-aggregation-controller")),
          m_roles(context.informers.informer<api::ClusterRole>())
    {
        // Any role may belong to any that aggregates; there are few of these.
        m_roles.onChange([this](const auto&, const auto& now) {
            if (now && now->aggregationRule)
                m_runner.add(keyOf(*now));
            for (const auto& role : m_roles.all()) {
                if (role->aggregationRule)
                    m_runner.add(keyOf(*role));
            }
        });
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto role = m_roles.find(key);
        if (!role || !role->aggregationRule)
            return Done{};
        auto wanted = *role;
        wanted.rules = aggregatedRules(*role, m_roles.all());
        if (wanted.rules == role->rules)
            return Done{};
        TRY_ASSIGN(const auto written, m_client.update(m_roles.kind(), toJson(wanted)));
        pass.wrote(m_roles, written);
        return Done{};
    }

private:
    client::Client& m_client;
    client::Informer<api::ClusterRole>& m_roles;
};

} // namespace

std::vector<api::PolicyRule> aggregatedRules(const api::ClusterRole& role, std::span<const api::ClusterRolePtr> roles)
{
    std::vector<api::LabelSelector> selectors;
    for (const auto& each : role.aggregationRule->clusterRoleSelectors) {
        if (auto selector = api::LabelSelector::fromObject(toJson(each)))
            selectors.push_back(*std::move(selector));
    }
    std::vector<api::ClusterRolePtr> selected;
    for (const auto& other : roles) {
        if (other->metadata.name != role.metadata.name &&
            std::ranges::any_of(selectors, [&](const auto& each) { return each.matches(other->metadata.labels); }))
            selected.push_back(other);
    }
    std::ranges::sort(selected, {}, [](const auto& other) { return other->metadata.name; });
    std::vector<api::PolicyRule> rules;
    for (const auto& other : selected) {
        for (const auto& rule : other->rules) {
            if (std::ranges::find(rules, rule) == rules.end())
                rules.push_back(rule);
        }
    }
    return rules;
}

std::unique_ptr<Controller> makeRoleAggregationController(const Context& context)
{
    return std::make_unique<RoleAggregationController>(context);
}

} // namespace keelson::controllers
