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

/// Rules of admission itself: a broken webhook could not be taken away any more.
bool isOfAdmission(const Kind& kind)
{
    return kind.groupVersion.group == "admissionregistration.k8s.io";
}

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

std::string_view verbOf(Verb verb)
{
    return verb == Verb::Create ? "CREATE" : verb == Verb::Update ? "UPDATE" : "DELETE";
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
      m_namespaces(*sources.catalog.find({"", "v1"}, "Namespace")),
      m_services(*sources.catalog.find({"", "v1"}, "Service")),
      m_slices(*sources.catalog.find({"discovery.k8s.io", "v1"}, "EndpointSlice"))
{
}

std::optional<webhooks::Operation> WebhookCaller::operationOf(const Admission& admission) const
{
    if (isOfAdmission(admission.kind) || admission.subresource == "binding")
        return std::nullopt;
    webhooks::Operation operation{.kind = admission.kind,
                                  .otherVersions = {},
                                  .subresource = admission.subresource,
                                  .verb = verbOf(admission.verb),
                                  .nameSpace = admission.key.nameSpace};
    const auto catalog = m_sources.cache.catalog(); // with custom kinds
    for (const auto* const other : catalog->kinds()) {
        if (other != &admission.kind && other->plural == admission.kind.plural &&
            other->groupVersion.group == admission.kind.groupVersion.group)
            operation.otherVersions.push_back(other->groupVersion.version);
    }
    return operation;
}

bool WebhookCaller::matches(const webhooks::Webhook& webhook, const webhooks::Operation& operation,
                            const Admission& admission) const
{
    const auto now = admission.object ? labelsOf(*admission.object) : api::Labels{};
    const auto before = admission.before ? labelsOf(*admission.before) : api::Labels{};
    if (&admission.kind == &m_namespaces)
        return webhooks::matches(webhook, operation, admission.object ? &now : &before, now, before);
    const auto space = m_sources.cache.find(m_namespaces, {{}, admission.key.nameSpace});
    return webhooks::matches(webhook, operation, space ? &space->labels : nullptr, now, before);
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

Result<webhooks::Answer> WebhookCaller::call(const webhooks::Webhook& webhook, const webhooks::Operation& operation,
                                             const Admission& admission) const
{
    const webhooks::Question question{.operation = operation,
                                      .uid = m_sources.random.uuid(),
                                      .name = admission.key.name,
                                      .user = admission.context.user,
                                      .object = admission.object,
                                      .before = admission.before,
                                      .dryRun = admission.context.dryRun,
                                      .fieldManager = admission.context.fieldManager};
    auth::HttpsPost post{.url = urlOf(webhook),
                         .dial = {},
                         .body = webhooks::reviewText(question),
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
    return webhooks::readAnswer(*answer, webhook, m_sort, question.uid);
}

Result<std::optional<webhooks::Answer>> WebhookCaller::ask(const webhooks::Webhook& webhook,
                                                           const webhooks::Operation& operation, Admission& admission,
                                                           std::size_t index) const
{
    const auto& context = admission.context;
    if (context.dryRun && webhook.sideEffects)
        return fail(Reason::BadRequest, fmt::format("admission webhook \"{}\" does not support dry run", webhook.name));
    auto answer = call(webhook, operation, admission);
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
