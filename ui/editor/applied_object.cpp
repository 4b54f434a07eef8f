// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/applied_object.h"

#include "editor/apply_runner.h"
#include "manifests/apply_journal.h"
#include "manifests/live_object.h"

namespace keelson::ui {

namespace {

constexpr int triesMax = 5; // a controller may write the status between our question and our answer

std::string_view metadataAt(const api::Value& object, std::string_view member)
{
    return api::stringAt(object, {"metadata", member});
}

bool isChangedSince(const AppliedObject& object, const api::Value& live)
{
    if (metadataAt(live, "uid") != metadataAt(object.after, "uid"))
        return true; // another one of that name
    return !object.before.is_null() && manifests::comparable(live) != manifests::comparable(object.after);
}

kube::Request restoring(const AppliedObject& object, const api::Value& live)
{
    kube::Request request;
    request.path = object.path;
    if (object.before.is_null()) {
        request.method = "DELETE";
        const api::Object own{{"uid", metadataAt(live, "uid")}};
        request.body = QByteArray::fromStdString(
            api::writeJson(api::Object{{"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"preconditions", own}}));
        return request;
    }
    auto before = object.before;
    auto& metadata = api::objectAt(before, {"metadata"});
    metadata.stable_erase("managedFields");
    metadata["resourceVersion"] = metadataAt(live, "resourceVersion"); // should it change now, the server refuses
    request.method = "PUT";
    request.query.addQueryItem(QStringLiteral("fieldManager"), QString::fromUtf8(applyManager));
    request.body = QByteArray::fromStdString(api::writeJson(before));
    return request;
}

void takeBack(kube::ApiClient& client, const AppliedObject& object, QObject* context, int tries,
              const std::function<void(const Result<Done>&)>& answer)
{
    kube::Request read;
    read.path = object.path;
    client.send(read, context, [=, &client](const Result<kube::Response>& live) {
        if (!live || !live->document) {
            const bool isGone = !live && live.error().reason == Reason::NotFound;
            if (isGone && object.before.is_null())
                answer(Done{});
            else
                answer(live ? fail(Reason::InternalError, "the server sent no object") : fail(live.error()));
            return;
        }
        if (isChangedSince(object, *live->document)) {
            answer(fail(Reason::Conflict, "somebody has changed it since it was applied: it stays as it is now"));
            return;
        }
        client.send(restoring(object, *live->document), context, [=, &client](const Result<kube::Response>& done) {
            if (!done && done.error().reason == Reason::Conflict && tries + 1 < triesMax)
                takeBack(client, object, context, tries + 1, answer);
            else
                answer(done ? Result<Done>(Done{}) : fail(done.error()));
        });
    });
}

} // namespace

void takeBack(kube::ApiClient& client, const AppliedObject& object, QObject* context,
              const std::function<void(const Result<Done>&)>& answer)
{
    takeBack(client, object, context, 0, answer);
}

void lookUp(kube::ApiClient& client, const AppliedObject& object, const api::Value& manifest, QObject* context,
            const std::function<void(const Result<std::pair<Fate, api::Value>>&)>& answer)
{
    kube::Request read;
    read.path = object.path;
    client.send(read, context, [=](const Result<kube::Response>& live) {
        if (!live && live.error().reason != Reason::NotFound) {
            answer(fail(live.error()));
            return;
        }
        const auto now = live && live->document ? *live->document : api::Value(nullptr);
        const bool isAsBefore = now.is_null() == object.before.is_null() &&
                                metadataAt(now, "resourceVersion") == metadataAt(object.before, "resourceVersion");
        answer(std::pair(isAsBefore                                            ? Fate::Open
                         : manifests::isAppliedBy(now, manifest, applyManager) ? Fate::Applied
                                                                               : Fate::Changed,
                         now));
    });
}

} // namespace keelson::ui
