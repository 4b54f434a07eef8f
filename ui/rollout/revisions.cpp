// SPDX-License-Identifier: GPL-3.0-or-later
#include "rollout/revisions.h"

#include "models/read.h"

#include <algorithm>

namespace keelson::ui {
namespace {

constexpr std::string_view revisionAnnotation = "deployment.kubernetes.io/revision";
constexpr std::string_view causeAnnotation = "kubernetes.io/change-cause";
constexpr std::string_view hashLabel = "pod-template-hash";

bool isControlledBy(const api::Value& object, const QString& uid)
{
    return std::ranges::any_of(listAt(object, {"metadata", "ownerReferences"}), [&](const api::Value& owner) {
        return api::boolAt(owner, {"controller"}) && textAt(owner, {"uid"}) == uid;
    });
}

api::Value templateOf(const api::Value& replicaSet)
{
    const auto* found = api::find(replicaSet, {"spec", "template"});
    auto made = found ? *found : api::Value();
    if (auto* labels = api::find(made, {"metadata", "labels"}); labels && labels->is_object())
        labels->get_object().erase(hashLabel);
    return made;
}

} // namespace

std::vector<Revision> revisionsOf(const api::Value& deployment, const std::vector<api::Value>& replicaSets)
{
    const auto uid = textAt(deployment, {"metadata", "uid"});
    std::vector<Revision> revisions;
    for (const auto& set : replicaSets) {
        if (!isControlledBy(set, uid))
            continue;
        Revision revision{.deploymentUid = uid,
                          .number = textAt(set, {"metadata", "annotations", revisionAnnotation}).toLongLong(),
                          .replicaSet = textAt(set, {"metadata", "name"}),
                          .createdMs = timeAt(set, {"metadata", "creationTimestamp"}),
                          .isCurrent = false,
                          .wanted = api::integerAt(set, {"spec", "replicas"}),
                          .ready = api::integerAt(set, {"status", "readyReplicas"}),
                          .images = {},
                          .cause = textAt(set, {"metadata", "annotations", causeAnnotation}),
                          .podTemplate = templateOf(set)};
        for (const auto& container : listAt(set, {"spec", "template", "spec", "containers"}))
            revision.images << textAt(container, {"image"});
        revisions.push_back(std::move(revision));
    }
    std::ranges::sort(revisions, std::ranges::greater(), &Revision::number);
    if (!revisions.empty()) // the set of the present template always gets the highest number
        revisions.front().isCurrent = true;
    return revisions;
}

QByteArray rollbackPatch(const Revision& revision)
{
    api::Array patch{
        api::Object{{"op", "test"}, {"path", "/metadata/uid"}, {"value", revision.deploymentUid.toStdString()}},
        api::Object{{"op", "replace"}, {"path", "/spec/template"}, {"value", revision.podTemplate}},
    };
    return QByteArray::fromStdString(api::writeJson(patch));
}

} // namespace keelson::ui
