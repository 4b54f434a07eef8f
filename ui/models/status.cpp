// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/status.h"

#include "models/read.h"

#include <QSet>

namespace keelson::ui {

namespace {

const QSet<QString>& waitingReasonsThatAreErrors()
{
    static const QSet<QString> reasons{
        QStringLiteral("CrashLoopBackOff"),     QStringLiteral("ImagePullBackOff"),
        QStringLiteral("ErrImagePull"),         QStringLiteral("InvalidImageName"),
        QStringLiteral("ErrImageNeverPull"),    QStringLiteral("CreateContainerConfigError"),
        QStringLiteral("CreateContainerError"), QStringLiteral("RunContainerError"),
        QStringLiteral("StartError"),           QStringLiteral("PostStartHookError"),
    };
    return reasons;
}

/// The condition of that type, or null.
const api::Value* condition(const api::Value& object, std::string_view type)
{
    for (const auto& entry : listAt(object, {"status", "conditions"}))
        if (api::stringAt(entry, {"type"}) == type)
            return &entry;
    return nullptr;
}

bool conditionIs(const api::Value& object, std::string_view type, std::string_view status)
{
    const auto* found = condition(object, type);
    return found && api::stringAt(*found, {"status"}) == status;
}

/// What a container that does not run says; an empty word when it has nothing to say.
Status containerTrouble(const api::Value& container)
{
    if (const auto* waiting = api::find(container, {"state", "waiting"})) {
        const auto reason = textAt(*waiting, {"reason"});
        const auto message = textAt(*waiting, {"message"});
        if (waitingReasonsThatAreErrors().contains(reason))
            return {StatusRole::Error, reason, message};
        if (!reason.isEmpty())
            return {StatusRole::Progress, reason, message};
    }
    if (const auto* ended = api::find(container, {"state", "terminated"})) {
        const auto code = api::integerAt(*ended, {"exitCode"});
        auto reason = textAt(*ended, {"reason"});
        if (code == 0)
            return {StatusRole::Done, reason.isEmpty() ? QStringLiteral("Completed") : reason, {}};
        if (reason.isEmpty())
            reason = QStringLiteral("Error");
        const auto message = textAt(*ended, {"message"});
        return {StatusRole::Error, reason,
                message.isEmpty() ? QStringLiteral("%1: exit code %2").arg(textAt(container, {"name"})).arg(code)
                                  : message};
    }
    return {};
}

Status pendingPod(const api::Value& pod)
{
    if (const auto* scheduled = condition(pod, "PodScheduled");
        scheduled && api::stringAt(*scheduled, {"status"}) == "False") {
        const auto reason = textAt(*scheduled, {"reason"});
        if (reason == QLatin1String("Unschedulable"))
            return {StatusRole::Error, reason, textAt(*scheduled, {"message"})};
        return {StatusRole::Waiting, reason.isEmpty() ? QStringLiteral("Pending") : reason,
                textAt(*scheduled, {"message"})};
    }
    if (api::stringAt(pod, {"spec", "nodeName"}).empty())
        return {StatusRole::Waiting, QStringLiteral("Pending"), {}};
    return {StatusRole::Progress, QStringLiteral("ContainerCreating"), {}};
}

Status replicas(const api::Value& object, qint64 wanted, qint64 ready)
{
    if (!api::stringAt(object, {"metadata", "deletionTimestamp"}).empty())
        return {StatusRole::Ending, QStringLiteral("Terminating"), {}};
    if (wanted == 0)
        return {StatusRole::Ending, QStringLiteral("Scaled to 0"), {}};
    if (ready >= wanted)
        return {StatusRole::Ok, QStringLiteral("Ready"), {}};
    return {StatusRole::Progress, QStringLiteral("Progressing"),
            QStringLiteral("%L1 of %L2 ready").arg(ready).arg(wanted)};
}

} // namespace

QString statusRoleName(StatusRole role)
{
    static const char* const names[] = {"ok", "done", "progress", "waiting", "error", "ending", "unknown"};
    return QString::fromLatin1(names[static_cast<int>(role)]);
}

Status podStatus(const api::Value& pod)
{
    const auto podReason = textAt(pod, {"status", "reason"});
    if (!api::stringAt(pod, {"metadata", "deletionTimestamp"}).empty()) {
        if (podReason == QLatin1String("NodeLost"))
            return {StatusRole::Unknown, QStringLiteral("Unknown"), textAt(pod, {"status", "message"})};
        return {StatusRole::Ending, QStringLiteral("Terminating"), {}};
    }
    const auto phase = textAt(pod, {"status", "phase"});
    if (phase == QLatin1String("Failed")) {
        const auto message = textAt(pod, {"status", "message"});
        if (!podReason.isEmpty())
            return {StatusRole::Error, podReason, message};
    }
    for (const auto& container : listAt(pod, {"status", "initContainerStatuses"})) {
        auto trouble = containerTrouble(container);
        if (trouble.role == StatusRole::Done || (trouble.word.isEmpty()))
            continue;
        if (trouble.word == QLatin1String("PodInitializing"))
            continue;
        trouble.word = QStringLiteral("Init:") + trouble.word;
        return trouble;
    }
    Status worst;
    for (const auto& container : listAt(pod, {"status", "containerStatuses"})) {
        const auto trouble = containerTrouble(container);
        if (trouble.word.isEmpty())
            continue;
        const bool isWorse = worst.word.isEmpty() || trouble.role == StatusRole::Error ||
                             (trouble.role == StatusRole::Progress && worst.role == StatusRole::Done);
        if (isWorse)
            worst = trouble;
    }
    if (phase == QLatin1String("Failed"))
        return worst.role == StatusRole::Error
                   ? worst
                   : Status{StatusRole::Error, QStringLiteral("Failed"), textAt(pod, {"status", "message"})};
    if (phase == QLatin1String("Succeeded"))
        return {StatusRole::Done, QStringLiteral("Completed"), {}};
    if (!worst.word.isEmpty() && !(worst.role == StatusRole::Done && phase == QLatin1String("Running")))
        return worst;
    if (phase == QLatin1String("Running")) {
        if (conditionIs(pod, "Ready", "False"))
            return {StatusRole::Progress, QStringLiteral("Not ready"), textAt(*condition(pod, "Ready"), {"message"})};
        return {StatusRole::Ok, QStringLiteral("Running"), {}};
    }
    if (phase == QLatin1String("Unknown"))
        return {StatusRole::Unknown, QStringLiteral("Unknown"), textAt(pod, {"status", "message"})};
    return pendingPod(pod);
}

Status nodeStatus(const api::Value& node)
{
    const auto* ready = condition(node, "Ready");
    if (!ready)
        return {StatusRole::Unknown, QStringLiteral("Unknown"), QStringLiteral("The node has not reported yet.")};
    const auto state = api::stringAt(*ready, {"status"});
    const auto message = textAt(*ready, {"message"});
    if (state == "Unknown")
        return {StatusRole::Unknown, QStringLiteral("No heartbeat"), message};
    if (state != "True")
        return {StatusRole::Error, QStringLiteral("NotReady"), message};
    for (const auto* pressure : {"DiskPressure", "MemoryPressure", "PIDPressure"})
        if (conditionIs(node, pressure, "True"))
            return {StatusRole::Error, QString::fromLatin1(pressure), textAt(*condition(node, pressure), {"message"})};
    if (api::boolAt(node, {"spec", "unschedulable"}))
        return {StatusRole::Waiting, QStringLiteral("Cordoned"), QStringLiteral("New pods are not placed here.")};
    return {StatusRole::Ok, QStringLiteral("Ready"), {}};
}

Status deploymentStatus(const api::Value& deployment)
{
    if (const auto* progressing = condition(deployment, "Progressing");
        progressing && api::stringAt(*progressing, {"reason"}) == "ProgressDeadlineExceeded")
        return {StatusRole::Error, QStringLiteral("Stalled"), textAt(*progressing, {"message"})};
    if (const auto* failure = condition(deployment, "ReplicaFailure");
        failure && api::stringAt(*failure, {"status"}) == "True")
        return {StatusRole::Error, textAt(*failure, {"reason"}), textAt(*failure, {"message"})};
    const auto wanted = api::integerAt(deployment, {"spec", "replicas"}, 1);
    auto status = replicas(deployment, wanted, api::integerAt(deployment, {"status", "readyReplicas"}));
    if (api::boolAt(deployment, {"spec", "paused"}) && status.role != StatusRole::Ok)
        return {StatusRole::Ending, QStringLiteral("Paused"), status.reason};
    if (status.role == StatusRole::Ok && api::integerAt(deployment, {"status", "updatedReplicas"}) < wanted)
        return {StatusRole::Progress, QStringLiteral("Updating"), {}};
    return status;
}

Status replicaSetStatus(const api::Value& replicaSet)
{
    if (const auto* failure = condition(replicaSet, "ReplicaFailure");
        failure && api::stringAt(*failure, {"status"}) == "True")
        return {StatusRole::Error, textAt(*failure, {"reason"}), textAt(*failure, {"message"})};
    return replicas(replicaSet, api::integerAt(replicaSet, {"spec", "replicas"}, 1),
                    api::integerAt(replicaSet, {"status", "readyReplicas"}));
}

Status settlingStatus(const api::Value& object)
{
    const auto kind = api::stringAt(object, {"kind"});
    if (kind == "Pod")
        return podStatus(object);
    if (kind == "Job") {
        if (conditionIs(object, "Failed", "True"))
            return {StatusRole::Error, QStringLiteral("Failed"), textAt(*condition(object, "Failed"), {"message"})};
        return conditionIs(object, "Complete", "True") ? Status{StatusRole::Done, QStringLiteral("Completed"), {}}
                                                       : Status{StatusRole::Progress, QStringLiteral("Running"), {}};
    }
    if (kind == "CustomResourceDefinition")
        return conditionIs(object, "Established", "True")
                   ? Status{StatusRole::Ok, QStringLiteral("Ready"), {}}
                   : Status{StatusRole::Progress, QStringLiteral("Progressing"), {}};
    if (kind != "Deployment" && kind != "ReplicaSet" && kind != "StatefulSet" && kind != "DaemonSet")
        return {};
    if (api::integerAt(object, {"status", "observedGeneration"}) < api::integerAt(object, {"metadata", "generation"}))
        return {StatusRole::Progress, QStringLiteral("Progressing"), {}};
    if (kind == "Deployment")
        return deploymentStatus(object);
    if (kind == "ReplicaSet")
        return replicaSetStatus(object);
    if (kind == "StatefulSet")
        return replicas(object, api::integerAt(object, {"spec", "replicas"}, 1),
                        api::integerAt(object, {"status", "readyReplicas"}));
    return replicas(object, api::integerAt(object, {"status", "desiredNumberScheduled"}),
                    api::integerAt(object, {"status", "numberReady"}));
}

Status namespaceStatus(const api::Value& nameSpace)
{
    if (textAt(nameSpace, {"status", "phase"}) == QLatin1String("Terminating"))
        return {StatusRole::Ending, QStringLiteral("Terminating"), {}};
    return {StatusRole::Ok, QStringLiteral("Active"), {}};
}

Status eventStatus(const api::Value& event)
{
    const auto type = textAt(event, {"type"});
    if (type == QLatin1String("Warning"))
        return {StatusRole::Waiting, type, textAt(event, {"message"})};
    return {StatusRole::Done, type.isEmpty() ? QStringLiteral("Normal") : type, {}};
}

} // namespace keelson::ui
