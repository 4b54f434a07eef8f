// SPDX-License-Identifier: Apache-2.0
#include "apiserver/plain_routes.h"

#include "apiserver/aggregator.h"
#include "apiserver/served_kinds.h"
#include "apiserver/token_routes.h"
#include "buildinfo/build_info.h"

#include <fmt/format.h>

namespace keelson::apiserver {
namespace {

/// The Kubernetes whose API this is; clients choose their ways by it.
constexpr std::string_view kubernetesMinor = "32";
#ifdef __aarch64__
constexpr std::string_view platform = "linux/arm64";
#else
constexpr std::string_view platform = "linux/amd64";
#endif

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

/// "ok", or what is not; with ?verbose or when something is not: each check by name.
Response health(Call& call, bool readiness)
{
    std::vector<std::pair<std::string, bool>> checks{{"ping", true}};
    if (readiness) {
        checks.emplace_back("shutdown", !call.services().stopping);
        checks.emplace_back("registry", call.registry().ready());
        for (const auto& [name, ready] : call.options().readyChecks)
            checks.emplace_back(name, ready());
    }
    bool good = true;
    std::string text;
    for (const auto& [name, fine] : checks) {
        good = good && fine;
        text += fmt::format("[{}]{} {}\n", fine ? '+' : '-', name, fine ? "ok" : "failed: not ready yet");
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
    if (path == "/healthz" || path == "/livez")
        return call->respond(health(*call, false));
    if (path == "/readyz")
        return call->respond(health(*call, true));
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
            auto response = self.kinds().openApi.respond(self.request());
            response = self.services().aggregator->withOthers(self, std::move(response));
            if (response)
                self.respond(*std::move(response));
            else
                self.respondError(makeError(Reason::NotFound, "the server could not find the requested resource"));
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
    call->respondError(makeError(Reason::NotFound, "the server could not find the requested resource"));
}

} // namespace keelson::apiserver
