// SPDX-License-Identifier: Apache-2.0
#include "controllers/policy_status_controller.h"

#include "client/typed.h"
#include "policies/type_check.h"

namespace keelson::controllers {
namespace {

class PolicyStatusController : public KeyedController {
public:
    explicit PolicyStatusController(const Context& context)
        : KeyedController(context, "validatingadmissionpolicy-status",
                          {&context.informers.informer<api::ValidatingAdmissionPolicy>()}),
          m_client(context.clientOf("validatingadmissionpolicy-status-controller")),
          m_policies(context.informers.informer<api::ValidatingAdmissionPolicy>())
    {
        m_policies.onChange([this](const auto&, const auto& now) {
            if (now)
                m_runner.add(keyOf(*now));
        });
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto policy = m_policies.find(key);
        if (!policy ||
            (policy->status.typeChecking && policy->status.observedGeneration == policy->metadata.generation))
            return Done{};
        auto status = policy->status;
        status.observedGeneration = policy->metadata.generation;
        status.typeChecking = api::TypeChecking{policies::typeWarnings(*policy, *m_client.catalog())};
        TRY_ASSIGN(const auto written, m_client.update(m_policies.kind(), statusDocument(*policy, status), "status"));
        pass.wrote(m_policies, written);
        return Done{};
    }

private:
    client::Client& m_client;
    client::Informer<api::ValidatingAdmissionPolicy>& m_policies;
};

} // namespace

std::unique_ptr<Controller> makePolicyStatusController(const Context& context)
{
    return std::make_unique<PolicyStatusController>(context);
}

} // namespace keelson::controllers
