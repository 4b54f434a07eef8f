// SPDX-License-Identifier: Apache-2.0
#include "controllers/controllers.h"

#include "controllers/account_token_controller.h"
#include "controllers/api_service_controller.h"
#include "controllers/certificate_controller.h"
#include "controllers/controller.h"
#include "controllers/definition_controller.h"
#include "controllers/deployment_controller.h"
#include "controllers/endpoints_controller.h"
#include "controllers/garbage_collector.h"
#include "controllers/namespace_controllers.h"
#include "controllers/node_cidr_controller.h"
#include "controllers/node_lifecycle_controller.h"
#include "controllers/policy_status_controller.h"
#include "controllers/quota_controller.h"
#include "controllers/replica_set_controller.h"
#include "controllers/role_aggregation_controller.h"
#include "controllers/storage_protection_controller.h"
#include "controllers/token_cleaner.h"

namespace keelson::controllers {
namespace {

class AllControllers : public Controllers {
public:
    AllControllers(const ClientFor& clientFor, Loop& loop, Executor& executor, Random& random, Options options)
        : m_options(std::move(options)), m_informers(clientFor("system:kube-controller-manager"), loop)
    {
        const Context context{.clientFor = clientFor,
                              .loop = loop,
                              .executor = executor,
                              .random = random,
                              .options = m_options,
                              .informers = m_informers};
        m_controllers.push_back(makeDefinitionController(context));
        m_controllers.push_back(makeDeploymentController(context));
        m_controllers.push_back(makeReplicaSetController(context));
        m_controllers.push_back(makeEndpointSliceController(context));
        m_controllers.push_back(makeEndpointsController(context));
        m_controllers.push_back(makeServiceAccountController(context));
        m_controllers.push_back(makeNamespaceController(context));
        m_controllers.push_back(makeRoleAggregationController(context));
        m_controllers.push_back(makePolicyStatusController(context));
        m_controllers.push_back(makeTokenCleaner(context));
        m_controllers.push_back(makeClaimProtectionController(context));
        m_controllers.push_back(makeVolumeProtectionController(context));
        m_controllers.push_back(makeCertificateApprover(context));
        m_controllers.push_back(makeCertificateSigner(context));
        m_controllers.push_back(makeCertificateCleaner(context));
        if (m_options.accountToken)
            m_controllers.push_back(makeAccountTokenController(context));
        if (m_options.probeApi)
            m_controllers.push_back(makeApiServiceController(context));
        if (!m_options.rootCaPem.empty())
            m_controllers.push_back(makeRootCaController(context));
        if (!m_options.clusterCidr.empty())
            m_controllers.push_back(makeNodeCidrController(context));
        m_controllers.push_back(makeNodeLifecycleController(context));
        m_controllers.push_back(makePodGarbageController(context));
        // Last: they take the others' informers.
        m_controllers.push_back(makeQuotaController(context));
        m_controllers.push_back(makeGarbageCollector(context));
    }
    ~AllControllers() override { stop(); }

    void start() override
    {
        for (const auto& controller : m_controllers)
            controller->start();
        m_informers.start();
    }

    void stop() override
    {
        for (const auto& controller : m_controllers)
            controller->stop();
        m_informers.stop();
    }

    bool synced() const override { return m_informers.synced(); }

private:
    const Options m_options;
    client::InformerFactory m_informers;
    std::vector<std::unique_ptr<Controller>> m_controllers;
};

} // namespace

std::unique_ptr<Controllers> makeControllers(const ClientFor& clientFor, Loop& loop, Executor& executor, Random& random,
                                             Options options)
{
    return std::make_unique<AllControllers>(clientFor, loop, executor, random, std::move(options));
}

} // namespace keelson::controllers
