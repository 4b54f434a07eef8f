// SPDX-License-Identifier: Apache-2.0
#include "apiserver/proxy_routes.h"

#include "apiserver/connection_admission.h"
#include "apiserver/limits.h"
#include "apiserver/onward_request.h"
#include "apiserver/proxy_session.h"
#include "apiserver/proxy_target.h"

#include <fmt/format.h>

namespace keelson::apiserver {
namespace {

constexpr int movedPermanently = 301;

Result<ProxyTarget> findTarget(Call& call)
{
    const auto& info = call.info();
    auto& services = call.services();
    const ProxyWays ways{call.registry(), call.options().pods, services.dialer, services.turns};
    return info.resource == "pods"       ? podProxyTarget(ways, info.key())
           : info.resource == "services" ? serviceProxyTarget(ways, info.key())
                                         : nodeProxyTarget(ways, info.key());
}

void proxy(const std::shared_ptr<Call>& call)
{
    const auto& request = call->request();
    const std::string_view below = call->info().proxyPath; // Path and query, of the request's target.
    const auto whole = std::string_view(request.target);
    const auto base = std::string(whole.substr(0, whole.size() - below.size()));
    const auto target = findTarget(*call);
    if (!target)
        return call->respondError(target.error());
    const bool upgrade = isUpgrade(request);
    if (!below.starts_with('/') && !upgrade && (request.method == "GET" || request.method == "HEAD")) {
        // Links relative to a page need its path to end in a slash.
        Response redirect;
        redirect.status = movedPermanently;
        redirect.headers.add("Location", fmt::format("{}/{}", base, below));
        return call->respond(std::move(redirect));
    }
    const auto path = below.starts_with('/') ? std::string(below) : fmt::format("/{}", below);
    const std::string host(request.headers.get("Host"));
    carryOn(call,
            {.text = onwardText(request, path, host, {}),
             .headOnly = request.method == "HEAD",
             .upgrade = upgrade,
             .replyTime = proxyReplyTime,
             .links = ProxyLinks{.base = base, .upstreamHost = target->host, .clientHost = host}},
            target->connect);
}

} // namespace

void serveProxy(const std::shared_ptr<Call>& call, const api::Kind& kind)
{
    admitConnection(call, kind, proxyOptions(kind, call->info().proxyPath), proxy);
}

} // namespace keelson::apiserver
