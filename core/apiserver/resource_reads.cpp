// SPDX-License-Identifier: Apache-2.0
#include "apiserver/reply_encoding.h"
#include "apiserver/resource_routes.h"
#include "apiserver/watch_session.h"

#include <fmt/format.h>

#include <charconv>

namespace keelson::apiserver {
namespace {

/// Larger answers that must be converted are made on the executor, away from the connections' threads.
constexpr std::size_t inlineObjectsMax = 32;

Result<registry::ListOptions> listOptions(Call& call)
{
    const auto& query = call.request().query;
    registry::ListOptions options;
    options.nameSpace = call.info().nameSpace;
    TRY_ASSIGN(options.labels, api::LabelSelector::parse(query.get("labelSelector")));
    TRY_ASSIGN(options.fields, api::FieldSelector::parse(query.get("fieldSelector")));
    TRY_ASSIGN(const auto limit, query.number("limit"));
    if (limit && *limit < 0)
        return fail(Reason::BadRequest, "the parameter limit must not be negative");
    options.limit = static_cast<std::size_t>(limit.value_or(0));
    options.continueToken = query.get("continue");
    options.resourceVersion = query.get("resourceVersion");
    options.resourceVersionMatch = query.get("resourceVersionMatch");
    return options;
}

Result<registry::WatchOptions> watchOptions(Call& call)
{
    const auto& query = call.request().query;
    registry::WatchOptions options;
    options.nameSpace = call.info().nameSpace;
    TRY_ASSIGN(options.labels, api::LabelSelector::parse(query.get("labelSelector")));
    auto fields = std::string(query.get("fieldSelector"));
    if (!call.info().name.empty()) // A watch of one object by its path.
        fields += fmt::format("{}metadata.name={}", fields.empty() ? "" : ",", call.info().name);
    TRY_ASSIGN(options.fields, api::FieldSelector::parse(fields));
    const auto version = query.get("resourceVersion");
    const auto [end, code] = std::from_chars(version.data(), version.data() + version.size(), options.after);
    if (!version.empty() && (code != std::errc() || end != version.data() + version.size()))
        return fail(Reason::BadRequest,
                    fmt::format("the parameter resourceVersion must be a number, not \"{}\"", version));
    options.sendInitialEvents = query.flag("sendInitialEvents");
    options.bookmarks = query.flag("allowWatchBookmarks") || options.sendInitialEvents;
    return options;
}

ReplyContext replyContext(Call& call, const api::Kind& kind, const ReplyForm& form, TableObjects objects)
{
    return {call.registry().catalog(), kind, form, objects, call.options().clock->wall()};
}

void answer(Call& call, Result<Response> response)
{
    if (response)
        call.respond(*std::move(response));
    else
        call.respondError(response.error());
}

void serveList(const std::shared_ptr<Call>& call, const api::Kind& kind, const ReplyForm& form, TableObjects objects)
{
    auto options = listOptions(*call);
    if (!options)
        return call->respondError(options.error());
    auto list = call->registry().list(kind, *options);
    if (!list)
        return call->respondError(about(list.error(), kind, {}));
    if (form.plainJson() || list->objects.size() <= inlineObjectsMax)
        return answer(*call, encodeList(replyContext(*call, kind, form, objects), *list));
    call->runBlocking([&kind, form, objects, list = *std::move(list)](Call& self) {
        answer(self, encodeList(replyContext(self, kind, form, objects), list));
    });
}

Result<Done> serveWatch(const std::shared_ptr<Call>& call, const api::Kind& kind, const ReplyForm& form,
                        TableObjects objects)
{
    TRY_ASSIGN(const auto options, watchOptions(*call));
    return startWatch(call, kind, options, form, objects);
}

void serveScale(Call& call, const api::Kind& kind, const ReplyForm& form, TableObjects objects)
{
    const auto scale = call.registry().scale(kind, call.info().key());
    if (!scale)
        return call.respondError(about(scale.error(), kind, call.info().name));
    answer(call, encodeScale(replyContext(call, scaleKind(), form, objects), *scale));
}

} // namespace

void serveRead(const std::shared_ptr<Call>& call, const api::Kind& kind)
{
    const auto form = negotiate(call->request().headers.get("Accept"));
    if (!form)
        return call->respondError(form.error());
    const auto objects = tableObjects(call->request().query.get("includeObject"));
    if (!objects)
        return call->respondError(objects.error());
    if (call->info().subresource == "scale")
        return serveScale(*call, kind, *form, *objects);
    if (call->info().verb == "watch") {
        if (const auto started = serveWatch(call, kind, *form, *objects); !started)
            call->respondError(about(started.error(), kind, {}));
        return;
    }
    if (call->info().verb == "list")
        return serveList(call, kind, *form, *objects);
    const auto object = call->registry().get(kind, call->info().key());
    if (!object)
        return call->respondError(about(object.error(), kind, call->info().name));
    answer(*call, encodeObject(replyContext(*call, kind, *form, *objects), *object));
}

} // namespace keelson::apiserver
