// SPDX-License-Identifier: Apache-2.0
#include "apiserver/plain_routes.h"

#include "apiserver/aggregator.h"
#include "apiserver/served_kinds.h"
#include "apiserver/token_routes.h"
#include "buildinfo/build_info.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace keelson::apiserver {
namespace {

/// The Kubernetes whose API this is; clients choose their ways by it.
constexpr std::string_view kubernetesMinor = "32";
#ifdef __aarch64__
constexpr std::string_view platform = "linux/arm64";
#else
constexpr std::string_view platform = "linux/amd64";
#endif

Error noSuchPath()
{
    return makeError(Reason::NotFound, "the server could not find the requested resource");
}

Response version()
{
    const api::Object document{{"major", "1"},
                               {"minor", kubernetesMinor},
                               {"gitVersion", fmt::format("v1.{}.0+keelson.{}", kubernetesMinor, buildInfo.version)},
                               {"gitCommit", buildInfo.commit},
                               {"gitTreeState", buildInfo.modified ? "dirty" : "clean"},
                               {"buildDate", buildInfo.date},
                               {"goVersion", ""},
                               {"compiler", "clang " __clang_version__},
                               {"platform", platform}};
    return Response::text(200, "application/json", api::writeJson(document) + "\n");
}

struct HealthPath {
    bool readiness = false;
    std::string_view check; ///< The one that is asked for; empty: all.
};

/// "/livez", "/readyz/ping": nothing for other paths.
std::optional<HealthPath> healthPathOf(std::string_view path)
{
    path.remove_prefix(std::min<std::size_t>(path.size(), 1));
    const auto slash = std::min(path.find('/'), path.size());
    const auto root = path.substr(0, slash);
    if (root != "healthz" && root != "livez" && root != "readyz")
        return std::nullopt;
    return HealthPath{root == "readyz", path.substr(std::min(slash + 1, path.size()))};
}

/// "ok", or what is not; with ?verbose or when something is not: each check by name, but those that are to be left out.
/// Nothing when there is no such check. Source: Kubernetes, "API health endpoints".
std::optional<Response> health(Call& call, const HealthPath& asked)
{
    std::vector<std::pair<std::string, bool>> checks{{"ping", true}};
    if (asked.readiness) {
        checks.emplace_back("shutdown", !call.services().stopping);
        checks.emplace_back("registry", call.registry().ready());
        for (const auto& [name, ready] : call.options().readyChecks)
            checks.emplace_back(name, ready());
    }
    if (!asked.check.empty()) {
        std::erase_if(checks, [&](const auto& each) { return each.first != asked.check; });
        if (checks.empty())
            return std::nullopt;
    }
    const auto excluded = call.request().query.all("exclude");
    bool good = true;
    std::string text;
    for (const auto& [name, fine] : checks) {
        const bool counts = std::ranges::find(excluded, name) == excluded.end();
        good = good && (fine || !counts);
        text += fmt::format("[{}]{} {}\n", fine || !counts ? '+' : '-', name,
                            !counts ? "excluded: ok"
                            : fine  ? "ok"
                                    : "failed: not ready yet");
    }
    const auto& path = call.info().path;
    if (good && !call.request().query.has("verbose"))
        text = "ok";
    else
        text += fmt::format("{} check {}\n", path.substr(1), good ? "passed" : "failed");
    constexpr int unavailable = 503;
    auto response = Response::text(good ? 200 : unavailable, "text/plain; charset=utf-8", text);
    response.headers.add("X-Content-Type-Options", "nosniff");
    return response;
}

} // namespace

void servePlain(const std::shared_ptr<Call>& call)
{
    const auto& path = call->info().path;
    if (path == "/version" || path == "/version/")
        return call->respond(version());
    if (const auto asked = healthPathOf(path)) {
        auto response = health(*call, *asked);
        return response ? call->respond(*std::move(response)) : call->respondError(noSuchPath());
    }
    if (path == "/metrics") {
        auto& services = call->services();
        const auto connections = services.connections ? services.connections() : 0;
        return call->respond(
            Response::text(200, "text/plain; version=0.0.4; charset=utf-8",
                           services.metrics.text(connections, services.watchers) + services.flows->metricsText()));
    }
    if (path == openIdConfigurationPath || path == openIdKeysPath)
        return serveOpenId(*call);
    if (path.starts_with("/openapi/")) {
        return call->runBlocking([](Call& self) {
            const auto& aggregator = *self.services().aggregator;
            auto response = self.kinds().openApi.respond(self.request(), aggregator.openApi(self));
            response = aggregator.withOthers(self, std::move(response));
            if (response)
                self.respond(*std::move(response));
            else
                self.respondError(noSuchPath());
        });
    }
    auto discovery = call->kinds().discovery.respond(call->request());
    discovery = call->services().aggregator->withOthers(*call, std::move(discovery));
    if (discovery)
        return call->respond(*std::move(discovery));
    if (path == "/") {
        const api::Object document{
            {"paths", api::Array{openIdConfigurationPath, "/api", "/apis", "/healthz", "/livez", "/metrics",
                                 "/openapi/v2", "/openapi/v3", openIdKeysPath, "/readyz", "/version"}}};
        return call->respond(Response::text(200, "application/json", api::writeJson(document) + "\n"));
    }
    call->respondError(noSuchPath());
}

} // namespace keelson::apiserver
