// SPDX-License-Identifier: Apache-2.0
#include "api/deletion_answers.h"
#include "apiserver/call_audit.h"
#include "apiserver/read_options.h"
#include "apiserver/reply_encoding.h"
#include "apiserver/resource_routes.h"
#include "apiserver/status_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::apiserver {
namespace {

/// The object must be of the kind, and lie in the place, that the path names.
Result<Done> checkIdentity(const Call& call, const api::Kind& kind, const api::Value& object)
{
    if (!object.is_object())
        return fail(Reason::BadRequest, "the body is no object");
    const auto kindName = api::stringAt(object, {"kind"});
    const auto version = api::stringAt(object, {"apiVersion"});
    if ((!kindName.empty() && kindName != kind.kind) || (!version.empty() && version != kind.groupVersion.text())) {
        return fail(Reason::BadRequest, fmt::format("the body holds a {} of {}; this path takes a {} of {}",
                                                    kindName.empty() ? "document" : kindName, version, kind.kind,
                                                    kind.groupVersion.text()));
    }
    const auto nameSpace = api::stringAt(object, {"metadata", "namespace"});
    if (kind.namespaced && !nameSpace.empty() && nameSpace != call.info().nameSpace) {
        return fail(Reason::BadRequest, fmt::format("the namespace of the object ({}) is not the one of the path ({})",
                                                    nameSpace, call.info().nameSpace));
    }
    const auto name = api::stringAt(object, {"metadata", "name"});
    if (!call.info().name.empty() && !name.empty() && name != call.info().name) {
        return fail(Reason::BadRequest,
                    fmt::format("the name of the object ({}) is not the one of the path ({})", name, call.info().name));
    }
    return Done{};
}

void answerObject(Call& call, const api::Kind& kind, int status, const registry::StoredObjectPtr& object)
{
    const auto form = negotiate(call.request().headers.get("Accept"), offerOf(call, kind));
    if (!form)
        return call.respondError(form.error());
    const ReplyContext context{call.catalog(), kind, *form, TableObjects::Metadata, call.options().clock->wall()};
    auto response = encodeObject(context, object);
    if (!response)
        return call.respondError(response.error());
    response->status = status;
    call.respond(*std::move(response));
}

/// Answers with the object that was written, or why it was not.
void answerWritten(Call& call, const api::Kind& kind, int status, const Result<registry::StoredObjectPtr>& written)
{
    if (written)
        answerObject(call, kind, status, *written);
    else
        call.respondError(about(written.error(), kind, call.info().name));
}

/// Of a request whose body has been read: the call goes on when it is made.
registry::ObjectWrite writeOf(const Call& call, const api::Kind& kind, registry::ObjectWrite::Verb verb,
                              registry::WriteContext context, api::Value document)
{
    return {.verb = verb,
            .context = std::move(context),
            .kind = kind,
            .key = call.info().key(),
            .subresource = call.info().subresource,
            .document = std::move(document)};
}

Result<Done> create(const Call::TurnPtr& turn, const api::Kind& kind)
{
    auto& call = turn->call();
    TRY_ASSIGN(auto context, writeContext(call));
    TRY_ASSIGN(auto object, call.readBody(&context.duplicateFields));
    TRY_OK(checkIdentity(call, kind, object));
    call.registry().submit(
        writeOf(call, kind, registry::ObjectWrite::Verb::Create, std::move(context), std::move(object)),
        [turn, &kind](const auto& written) { answerWritten(turn->call(), kind, 201, written); });
    return Done{};
}

/// The caller was asked for the right to change; what does not exist yet is created.
Result<Done> checkMayCreate(const Call& call)
{
    auto attributes = call.info().attributes();
    attributes.verb = "create";
    const auto decision = call.options().authorizer->authorize(call.user, attributes);
    if (!decision.allowed)
        return fail(auth::forbidden(call.user, attributes, decision.reason));
    return Done{};
}

/// Kinds whose objects a PUT may make, as in Kubernetes: those that clients keep by a name of their own.
bool isMadeByUpdate(const api::Kind& kind)
{
    constexpr std::array<std::string_view, 4> core{"Endpoints", "Event", "LimitRange", "PodTemplate"};
    const auto& group = kind.groupVersion.group;
    if (group.empty())
        return std::ranges::find(core, kind.kind) != core.end();
    return group == "rbac.authorization.k8s.io" || (group == "coordination.k8s.io" && kind.kind == "Lease");
}

Result<Done> createByUpdate(const Call::TurnPtr& turn, registry::ObjectWrite write)
{
    auto& call = turn->call();
    TRY_OK(checkMayCreate(call));
    auto& metadata = api::objectAt(write.document, {"metadata"});
    metadata["name"] = call.info().name;
    for (const auto* member : {"resourceVersion", "uid"}) // Those of an object that is gone.
        metadata.stable_erase(member);
    const auto& kind = write.kind;
    write.verb = registry::ObjectWrite::Verb::Create;
    call.registry().submit(std::move(write),
                           [turn, &kind](const auto& written) { answerWritten(turn->call(), kind, 201, written); });
    return Done{};
}

Result<Done> update(const Call::TurnPtr& turn, const api::Kind& kind)
{
    auto& call = turn->call();
    TRY_ASSIGN(auto context, writeContext(call));
    TRY_ASSIGN(auto object, call.readBody(&context.duplicateFields));
    const auto& info = call.info();
    if (info.subresource == "scale") {
        TRY_ASSIGN(const auto scale, call.registry().updateScale(context, kind, info.key(), std::move(object)));
        call.respondDocument(200, scale);
        return Done{};
    }
    TRY_OK(checkIdentity(call, kind, object));
    const bool maybeMade = info.subresource.empty() && isMadeByUpdate(kind);
    auto write = writeOf(call, kind, registry::ObjectWrite::Verb::Update, std::move(context), std::move(object));
    auto creation = maybeMade ? std::make_unique<registry::ObjectWrite>(write) : nullptr;
    call.registry().submit(std::move(write), [turn, &kind, creation = std::move(creation)](const auto& written) {
        if (written || written.error().reason != Reason::NotFound || !creation)
            return answerWritten(turn->call(), kind, 200, written);
        // It was found missing while it was planned: nobody's commit waits for this.
        if (const auto done = createByUpdate(turn, std::move(*creation)); !done)
            turn->call().respondError(about(done.error(), kind, turn->call().info().name));
    });
    return Done{};
}

struct Patch {
    api::PatchType type;
    api::Value document;
};

Result<Patch> readPatch(Call& call, const api::Kind& kind, std::vector<std::string>& duplicates)
{
    const auto type = mediaTypeOf(call.request().headers.get("Content-Type"));
    const auto& body = call.request().body;
    const auto json = [&](api::PatchType patch) -> Result<Patch> {
        TRY_ASSIGN(auto document, api::parseJson(body, &duplicates));
        auditBody(call, document);
        return Patch{patch, std::move(document)};
    };
    if (type == "application/json-patch+json")
        return json(api::PatchType::Json);
    if (type == "application/merge-patch+json")
        return json(api::PatchType::Merge);
    if (type == "application/strategic-merge-patch+json" && (!kind.custom || call.info().subresource == "scale"))
        return json(api::PatchType::Strategic);
    if (type == "application/apply-patch+yaml") {
        TRY_ASSIGN(auto document, api::parseYaml(body, &duplicates));
        auditBody(call, document);
        return Patch{api::PatchType::Apply, std::move(document)};
    }
    return fail(Reason::UnsupportedMediaType,
                fmt::format("the body of the request was in an unknown format - accepted media types include: "
                            "application/json-patch+json, application/merge-patch+json, {}application/apply-patch+yaml",
                            kind.custom ? "" : "application/strategic-merge-patch+json, "));
}

Result<Done> patchObject(const Call::TurnPtr& turn, const api::Kind& kind)
{
    auto& call = turn->call();
    TRY_ASSIGN(auto context, writeContext(call));
    TRY_ASSIGN(auto patch, readPatch(call, kind, context.duplicateFields));
    const auto& info = call.info();
    if (info.subresource == "scale") {
        TRY_ASSIGN(const auto scale, call.registry().patchScale(context, kind, info.key(), patch.type, patch.document));
        call.respondDocument(200, scale);
        return Done{};
    }
    const auto created = std::make_shared<bool>(false);
    context.approve = [&call, created](const api::Value&, const api::Value* before) {
        *created = !before;
        return *created ? checkMayCreate(call) : Done{};
    };
    auto write = writeOf(call, kind, registry::ObjectWrite::Verb::Patch, std::move(context), std::move(patch.document));
    write.patchType = patch.type;
    call.registry().submit(std::move(write), [turn, &kind, created](const auto& written) {
        answerWritten(turn->call(), kind, *created ? 201 : 200, written);
    });
    return Done{};
}

Result<Done> remove(Call& call, const api::Kind& kind)
{
    TRY_ASSIGN(auto context, writeContext(call));
    TRY_ASSIGN(const auto options, deleteOptions(call, context, nullptr));
    const auto& info = call.info();
    TRY_ASSIGN(const auto removed, call.registry().remove(context, kind, info.key(), options));
    if (removed.gone && !api::answersDeletedObject(kind))
        call.respondDocument(200,
                             successDocument(kind.groupVersion.group, kind.plural, info.name, removed.object->uid));
    else
        answerObject(call, kind, 200, removed.object);
    return Done{};
}

Result<Done> removeCollection(Call& call, const api::Kind& kind)
{
    TRY_ASSIGN(auto context, writeContext(call));
    TRY_ASSIGN(const auto options, deleteOptions(call, context, nullptr));
    TRY_ASSIGN(const auto which, listOptions(call.request(), call.info()));
    TRY_ASSIGN(const auto removed, call.registry().removeCollection(context, kind, which, options));
    const auto form = negotiate(call.request().headers.get("Accept"), offerOf(call, kind));
    const ReplyContext reply{call.catalog(), kind, form.value_or(ReplyForm{}), TableObjects::Metadata,
                             call.options().clock->wall()};
    TRY_ASSIGN(auto response, encodeList(reply, removed));
    call.respond(std::move(response));
    return Done{};
}

Result<Done> write(const Call::TurnPtr& turn, const api::Kind& kind)
{
    auto& call = turn->call();
    const auto& verb = call.info().verb;
    if (verb == "create")
        return create(turn, kind);
    if (verb == "update")
        return update(turn, kind);
    if (verb == "patch")
        return patchObject(turn, kind);
    if (verb == "delete")
        return remove(call, kind);
    return removeCollection(call, kind);
}

/// Whether Kubernetes names the object in the details of such an answer.
bool namesObject(Reason reason)
{
    constexpr std::array reasons{Reason::AlreadyExists, Reason::Conflict, Reason::Forbidden, Reason::Invalid,
                                 Reason::NotFound};
    return std::ranges::find(reasons, reason) != reasons.end();
}

} // namespace

Error about(Error error, const api::Kind& kind, std::string_view name)
{
    // What others say of it is passed on as they say it.
    if (error.resource.empty() && !error.told && namesObject(error.reason)) {
        error.group = kind.groupVersion.group;
        error.resource = error.reason == Reason::Invalid ? kind.kind : kind.plural;
        error.name = name;
    }
    return error;
}

void serveWrite(const std::shared_ptr<Call>& call, const api::Kind& kind)
{
    // Before anything is written: an answer that nobody can read must not be found out afterwards.
    if (const auto form = negotiate(call->request().headers.get("Accept"), offerOf(*call, kind)); !form)
        return call->respondError(form.error());
    call->runInTurn([&kind](const Call::TurnPtr& turn) {
        if (const auto done = write(turn, kind); !done)
            turn->call().respondError(about(done.error(), kind, turn->call().info().name));
    });
}

} // namespace keelson::apiserver
