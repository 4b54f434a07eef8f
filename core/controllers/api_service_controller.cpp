// SPDX-License-Identifier: Apache-2.0
#include "controllers/api_service_controller.h"

#include "api/apiextensions_v1.h"
#include "client/typed.h"
#include "controllers/api_service_plan.h"

#include <fmt/format.h>

namespace keelson::controllers {
namespace {

class ApiServiceController : public KeyedController {
public:
    explicit ApiServiceController(const Context& context)
        : KeyedController(context, "api-service", {&services(context), &definitions(context)}),
          m_client(context.clientFor("system:apiserver")),
          m_probe(context.options.probeApi),
          m_services(services(context))
    {
        m_services.onChange([this](const auto& before, const auto& now) {
            // A status alone is our own write: the next look has its time already.
            if (!before || !now || before->spec != now->spec)
                m_runner.add(now ? keyOf(*now) : keyOf(*before));
        });
        definitions(context).onChange([this](const auto& before, const auto& now) {
            for (const auto& definition : {before, now}) {
                if (definition)
                    addVersionsOf(*definition->encoded);
            }
        });
    }

    void start() override
    {
        KeyedController::start();
        m_loop.post([this] {
            for (const auto& name : localApiServiceNames(*m_client.catalog()))
                m_runner.add({{}, name});
        });
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto catalog = m_client.catalog();
        const auto service = m_services.find(key);
        if (!service) {
            auto wanted = localApiService(*catalog, key.name);
            if (!wanted)
                return Done{};
            TRY_ASSIGN(const auto made, m_client.create(m_services.kind(), *std::move(wanted)));
            pass.wrote(m_services, made);
            return Done{}; // its status follows when it shows
        }
        if (isLeftOver(*service, *catalog)) {
            const auto removed = m_client.remove(m_services.kind(), key, {.uid = service->metadata.uid});
            return removed || removed.error().reason == Reason::NotFound ? Result<Done>(Done{}) : removed;
        }
        const auto found = service->spec.service ? m_probe(*service) : localAvailability();
        if (service->spec.service)
            pass.lookAgainAfter(found.available ? lookWhileAvailable : lookWhileNot);
        const auto status = withAvailability(service->status, found, clock().wall());
        if (status == service->status)
            return Done{};
        TRY_ASSIGN(const auto written, m_client.update(m_services.kind(), statusDocument(*service, status), "status"));
        pass.wrote(m_services, written);
        return Done{};
    }

private:
    static constexpr Duration lookWhileAvailable = std::chrono::seconds{10};
    static constexpr Duration lookWhileNot = std::chrono::seconds{3};

    static client::Informer<api::APIService>& services(const Context& context)
    {
        return context.informers.informer<api::APIService>();
    }
    static client::InformerBase& definitions(const Context& context)
    {
        return context.informers.metadataInformer(api::kindOf<api::CustomResourceDefinition>());
    }

    /// The group versions of a definition may have come or gone.
    void addVersionsOf(const std::string& encoded)
    {
        const auto document = api::parseJson(encoded);
        const auto* const versions = document ? api::find(*document, {"spec", "versions"}) : nullptr;
        if (!versions || !versions->is_array())
            return;
        const auto group = api::stringAt(*document, {"spec", "group"});
        for (const auto& version : versions->get_array())
            m_runner.add({{}, fmt::format("{}.{}", api::stringAt(version, {"name"}), group)});
    }

    client::Client& m_client;
    const std::function<client::ApiAvailability(const api::APIService&)> m_probe;
    client::Informer<api::APIService>& m_services;
};

} // namespace

std::unique_ptr<Controller> makeApiServiceController(const Context& context)
{
    return std::make_unique<ApiServiceController>(context);
}

} // namespace keelson::controllers
