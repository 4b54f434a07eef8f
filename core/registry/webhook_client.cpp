// SPDX-License-Identifier: Apache-2.0
#include "registry/webhook_client.h"

#include "api/codec.h"
#include "api/core_v1.h"
#include "api/discovery_v1.h"
#include "registry/cluster_objects.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::registry {
namespace {

constexpr std::int32_t httpsPort = 443;
constexpr std::chrono::seconds conversionTimeout{30};

std::string urlOf(const api::WebhookClientConfig& client, std::chrono::seconds timeout)
{
    const auto url = client.service
                         ? fmt::format("https://{}.{}.svc:{}{}", client.service->name, client.service->namespace_,
                                       client.service->port.value_or(httpsPort), client.service->path.value_or("/"))
                         : client.url.value_or("");
    return fmt::format("{}?timeout={}s", url, timeout.count());
}

} // namespace

WebhookClient::WebhookClient(const WatchCache& cache, const api::Catalog& catalog, Random& random,
                             const HttpsPoster& post)
    : m_cache(cache),
      m_random(random),
      m_post(post),
      m_services(*catalog.find({"", "v1"}, "Service")),
      m_slices(*catalog.find({"discovery.k8s.io", "v1"}, "EndpointSlice"))
{
}

Result<std::string> WebhookClient::endpointOf(const api::WebhookServiceReference& reference,
                                              const std::string& portName) const
{
    std::vector<std::string> places;
    for (const auto& stored : objectsIn(m_cache, m_slices, reference.namespace_)) {
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
    return places[m_random.below(places.size())];
}

Result<std::string> WebhookClient::placeOf(const api::WebhookServiceReference& reference) const
{
    const auto stored = m_cache.find(m_services, {reference.namespace_, reference.name});
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

Result<std::string> WebhookClient::post(const api::WebhookClientConfig& client, std::string text,
                                        std::chrono::seconds timeout) const
{
    auth::HttpsPost post{.url = urlOf(client, timeout),
                         .dial = {},
                         .body = std::move(text),
                         .authorities = client.caBundle,
                         .timeout = timeout};
    const auto cannot = [&](std::string_view why) {
        return fail(Reason::ServiceUnavailable, fmt::format("Post \"{}\": {}", post.url, why));
    };
    if (!m_post)
        return cannot("this server does not call webhooks");
    if (client.service) {
        auto place = placeOf(*client.service);
        if (!place)
            return cannot(place.error().message);
        post.dial = *std::move(place);
    }
    auto answer = m_post(post);
    return answer ? std::move(answer) : cannot(answer.error().message);
}

Result<std::string> WebhookClient::postConversion(const Value& client, std::string text) const
{
    TRY_ASSIGN(const auto config, api::fromJson<api::WebhookClientConfig>(client));
    return post(config, std::move(text), conversionTimeout);
}

} // namespace keelson::registry
