// SPDX-License-Identifier: Apache-2.0
#include "controllers/quota_controller.h"

#include "api/core_v1.h"
#include "client/typed.h"
#include "controllers/collected_kinds.h"
#include "quota/object_counts.h"

namespace keelson::controllers {
namespace {

using client::CachedPtr;
using client::InformerBase;

/// The typed ones are asked for first: `metadataInformer` then gives the same.
std::vector<InformerBase*> informersOf(const Context& context)
{
    context.informers.informer<api::ResourceQuota>();
    context.informers.informer<api::Pod>();
    context.informers.informer<api::Service>();
    context.informers.informer<api::PersistentVolumeClaim>();
    return CollectedKinds::builtIn(context);
}

class QuotaController : public KeyedController {
public:
    explicit QuotaController(const Context& context)
        : KeyedController(context, "resourcequota", informersOf(context)),
          m_client(context.clientOf("resourcequota-controller")),
          m_quotas(context.informers.informer<api::ResourceQuota>()),
          m_pods(context.informers.informer<api::Pod>()),
          m_services(context.informers.informer<api::Service>()),
          m_claims(context.informers.informer<api::PersistentVolumeClaim>()),
          m_kinds(context, m_client, [this](InformerBase& informer, const CachedPtr& before, const CachedPtr& now) {
              if (informer.kind().namespaced && (!before || !now || quota::hasAmounts(informer.kind())))
                  countAnew(informer.kind(), (now ? now : before)->key.nameSpace);
          })
    {
        m_quotas.onChange([this](const auto&, const auto& now) {
            if (now)
                m_runner.add(keyOf(*now));
        });
    }

    void stop() override
    {
        KeyedController::stop();
        m_kinds.stop();
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto quota = m_quotas.find(key);
        if (!quota)
            return Done{};
        api::ResourceQuotaStatus status;
        status.hard = quota->spec.hard;
        status.used = usedOf(quota->spec, key.nameSpace);
        if (status == quota->status)
            return Done{};
        TRY_ASSIGN(const auto written, m_client.update(m_quotas.kind(), statusDocument(*quota, status), "status"));
        pass.wrote(m_quotas, written);
        return Done{};
    }

private:
    void countAnew(const api::Kind& kind, const std::string& nameSpace)
    {
        for (const auto& quota : m_quotas.inNamespace(nameSpace)) {
            if (quota::concerns(quota->spec.hard, kind))
                m_runner.add(keyOf(*quota));
        }
    }

    quota::Amounts usedOf(const api::ResourceQuotaSpec& spec, const std::string& nameSpace) const
    {
        quota::Amounts used;
        for (const auto& [resource, amount] : spec.hard)
            used[resource] = {};
        const auto count = [&](const auto& informer) {
            for (const auto& object : informer.inNamespace(nameSpace))
                quota::add(used, quota::shareOf(spec, quota::countedOf(*object)));
        };
        for (const auto* informer : m_kinds.all()) {
            const auto& kind = informer->kind();
            if (!kind.namespaced || !quota::concerns(spec.hard, kind))
                continue;
            if (kind.kind == "Pod")
                count(m_pods);
            else if (kind.kind == "Service" && quota::hasAmounts(kind))
                count(m_services);
            else if (kind.kind == "PersistentVolumeClaim")
                count(m_claims);
            else
                addCount(used, spec, kind, informer->inNamespace(nameSpace).size());
        }
        return used;
    }

    static void addCount(quota::Amounts& used, const api::ResourceQuotaSpec& spec, const api::Kind& kind,
                         std::size_t number)
    {
        for (const auto& [resource, one] : quota::shareOf(spec, quota::countedByKind(kind)))
            used[resource] = used[resource] + api::Quantity::fromUnits(static_cast<std::int64_t>(number));
    }

    client::Client& m_client;
    client::Informer<api::ResourceQuota>& m_quotas;
    client::Informer<api::Pod>& m_pods;
    client::Informer<api::Service>& m_services;
    client::Informer<api::PersistentVolumeClaim>& m_claims;
    CollectedKinds m_kinds;
};

} // namespace

std::unique_ptr<Controller> makeQuotaController(const Context& context)
{
    return std::make_unique<QuotaController>(context);
}

} // namespace keelson::controllers
