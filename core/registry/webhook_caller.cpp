// SPDX-License-Identifier: Apache-2.0
#include "registry/webhook_caller.h"

#include "api/codec.h"
#include "api/discovery_v1.h"
#include "base/log.h"
#include "registry/cluster_objects.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::registry {
namespace {

constexpr std::int32_t httpsPort = 443;

template <typename T>
Result<std::vector<webhooks::Webhook>> read(const StoredObject& stored)
{
    TRY_ASSIGN(const auto document, api::parseJson(stored.json));
    TRY_ASSIGN(const auto configuration, api::fromJson<T>(document));
    return webhooks::webhooksOf(configuration);
}

std::string urlOf(const webhooks::Webhook& webhook)
{
    const auto& client = webhook.client;
    const auto url = client.service
                         ? fmt::format("https://{}.{}.svc:{}{}", client.service->name, client.service->namespace_,
                                       client.service->port.value_or(httpsPort), client.service->path.value_or("/"))
                         : client.url.value_or("");
    return fmt::format("{}?timeout={}s", url, webhook.timeout.count());
}

} // namespace

WebhookList::WebhookList(const WatchCache& cache, const Kind& configurations)
    : m_configurations(*cache.of(configurations)),
      m_sort(configurations.kind == api::MutatingWebhookConfiguration::kindName ? webhooks::Sort::Mutating
                                                                                : webhooks::Sort::Validating),
      m_webhooks(std::make_shared<std::vector<webhooks::Webhook>>())
{
}

webhooks::Webhooks WebhookList::all() const
{
    const auto [objects, revision] = m_configurations.snapshot();
    const std::scoped_lock lock(m_mutex);
    if (revision == m_revision)
        return m_webhooks;
    auto found = std::make_shared<std::vector<webhooks::Webhook>>();
    objects.visit(nullptr, [&](const StoredObjectPtr& stored) {
        auto some = m_sort == webhooks::Sort::Mutating ? read<api::MutatingWebhookConfiguration>(*stored)
                                                       : read<api::ValidatingWebhookConfiguration>(*stored);
        if (some)
            std::ranges::move(*some, std::back_inserter(*found));
        else
            log::error("registry", "the webhooks of {} are not asked: {}", stored->key.name, some.error().message);
        return true;
    });
    m_webhooks = std::move(found);
    m_revision = revision;
    return m_webhooks;
}

WebhookCaller::WebhookCaller(const WebhookSources& sources, webhooks::Sort sort)
    : m_sources(sources),
      m_sort(sort),
      m_services(*sources.catalog.find({"", "v1"}, "Service")),
      m_slices(*sources.catalog.find({"discovery.k8s.io", "v1"}, "EndpointSlice"))
{
}

Result<bool> WebhookCaller::concerns(const webhooks::Webhook& webhook, const AskedWrite& write,
                                     const Admission& admission) const
{
    if (!webhooks::matches(webhook, write.request(), write.labels()))
        return false;
    if (!webhook.conditions.empty()) {
        const auto hold = webhook.conditions.hold(write.input(m_sources.authorizer), nullptr, webhook.mayFail);
        if (!hold)
            return fail(forbiddenObject(admission.kind, admission.key.name, hold.error().message));
        if (!*hold)
            return false;
    }
    if (admission.context.dryRun && webhook.sideEffects)
        return fail(Reason::BadRequest, fmt::format("admission webhook \"{}\" does not support dry run", webhook.name));
    return true;
}

Result<std::string> WebhookCaller::endpointOf(const api::WebhookServiceReference& reference,
                                              const std::string& portName) const
{
    std::vector<std::string> places;
    for (const auto& stored : objectsIn(m_sources.cache, m_slices, reference.namespace_)) {
        const auto owner = stored->labels.find("kubernetes.io/service-name");
        if (owner == stored->labels.end() || owner->second != reference.name)
            continue;
        TRY_ASSIGN(const auto document, api::parseJson(stored->json));
        TRY_ASSIGN(const auto slice, api::fromJson<api::EndpointSlice>(document));
        const auto port = std::ranges::find_if(slice.ports, [&](const api::EndpointSlicePort& each) {
            return each.name.value_or("") == portName && each.port;
        });
        if (port == slice.ports.end())
            continue;
        for (const auto& endpoint : slice.endpoints) {
            if (endpoint.conditions.ready.value_or(true) && !endpoint.addresses.empty())
                places.push_back(fmt::format("{}:{}", endpoint.addresses.front(), *port->port));
        }
    }
    if (places.empty())
        return fail(Reason::ServiceUnavailable,
                    fmt::format("no endpoints available for service \"{}\"", reference.name));
    return places[m_sources.random.below(places.size())];
}

Result<std::string> WebhookCaller::placeOf(const api::WebhookServiceReference& reference) const
{
    const auto stored = m_sources.cache.find(m_services, {reference.namespace_, reference.name});
    if (!stored)
        return fail(Reason::NotFound, fmt::format("service \"{}\" not found", reference.name));
    TRY_ASSIGN(const auto document, api::parseJson(stored->json));
    TRY_ASSIGN(const auto service, api::fromJson<api::Service>(document));
    const auto number = reference.port.value_or(httpsPort);
    if (service.spec.type == "ExternalName")
        return fmt::format("{}:{}", service.spec.externalName, number);
    const auto port = std::ranges::find(service.spec.ports, number, &api::ServicePort::port);
    if (port == service.spec.ports.end())
        return fail(Reason::NotFound,
                    fmt::format("no service port {} found for service \"{}\"", number, reference.name));
    return endpointOf(reference, port->name);
}

Result<webhooks::Answer> WebhookCaller::call(const webhooks::Webhook& webhook, const policies::Request& request) const
{
    const auto uid = m_sources.random.uuid();
    auth::HttpsPost post{.url = urlOf(webhook),
                         .dial = {},
                         .body = webhooks::reviewText(request, uid),
                         .authorities = webhook.client.caBundle,
                         .timeout = webhook.timeout};
    const auto cannot = [&](const Error& error) {
        return fail(Reason::ServiceUnavailable,
                    fmt::format("failed to call webhook: Post \"{}\": {}", post.url, error.message));
    };
    if (webhook.client.service) {
        auto place = placeOf(*webhook.client.service);
        if (!place)
            return cannot(place.error());
        post.dial = *std::move(place);
    }
    if (!m_sources.post)
        return fail(Reason::ServiceUnavailable, "this server does not call webhooks");
    const auto answer = m_sources.post(post);
    if (!answer)
        return cannot(answer.error());
    return webhooks::readAnswer(*answer, webhook, m_sort, uid);
}

Result<std::optional<webhooks::Answer>> WebhookCaller::settle(const Asked& asked, Result<webhooks::Answer> answer,
                                                              Admission& admission) const
{
    const auto& [webhook, index] = asked;
    const auto& context = admission.context;
    if (!answer && !webhook.mayFail)
        return fail(webhooks::callFailure(webhook, answer.error().message));
    if (!answer) {
        log::warning("registry", "webhook {} fails and is passed over: {}", webhook.name, answer.error().message);
        const auto* const sort = m_sort == webhooks::Sort::Mutating ? "mutation" : "validating";
        if (context.auditAnnotations)
            context.auditAnnotations->insert_or_assign(
                fmt::format("failed-open.{}.webhook.admission.k8s.io/round_{}_index_{}", sort,
                            admission.secondRound ? 1 : 0, index),
                webhook.name);
        return std::nullopt;
    }
    for (auto& warning : answer->warnings)
        warn(context, warning);
    if (context.auditAnnotations)
        context.auditAnnotations->insert(answer->auditAnnotations.begin(), answer->auditAnnotations.end());
    if (!answer->allowed)
        return fail(std::move(answer->refusal));
    return *std::move(answer);
}

} // namespace keelson::registry
