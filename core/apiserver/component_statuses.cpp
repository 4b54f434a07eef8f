// SPDX-License-Identifier: Apache-2.0
#include "apiserver/component_statuses.h"

#include "apiserver/read_options.h"
#include "apiserver/reply_encoding.h"
#include "apiserver/resource_routes.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::apiserver {
namespace {

api::Value statusOf(const ComponentCheck& component)
{
    const auto works = component.check();
    api::Object condition{{"type", "Healthy"}, {"status", works ? "True" : "False"}};
    if (works)
        condition["message"] = "ok";
    else
        condition["error"] = works.error().message;
    return {{"kind", "ComponentStatus"},
            {"apiVersion", "v1"},
            {"metadata", {{"name", component.name}}},
            {"conditions", api::Array{std::move(condition)}}};
}

registry::StoredObjectPtr objectOf(const std::string& name, const api::Value& status)
{
    registry::StoredObject object;
    object.key.name = name;
    object.json = api::writeJson(status);
    return std::make_shared<const registry::StoredObject>(std::move(object));
}

Result<Response> answer(Call& call, const api::Kind& kind)
{
    const auto& info = call.info();
    TRY_ASSIGN(const auto form, negotiate(call.request().headers.get("Accept"), offerOf(call, kind)));
    TRY_ASSIGN(const auto objects, tableObjects(call.request().query.get("includeObject")));
    TRY_ASSIGN(const auto which, listOptions(call.request(), info));
    const ReplyContext reply{call.catalog(), kind, form, objects, call.options().clock->wall()};
    const auto& components = call.options().components;
    if (info.verb == "get") {
        const auto found = std::ranges::find(components, info.name, &ComponentCheck::name);
        if (found == components.end())
            return fail(about(makeError(Reason::NotFound, fmt::format("componentstatuses \"{}\" not found", info.name)),
                              kind, info.name));
        return encodeObject(reply, objectOf(found->name, statusOf(*found)));
    }
    registry::ObjectList list;
    for (const auto& component : components) {
        const auto status = statusOf(component);
        if (which.labels.matches(api::find(status, {"metadata", "labels"})) && which.fields.matches(status))
            list.objects.push_back(objectOf(component.name, status));
    }
    return encodeList(reply, list);
}

} // namespace

void serveComponentStatuses(const std::shared_ptr<Call>& call, const api::Kind& kind)
{
    call->warnings.emplace_back("v1 ComponentStatus is deprecated in v1.19+");
    call->runBlocking([&kind](Call& self) { // a part may have to be waited for
        auto response = answer(self, kind);
        if (response)
            self.respond(*std::move(response));
        else
            self.respondError(response.error());
    });
}

} // namespace keelson::apiserver
