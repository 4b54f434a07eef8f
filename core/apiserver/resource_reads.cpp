// SPDX-License-Identifier: Apache-2.0
#include "api/conversion.h"
#include "api/protobuf.h"
#include "apiserver/read_options.h"
#include "apiserver/reply_encoding.h"
#include "apiserver/resource_routes.h"
#include "apiserver/status_document.h"
#include "apiserver/watch_session.h"

namespace keelson::apiserver {
namespace {

/// Larger answers that must be converted are made on the executor, away from the connections' threads.
constexpr std::size_t inlineObjectsMax = 32;

ReplyContext replyContext(Call& call, const api::Kind& kind, const ReplyForm& form, TableObjects objects)
{
    return {call.catalog(), kind, form, objects, call.options().clock->wall()};
}

void answer(Call& call, Result<Response> response)
{
    if (response)
        call.respond(*std::move(response));
    else
        call.respondError(response.error());
}

/// Who was reading pages of a state that is no longer kept gets a token to go on with.
void refuseList(Call& call, const Error& error, const registry::ListOptions& options)
{
    if (error.reason != Reason::Expired || options.continueToken.empty())
        return call.respondError(error);
    auto status = statusDocument(error);
    api::objectAt(status, {"metadata"})["continue"] = call.registry().inconsistentContinue(options.continueToken);
    call.respond(Response::text(httpStatus(error.reason), "application/json", api::writeJson(status) + "\n"));
}

void serveList(const std::shared_ptr<Call>& call, const api::Kind& kind, const ReplyForm& form, TableObjects objects)
{
    auto options = listOptions(call->request(), call->info());
    if (!options)
        return call->respondError(options.error());
    auto list = call->registry().list(kind, *options);
    if (!list)
        return refuseList(*call, list.error(), *options);
    if (form.plainJson() || list->objects.size() <= inlineObjectsMax || api::isShownConverted(kind))
        return answer(*call, encodeList(replyContext(*call, kind, form, objects), *list));
    call->runBlocking([&kind, form, objects, list = *std::move(list)](Call& self) {
        answer(self, encodeList(replyContext(self, kind, form, objects), list));
    });
}

Result<Done> serveWatch(const std::shared_ptr<Call>& call, const api::Kind& kind, const ReplyForm& form,
                        TableObjects objects)
{
    TRY_ASSIGN(const auto options, watchOptions(call->request(), call->info()));
    return startWatch(call, kind, options, form, objects);
}

void serveScale(Call& call, const api::Kind& kind, const ReplyForm& form, TableObjects objects)
{
    const auto scale = call.registry().scale(kind, call.info().key());
    if (!scale)
        return call.respondError(about(scale.error(), kind, call.info().name));
    answer(call, encodeScale(replyContext(call, scaleKind(), form, objects), *scale));
}

void read(const std::shared_ptr<Call>& call, const api::Kind& kind, const ReplyForm& form, TableObjects objects)
{
    const auto& info = call->info();
    if (info.subresource == "scale")
        return serveScale(*call, kind, form, objects);
    if (info.verb == "watch") {
        if (const auto started = serveWatch(call, kind, form, objects); !started)
            call->respondError(started.error());
        return;
    }
    if (info.verb == "list")
        return serveList(call, kind, form, objects);
    if (const auto fresh = call->registry().reached(call->request().query.get("resourceVersion")); !fresh)
        return call->respondError(about(fresh.error(), kind, info.name));
    const auto object = call->registry().get(kind, info.key());
    if (!object)
        return call->respondError(about(object.error(), kind, info.name));
    answer(*call, encodeObject(replyContext(*call, kind, form, objects), *object));
}

} // namespace

Offer offerOf(const Call& call, const api::Kind& kind)
{
    const auto& info = call.info();
    return {.protobuf = info.subresource == "scale" || api::hasProtobufForm(kind),
            .stream = info.verb == "watch",
            .list = info.verb == "list" || info.verb == "deletecollection"};
}

void serveRead(const std::shared_ptr<Call>& call, const api::Kind& kind)
{
    const auto form = negotiate(call->request().headers.get("Accept"), offerOf(*call, kind));
    if (!form)
        return call->respondError(form.error());
    const auto objects = tableObjects(call->request().query.get("includeObject"));
    if (!objects)
        return call->respondError(objects.error());
    if (!api::isShownConverted(kind))
        return read(call, kind, *form, *objects);
    call->runBlocking([&kind, form = *form, objects = *objects](Call& self) { // a webhook may have to answer first
        read(self.shared_from_this(), kind, form, objects);
    });
}

} // namespace keelson::apiserver
