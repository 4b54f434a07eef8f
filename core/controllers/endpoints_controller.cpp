// SPDX-License-Identifier: Apache-2.0
#include "controllers/endpoints_controller.h"

#include "client/typed.h"
#include "controllers/endpoints_plan.h"
#include "controllers/ownership.h"
#include "controllers/pod_state.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::controllers {
namespace {

bool selects(const api::Service& service, const api::Pod& pod)
{
    return hasEndpoints(service) && std::ranges::all_of(service.spec.selector, [&](const auto& wanted) {
               const auto label = pod.metadata.labels.find(wanted.first);
               return label != pod.metadata.labels.end() && label->second == wanted.second;
           });
}

/// Whether endpoints look the same for both states of a pod.
bool sameEndpoint(const api::Pod& a, const api::Pod& b)
{
    return a.metadata.uid == b.metadata.uid && a.metadata.labels == b.metadata.labels &&
           a.metadata.deletionTimestamp.has_value() == b.metadata.deletionTimestamp.has_value() &&
           a.spec.nodeName == b.spec.nodeName && a.status.podIP == b.status.podIP &&
           a.status.podIPs == b.status.podIPs && isReady(a) == isReady(b) && isFinished(a) == isFinished(b);
}

/// What both controllers share: they follow services and the pods that these select.
class ServiceController : public KeyedController {
protected:
    ServiceController(const Context& context, const std::string& name, std::vector<client::InformerBase*> informers)
        : KeyedController(context, name, std::move(informers)),
          m_client(context.clientOf(name + "-controller")),
          m_services(context.informers.informer<api::Service>()),
          m_pods(context.informers.informer<api::Pod>())
    {
        m_services.onChange([this](const auto& before, const auto& now) { m_runner.add(keyOf(now ? *now : *before)); });
        m_pods.onChange([this](const auto& before, const auto& now) {
            if (before && now && sameEndpoint(*before, *now))
                return;
            const auto& nameSpace = (now ? now : before)->metadata.namespace_;
            for (const auto& service : m_services.inNamespace(nameSpace)) {
                if ((before && selects(*service, *before)) || (now && selects(*service, *now)))
                    m_runner.add(keyOf(*service));
            }
        });
    }

    std::vector<api::PodPtr> podsOf(const api::Service& service) const
    {
        auto pods = m_pods.inNamespace(service.metadata.namespace_);
        std::erase_if(pods, [&](const auto& pod) { return !selects(service, *pod); });
        return pods;
    }

    client::Client& m_client;
    client::Informer<api::Service>& m_services;
    client::Informer<api::Pod>& m_pods;
};

class EndpointSliceController : public ServiceController {
public:
    explicit EndpointSliceController(const Context& context)
        : ServiceController(context, "endpointslice",
                            {&context.informers.informer<api::Service>(), &context.informers.informer<api::Pod>(),
                             &context.informers.informer<api::Node>(),
                             &context.informers.informer<api::EndpointSlice>()}),
          m_nodes(context.informers.informer<api::Node>()),
          m_slices(context.informers.informer<api::EndpointSlice>())
    {
        m_byService = m_slices.addIndex([](const api::EndpointSlice& slice) -> std::vector<std::string> {
            const auto name = serviceOf(slice);
            if (name.empty())
                return {};
            return {slice.metadata.namespace_ + "/" + name};
        });
        m_slices.onChange([this](const auto& before, const auto& now) {
            for (const auto& slice : {before, now}) {
                if (slice && !serviceOf(*slice).empty())
                    m_runner.add({slice->metadata.namespace_, serviceOf(*slice)});
            }
        });
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto service = m_services.find(key);
        if (!service || service->metadata.deletionTimestamp || !hasEndpoints(*service))
            return Done{}; // The garbage collector takes what a deleted service leaves.
        const auto zoneOf = [this](const std::string& name) -> std::string {
            const auto node = m_nodes.find({"", name});
            if (!node)
                return "";
            const auto label = node->metadata.labels.find("topology.kubernetes.io/zone");
            return label != node->metadata.labels.end() ? label->second : "";
        };
        const auto plan =
            planEndpointSlices(*service, podsOf(*service), zoneOf, m_slices.select(m_byService, key.text()));
        tell(*service, plan, pass);
        for (const auto& slice : plan.create) {
            TRY_ASSIGN(const auto written, m_client.create(m_slices.kind(), toJson(slice)));
            pass.wrote(m_slices, written);
        }
        for (const auto& slice : plan.update) {
            TRY_ASSIGN(const auto written, m_client.update(m_slices.kind(), toJson(slice)));
            pass.wrote(m_slices, written);
        }
        for (const auto& slice : plan.remove) {
            if (const auto removed = client::remove(m_client, *slice);
                !removed && removed.error().reason != Reason::NotFound)
                return fail(removed.error());
            pass.removed(m_slices, keyOf(*slice), slice->metadata.uid);
        }
        return Done{};
    }

private:
    static void tell(const api::Service& service, const EndpointSlicePlan& plan, Pass& pass)
    {
        std::vector<std::string> ready;
        std::size_t others = 0;
        for (const auto* const slices : {&plan.create, &plan.update}) {
            for (const auto& slice : *slices) {
                for (const auto& endpoint : slice.endpoints) {
                    if (endpoint.conditions.ready.value_or(false) && endpoint.targetRef)
                        ready.push_back(endpoint.targetRef->uid);
                    else
                        ++others;
                }
            }
        }
        if (plan.create.empty() && plan.update.empty() && plan.remove.empty())
            return;
        auto why = fmt::format("{} pods are ready for the Service, {} are not", ready.size(), others);
        pass.does({.subject = subjectOf(service), .why = std::move(why), .related = std::move(ready)});
    }

    /// The service of a slice that this controller manages, else "".
    static std::string serviceOf(const api::EndpointSlice& slice)
    {
        const auto manager = slice.metadata.labels.find(sliceManagerLabel);
        const auto service = slice.metadata.labels.find(serviceNameLabel);
        if (manager == slice.metadata.labels.end() || manager->second != sliceManager ||
            service == slice.metadata.labels.end())
            return "";
        return service->second;
    }

    client::Informer<api::Node>& m_nodes;
    client::Informer<api::EndpointSlice>& m_slices;
    client::InformerBase::IndexId m_byService = 0; ///< "namespace/service".
};

class EndpointsController : public ServiceController {
public:
    explicit EndpointsController(const Context& context)
        : ServiceController(context, "endpoint",
                            {&context.informers.informer<api::Service>(), &context.informers.informer<api::Pod>(),
                             &context.informers.informer<api::Endpoints>()}),
          m_endpoints(context.informers.informer<api::Endpoints>())
    {
        m_endpoints.onChange(
            [this](const auto& before, const auto& now) { m_runner.add(keyOf(now ? *now : *before)); });
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto service = m_services.find(key);
        const auto present = m_endpoints.find(key);
        if (!service)
            return present ? removeLeftover(*present, pass) : Done{};
        if (service->metadata.deletionTimestamp || !hasEndpoints(*service))
            return Done{};
        auto wanted = planEndpoints(*service, podsOf(*service));
        // Marks that the object is ours, so that it goes with its service while those that people made stay.
        wanted.metadata.annotations[std::string(ownAnnotation)] = "true";
        if (!present) {
            TRY_ASSIGN(const auto written, m_client.create(m_endpoints.kind(), toJson(wanted)));
            pass.wrote(m_endpoints, written);
            return Done{};
        }
        if (present->subsets == wanted.subsets && present->metadata.labels == wanted.metadata.labels &&
            present->metadata.annotations == wanted.metadata.annotations)
            return Done{};
        auto next = *present;
        next.subsets = std::move(wanted.subsets);
        next.metadata.labels = std::move(wanted.metadata.labels);
        next.metadata.annotations = std::move(wanted.metadata.annotations);
        TRY_ASSIGN(const auto written, m_client.update(m_endpoints.kind(), toJson(next)));
        pass.wrote(m_endpoints, written);
        return Done{};
    }

private:
    static constexpr std::string_view ownAnnotation = "endpoints.keelson.dev/from-selector";

    Result<Done> removeLeftover(const api::Endpoints& endpoints, Pass& pass)
    {
        if (!endpoints.metadata.annotations.contains(ownAnnotation))
            return Done{};
        if (const auto removed = client::remove(m_client, endpoints);
            !removed && removed.error().reason != Reason::NotFound)
            return fail(removed.error());
        pass.removed(m_endpoints, keyOf(endpoints), endpoints.metadata.uid);
        return Done{};
    }

    client::Informer<api::Endpoints>& m_endpoints;
};

} // namespace

std::unique_ptr<Controller> makeEndpointSliceController(const Context& context)
{
    return std::make_unique<EndpointSliceController>(context);
}

std::unique_ptr<Controller> makeEndpointsController(const Context& context)
{
    return std::make_unique<EndpointsController>(context);
}

} // namespace keelson::controllers
