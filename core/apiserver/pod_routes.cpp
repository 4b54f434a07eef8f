// SPDX-License-Identifier: Apache-2.0
#include "apiserver/pod_routes.h"

#include "apiserver/connection_admission.h"
#include "apiserver/resource_routes.h"
#include "apiserver/standalone_document.h"
#include "apiserver/status_document.h"
#include "registry/write_rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace keelson::apiserver {
namespace {

std::vector<std::string> containerNames(const api::Value& pod, std::initializer_list<std::string_view> lists)
{
    std::vector<std::string> names;
    for (const auto list : lists) {
        const auto* containers = api::find(pod, {"spec", list});
        if (!containers || !containers->is_array())
            continue;
        for (const auto& container : containers->get_array())
            names.emplace_back(api::stringAt(container, {"name"}));
    }
    return names;
}

/// The container that the request means, or why there is none.
Result<std::string> chooseContainer(const api::Value& pod, std::string_view wanted, const std::string& podName)
{
    const auto all = containerNames(pod, {"containers", "initContainers", "ephemeralContainers"});
    if (!wanted.empty()) {
        if (std::ranges::find(all, wanted) == all.end())
            return fail(Reason::BadRequest, fmt::format("container {} is not valid for pod {}", wanted, podName));
        return std::string(wanted);
    }
    const auto ordinary = containerNames(pod, {"containers"});
    const auto chosen = api::stringAt(pod, {"metadata", "annotations", "kubectl.kubernetes.io/default-container"});
    if (!chosen.empty() && std::ranges::find(ordinary, chosen) != ordinary.end())
        return std::string(chosen);
    if (ordinary.size() == 1)
        return ordinary.front();
    auto message = fmt::format("a container name must be specified for pod {}, choose one of: [{}]", podName,
                               fmt::join(ordinary, " "));
    if (const auto first = containerNames(pod, {"initContainers"}); !first.empty())
        message += fmt::format(" or one of the init containers: [{}]", fmt::join(first, " "));
    return fail(Reason::BadRequest, std::move(message));
}

Result<client::PodTarget> findTarget(Call& call, const api::Kind& pods)
{
    const auto& info = call.info();
    TRY_ASSIGN(const auto stored, call.registry().get(pods, info.key()));
    TRY_ASSIGN(const auto pod, api::parseJson(stored->json));
    client::PodTarget target{
        info.nameSpace, info.name, stored->uid, std::string(api::stringAt(pod, {"spec", "nodeName"})), {}};
    if (info.subresource != "portforward") {
        TRY_ASSIGN(target.container, chooseContainer(pod, call.request().query.get("container"), info.name));
    }
    if (target.node.empty())
        return fail(Reason::BadRequest, fmt::format("pod {} does not have a host assigned", info.name));
    if (!call.options().pods)
        return fail(Reason::ServiceUnavailable, "this server has no way to the nodes");
    return target;
}

Result<Done> bind(Call& call)
{
    TRY_ASSIGN(auto context, writeContext(call));
    TRY_ASSIGN(const auto body, readStandalone(call, context, "core/v1/Binding"));
    const auto node = api::stringAt(body, {"target", "name"});
    const auto kind = api::stringAt(body, {"target", "kind"});
    if (node.empty() || (!kind.empty() && kind != "Node"))
        return fail(Reason::BadRequest, "a binding needs the node's name in target.name");
    std::vector<client::Client::Binding> one;
    auto pod = call.info().key();
    if (pod.name.empty())
        pod.name = api::stringAt(body, {"metadata", "name"});
    if (pod.name.empty())
        return fail(Reason::BadRequest, "a binding needs the pod's name in metadata.name");
    one.push_back({pod, std::string(api::stringAt(body, {"metadata", "uid"})), std::string(node)});
    TRY_OK(call.registry().bindEach(context, std::move(one)).front());
    call.respondDocument(201, createdDocument());
    return Done{};
}

/// Completes the Eviction that was sent; it must name the pod of the path.
Result<Done> settleEviction(const RequestInfo& info, const api::Kind& pods, api::Value& eviction)
{
    if (api::stringAt(eviction, {"metadata", "name"}) != info.name)
        return fail(Reason::BadRequest, "name in URL does not match name in Eviction object");
    return registry::settleNamespace(pods, info.nameSpace, eviction);
}

/// How the Eviction wants the pod to be deleted.
Result<client::DeleteOptions> deletionOf(Call& call, registry::WriteContext& context, const api::Value& eviction)
{
    const auto* const wanted = api::find(eviction, {"deleteOptions"});
    const api::Value none = api::Object{};
    return deleteOptions(call, context, wanted ? wanted : &none);
}

Result<Done> evict(Call& call, const api::Kind& pods)
{
    TRY_ASSIGN(auto context, writeContext(call));
    TRY_ASSIGN(auto eviction, readStandalone(call, context, "policy/v1/Eviction", "policy/v1beta1"));
    TRY_OK(settleEviction(call.info(), pods, eviction));
    TRY_OK(deletionOf(call, context, eviction)); // Whether it is a dry run, admission must know.
    const auto asAdmitted = [&call, context](const api::Value& admitted) mutable {
        return deletionOf(call, context, admitted);
    };
    TRY_OK(call.registry().evict(context, call.info().key(), std::move(eviction), asAdmitted));
    call.respondDocument(201, createdDocument());
    return Done{};
}

/// log, exec, attach and portforward go to the pod's node.
void connect(const std::shared_ptr<Call>& call, const api::Kind& pods)
{
    const auto& what = call->info().subresource;
    const auto target = findTarget(*call, pods);
    if (!target)
        call->respondError(about(target.error(), pods, call->info().name));
    else if (what == "log")
        serveLog(call, *target);
    else if (what == "portforward")
        servePortForward(call, *target);
    else
        serveExec(call, *target, what == "attach");
}

} // namespace

std::string_view chosenProtocol(const Request& request, std::span<const std::string_view> known)
{
    const auto offers = request.headers.listed("Sec-WebSocket-Protocol");
    const auto chosen = std::ranges::find_first_of(known, offers);
    return chosen == known.end() ? std::string_view() : *chosen;
}

void serveBinding(const std::shared_ptr<Call>& call)
{
    call->runBlocking([](Call& self) {
        if (const auto done = bind(self); !done)
            self.respondError(about(done.error(), api::kindOf<api::Pod>(), self.info().name));
    });
}

bool servePod(const std::shared_ptr<Call>& call, const api::Kind& pods)
{
    const auto& what = call->info().subresource;
    const auto& verb = call->info().verb;
    const auto refuse = [&pods](Call& self, const Error& error) {
        self.respondError(about(error, pods, self.info().name));
    };
    if (what == "binding" && verb == "create") {
        call->runBlocking([refuse](Call& self) {
            if (const auto done = bind(self); !done)
                refuse(self, done.error());
        });
        return true;
    }
    if (what == "eviction" && verb == "create") {
        call->runBlocking([refuse, &pods](Call& self) {
            if (const auto done = evict(self, pods); !done)
                refuse(self, done.error());
        });
        return true;
    }
    const bool log = what == "log" && verb == "get";
    const bool exec = (what == "exec" || what == "attach") && (verb == "get" || verb == "create");
    const bool forward = what == "portforward" && (verb == "get" || verb == "create");
    if (!log && !exec && !forward)
        return false;
    if (log)
        connect(call, pods);
    else
        admitConnection(call, pods, connectionOptions(*call),
                        [&pods](const std::shared_ptr<Call>& admitted) { connect(admitted, pods); });
    return true;
}

} // namespace keelson::apiserver
