// SPDX-License-Identifier: Apache-2.0
#include "apiserver/aggregator.h"

#include "api/codec.h"
#include "api/openapi_merge.h"
#include "apiserver/aggregated_discovery.h"
#include "apiserver/fetch.h"
#include "apiserver/limits.h"
#include "apiserver/onward_request.h"
#include "apiserver/proxy_session.h"
#include "apiserver/served_kinds.h"
#include "upstream/tls_client.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::apiserver {
namespace {

using api::GroupVersion;

constexpr std::string_view openApiPrefix = "/openapi/v3";

/// What "/apis/GROUP/VERSION..." and "/openapi/v3/apis/GROUP/VERSION" are about.
std::optional<GroupVersion> groupVersionOf(std::string_view path)
{
    constexpr std::string_view prefix = "/apis/";
    if (path.starts_with(openApiPrefix))
        path.remove_prefix(openApiPrefix.size());
    if (!path.starts_with(prefix))
        return std::nullopt;
    path.remove_prefix(prefix.size());
    const auto groupEnd = path.find('/');
    if (groupEnd == std::string_view::npos)
        return std::nullopt;
    const auto version = path.substr(groupEnd + 1);
    GroupVersion groupVersion{std::string(path.substr(0, groupEnd)), std::string(version.substr(0, version.find('/')))};
    return groupVersion.group.empty() || groupVersion.version.empty() ? std::nullopt : std::optional(groupVersion);
}

std::string nameOf(const GroupVersion& groupVersion)
{
    return fmt::format("{}.{}", groupVersion.version, groupVersion.group);
}

bool isAvailable(const api::APIService& service)
{
    return std::ranges::any_of(service.status.conditions, [](const api::APIServiceCondition& condition) {
        return condition.type == "Available" && condition.status == "True";
    });
}

std::int32_t portOf(const api::APIService& service)
{
    constexpr std::int32_t https = 443;
    return service.spec.service->port.value_or(https);
}

std::string hostOf(const api::APIService& service)
{
    return fmt::format("{}.{}.svc", service.spec.service->name, service.spec.service->namespace_);
}

/// A key of a user's extra as the end of a header's name.
std::string headerKey(std::string_view key)
{
    std::string out;
    for (const char each : key) {
        const bool plain =
            (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') || each == '-' || each == '_' || each == '.';
        out += plain ? std::string(1, each) : fmt::format("%{:02X}", static_cast<unsigned char>(each));
    }
    return out;
}

/// Who asks, as the other server is told. `Forbidden` for names that no header can hold.
Result<Headers> identityHeaders(const auth::User& user)
{
    Headers headers;
    headers.add("X-Remote-User", user.name);
    for (const auto& group : user.groups)
        headers.add("X-Remote-Group", group);
    for (const auto& [key, values] : user.extra) {
        for (const auto& value : values)
            headers.add("X-Remote-Extra-" + headerKey(key), value);
    }
    const bool holds = std::ranges::all_of(headers.items(), [](const auto& item) {
        return std::ranges::none_of(item.second, [](char each) { return each >= 0 && each < ' '; });
    });
    if (!holds)
        return fail(Reason::Forbidden,
                    "the user's name or groups hold control characters: no other server can be told");
    return headers;
}

/// The server's own request, as nobody but it may do everything.
/// `etag`: of the answer that is known; empty: none.
std::string ownRequest(std::string_view path, std::string_view host, std::string_view etag = {})
{
    return fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAccept: application/json\r\n{}"
                       "X-Remote-User: system:kube-aggregator\r\nX-Remote-Group: system:masters\r\n\r\n",
                       path, host, etag.empty() ? std::string() : fmt::format("If-None-Match: {}\r\n", etag));
}

} // namespace

const api::Kind& Aggregator::kind(const api::Catalog& catalog) const
{
    return *catalog.find({"apiregistration.k8s.io", "v1"}, "APIService");
}

bool Aggregator::isOurs(ServedKinds& kinds, const GroupVersion& groupVersion) const
{
    const auto& groups = kinds.discovery.groups();
    return std::ranges::any_of(groups, [&](const auto& item) { return item.first == groupVersion; });
}

std::optional<api::APIService> Aggregator::find(const GroupVersion& groupVersion) const
{
    const auto catalog = m_services.options.registry->catalog();
    const auto stored = m_services.options.registry->get(kind(*catalog), {{}, nameOf(groupVersion)});
    const auto document = stored ? api::parseJson((*stored)->json) : fail(stored.error());
    auto service = document ? api::fromJson<api::APIService>(*document) : fail(document.error());
    if (!service || !service->spec.service)
        return std::nullopt;
    return *std::move(service);
}

Result<ProxyTarget> Aggregator::target(const api::APIService& service) const
{
    const auto& reference = *service.spec.service;
    const ProxyWays ways{*m_services.options.registry, m_services.options.pods, m_services.dialer, m_services.turns};
    return apiServerTarget(ways, {reference.namespace_, reference.name}, static_cast<std::uint16_t>(portOf(service)));
}

Result<upstream::Connect> Aggregator::connect(const api::APIService& service) const
{
    TRY_ASSIGN(auto found, target(service));
    const auto& identity = m_services.options.frontProxy;
    return upstream::throughTls(std::move(found.connect), {.serverName = hostOf(service),
                                                           .authorities = service.spec.caBundle,
                                                           .insecure = service.spec.insecureSkipTLSVerify,
                                                           .certificate = identity.certificate,
                                                           .key = identity.key});
}

std::optional<api::APIService> Aggregator::serviceFor(ServedKinds& kinds, std::string_view path) const
{
    const auto groupVersion = groupVersionOf(path);
    if (!groupVersion || isOurs(kinds, *groupVersion))
        return std::nullopt;
    auto service = find(*groupVersion);
    if (service && path.starts_with(openApiPrefix) && !showsThreeItself(*service))
        return std::nullopt;
    return service;
}

bool Aggregator::serve(const std::shared_ptr<Call>& call) const
{
    const auto service = serviceFor(call->kinds(), call->info().path);
    if (!service)
        return false;
    const auto refuse = [&](const Error& error) {
        call->respondError(error);
        return true;
    };
    if (!isAvailable(*service))
        return refuse(makeError(Reason::ServiceUnavailable, "service unavailable"));
    auto headers = identityHeaders(call->user);
    if (!headers)
        return refuse(headers.error());
    headers->add("Audit-ID", call->id());
    const auto way = connect(*service);
    if (!way)
        return refuse(makeError(Reason::ServiceUnavailable, way.error().message));
    const auto& request = call->request();
    carryOn(call,
            {.text = onwardText(request, request.target, hostOf(*service), *headers),
             .headOnly = request.method == "HEAD",
             .upgrade = isUpgrade(request),
             .replyTime = aggregatedReplyTime,
             .links = std::nullopt},
            *way);
    return true;
}

client::ApiAvailability Aggregator::probe(const api::APIService& service)
{
    const auto& reference = *service.spec.service;
    const GroupVersion groupVersion{service.spec.group, service.spec.version};
    const auto place = fmt::format("service/{} in \"{}\"", reference.name, reference.namespace_);
    if (const auto found = target(service); !found) {
        const auto& error = found.error();
        if (error.reason == Reason::NotFound)
            return {false, "ServiceNotFound", place + " is not present"};
        if (error.message.starts_with("no service port"))
            return {false, "ServicePortError", fmt::format("{} is not listening on port {}", place, portOf(service))};
        return {false, "MissingEndpoints", fmt::format("endpoints for {}: {}", place, error.message)};
    }
    const auto path = fmt::format("/apis/{}", groupVersion.text());
    const auto url = fmt::format("https://{}:{}{}", hostOf(service), portOf(service), path);
    const auto failed = [&](const Error& error) {
        return client::ApiAvailability{false, "FailedDiscoveryCheck",
                                       fmt::format("failing or missing response from {}: {}", url, error.message)};
    };
    const auto way = connect(service);
    if (!way)
        return failed(way.error());
    auto resources = fetchJson(*way, ownRequest(path, hostOf(service)), probeTime);
    if (!resources)
        return failed(resources.error());
    auto served = std::make_shared<Served>();
    served->resources = *std::move(resources);
    // Not every server has OpenAPI of its third version: then there is none to show.
    if (const auto index = fetchJson(*way, ownRequest(openApiPrefix, hostOf(service)), probeTime))
        served->openApiUrl = api::stringAt(*index, {"paths", path.substr(1), "serverRelativeURL"});
    served->versionTwo = fetchVersionTwo(*way, service);
    forgetGone();
    const std::scoped_lock lock(m_mutex);
    m_served[service.metadata.name] = std::move(served);
    return {true, "Passed", "all checks passed"};
}

std::shared_ptr<const Aggregator::Served> Aggregator::lastServed(const std::string& name) const
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_served.find(name);
    return found == m_served.end() ? nullptr : found->second;
}

/// Asks anew for what it has a tag of; what has none is kept for a minute, as its server is asked every ten seconds.
Aggregator::VersionTwo Aggregator::fetchVersionTwo(const upstream::Connect& way, const api::APIService& service) const
{
    constexpr int ageMax = 6;
    const auto last = lastServed(service.metadata.name);
    auto known = last ? last->versionTwo : VersionTwo{.document = nullptr, .etag = {}, .age = ageMax};
    if (known.etag.empty() && ++known.age < ageMax)
        return known;
    known.age = 0;
    const auto answer = fetch(way, ownRequest("/openapi/v2", hostOf(service), known.etag), probeTime);
    constexpr int ok = 200;
    constexpr int notFound = 404;
    if (!answer || (answer->status != ok && answer->status != notFound))
        return known; // 304, or it is not well: what it last said holds.
    const auto document = answer->status == ok ? api::parseJson(answer->body) : Result<api::Value>(api::Value{});
    auto ours =
        document ? api::openApiOfGroup(*document, {service.spec.group, service.spec.version}) : fail(document.error());
    if (!ours)
        return {};
    return {.document = std::make_shared<const api::Value>(*std::move(ours)), .etag = answer->etag, .age = 0};
}

/// Of APIServices that are no more nothing is kept.
void Aggregator::forgetGone()
{
    const auto catalog = m_services.options.registry->catalog();
    const std::scoped_lock lock(m_mutex);
    std::erase_if(m_served, [&](const auto& item) {
        return !m_services.options.registry->get(kind(*catalog), {{}, item.first});
    });
}

/// Whether a server answers for its OpenAPI v3, or we do.
bool Aggregator::showsThreeItself(const api::APIService& service) const
{
    const auto served = lastServed(service.metadata.name);
    return !served || !served->openApiUrl.empty() || !served->versionTwo.document;
}

std::vector<RemoteOpenApi> Aggregator::openApi(Call& call) const
{
    std::vector<RemoteOpenApi> found;
    for (const auto& remote : remotes())
        if (remote.served && remote.served->versionTwo.document && !isOurs(call.kinds(), remote.groupVersion))
            found.push_back({remote.groupVersion, remote.served->versionTwo.document,
                             remote.available && remote.served->openApiUrl.empty()});
    return found;
}

std::vector<Aggregator::Remote> Aggregator::remotes() const
{
    std::vector<Remote> found;
    auto& registry = *m_services.options.registry;
    const auto catalog = registry.catalog();
    const auto list = registry.list(kind(*catalog), {});
    if (!list)
        return found;
    for (const auto& stored : list->objects) {
        const auto document = api::parseJson(stored->json);
        const auto service = document ? api::fromJson<api::APIService>(*document) : fail(document.error());
        if (!service || !service->spec.service)
            continue;
        found.push_back({{service->spec.group, service->spec.version},
                         lastServed(service->metadata.name),
                         isAvailable(*service),
                         service->spec.groupPriorityMinimum,
                         service->spec.versionPriority});
    }
    return found;
}

std::optional<Response> Aggregator::withOthers(Call& call, std::optional<Response> response) const
{
    const auto& path = call.info().path;
    const bool discovery = path == "/apis" || path == "/apis/" || (path.starts_with("/apis/") && !groupVersionOf(path));
    const bool openApi = path == openApiPrefix || path == "/openapi/v3/";
    if (!discovery && !openApi)
        return response;
    std::vector<RemoteGroup> groups;
    for (const auto& remote : remotes()) {
        if (isOurs(call.kinds(), remote.groupVersion))
            continue;
        const auto* const served = remote.served.get();
        groups.push_back({.groupVersion = remote.groupVersion,
                          .resources = served && remote.available ? &served->resources : nullptr,
                          .openApiUrl = served && remote.available ? served->openApiUrl : std::string(),
                          .owner = remote.served,
                          .groupPriority = remote.groupPriority,
                          .versionPriority = remote.versionPriority});
    }
    if (groups.empty())
        return response;
    return openApi ? withOpenApi(std::move(response), groups) : withGroups(path, std::move(response), groups);
}

} // namespace keelson::apiserver
