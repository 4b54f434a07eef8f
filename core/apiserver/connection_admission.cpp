// SPDX-License-Identifier: Apache-2.0
#include "apiserver/connection_admission.h"

#include "apiserver/resource_routes.h"

#include <charconv>
#include <ranges>

namespace keelson::apiserver {
namespace {

/// What is no port is refused when the connection is made.
api::Value portForwardOptions(const Query& query)
{
    api::Array ports;
    for (const auto& text : query.all("ports")) {
        for (const auto& word : text | std::views::split(',')) {
            int port = 0;
            if (std::from_chars(word.data(), word.data() + word.size(), port).ec == std::errc{})
                ports.emplace_back(port);
        }
    }
    api::Object options{{"apiVersion", "v1"}, {"kind", "PodPortForwardOptions"}};
    if (!ports.empty())
        options["ports"] = std::move(ports);
    return options;
}

} // namespace

void admitConnection(const std::shared_ptr<Call>& call, const api::Kind& kind, api::Value options,
                     std::function<void(const std::shared_ptr<Call>&)> then)
{
    if (!call->registry().asksAboutConnections())
        return then(call);
    call->runBlocking([&kind, options = std::move(options), then = std::move(then)](Call& self) {
        registry::WriteContext context;
        context.user = self.user;
        context.warnings = &self.warnings;
        context.auditAnnotations = self.audit ? &self.auditAnnotations : nullptr;
        context.auditsBodies = self.audit && self.audit->wantsRequest();
        const auto& info = self.info();
        if (const auto admitted = self.registry().admitConnection(context, kind, info.key(), info.subresource, options);
            !admitted)
            return self.respondError(about(admitted.error(), kind, info.name));
        if (self.audit)
            self.audit->annotate(self.auditAnnotations); // No answer may follow that would take them along.
        then(self.shared_from_this());
    });
}

api::Value connectionOptions(Call& call)
{
    const auto& what = call.info().subresource;
    const auto& query = call.request().query;
    if (what == "portforward")
        return portForwardOptions(query);
    api::Object options{{"apiVersion", "v1"}, {"kind", what == "exec" ? "PodExecOptions" : "PodAttachOptions"}};
    for (const auto* const flag : {"stdin", "stdout", "stderr", "tty"}) {
        if (query.flag(flag))
            options[flag] = true;
    }
    if (const auto container = query.get("container"); !container.empty())
        options["container"] = container;
    if (what == "exec") {
        const auto command = query.all("command");
        options["command"] = api::Array(command.begin(), command.end());
    }
    return options;
}

api::Value proxyOptions(const api::Kind& kind, std::string_view target)
{
    api::Object options{{"apiVersion", "v1"}, {"kind", kind.kind + "ProxyOptions"}};
    if (const auto path = percentDecoded(target.substr(0, target.find('?'))); !path.empty())
        options["path"] = path;
    return options;
}

} // namespace keelson::apiserver
