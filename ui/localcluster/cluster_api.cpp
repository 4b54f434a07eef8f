// SPDX-License-Identifier: GPL-3.0-or-later
#include "localcluster/cluster_api.h"

#include "localcluster/http_call.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <fmt/format.h>

#include <algorithm>

namespace keelson::localcluster {
namespace {

constexpr int timeoutMs = 3'000;
constexpr int notFound = 404;

Result<HttpAnswer> ask(const ClusterState& state, HttpCall call)
{
    TRY_ASSIGN(const auto config, kube::Kubeconfig::load(state.adminKubeconfig()));
    TRY_ASSIGN(const auto access, config.access());
    call.timeoutMs = timeoutMs;
    return callApi(access, call);
}

/// Success for a good answer, and for 404: what is to change or go is gone.
Result<Done> change(const ClusterState& state, const HttpCall& call)
{
    TRY_ASSIGN(const auto answer, ask(state, call));
    if (answer.status < 300 || answer.status == notFound)
        return Done{};
    const auto message = QJsonDocument::fromJson(answer.body).object()["message"].toString();
    return fail(reasonFromHttpStatus(answer.status),
                fmt::format("{} {}: {}", call.method.toStdString(), call.target.toStdString(), message.toStdString()));
}

Result<QJsonArray> list(const ClusterState& state, const QByteArray& target)
{
    HttpCall call;
    call.target = target;
    TRY_ASSIGN(const auto answer, ask(state, call));
    if (answer.status != 200)
        return fail(reasonFromHttpStatus(answer.status),
                    fmt::format("the API answers {} to a list of {}", answer.status, target.toStdString()));
    return QJsonDocument::fromJson(answer.body).object()["items"].toArray();
}

Result<QJsonArray> podsOf(const ClusterState& state, const QString& node)
{
    return list(state, "/api/v1/pods?fieldSelector=spec.nodeName%3D" + node.toLatin1());
}

bool isReady(const QJsonObject& node)
{
    const auto conditions = node["status"].toObject()["conditions"].toArray();
    return std::ranges::any_of(conditions, [](const auto& entry) {
        const auto condition = entry.toObject();
        return condition["type"].toString() == QLatin1String("Ready") &&
               condition["status"].toString() == QLatin1String("True");
    });
}

/// Whether the pod would be made again on the same node, or has ended.
bool staysBehind(const QJsonObject& pod)
{
    const auto phase = pod["status"].toObject()["phase"].toString();
    const auto owners = pod["metadata"].toObject()["ownerReferences"].toArray();
    return phase == QLatin1String("Succeeded") || phase == QLatin1String("Failed") ||
           std::ranges::any_of(owners, [](const auto& owner) {
               return owner.toObject()["kind"].toString() == QLatin1String("DaemonSet");
           });
}

QByteArray pathOf(const QJsonObject& pod)
{
    const auto meta = pod["metadata"].toObject();
    return QStringLiteral("/api/v1/namespaces/%1/pods/%2")
        .arg(meta["namespace"].toString(), meta["name"].toString())
        .toLatin1();
}

Result<Done> evict(const ClusterState& state, const QJsonObject& pod)
{
    const auto meta = pod["metadata"].toObject();
    HttpCall call;
    call.method = "POST";
    call.target = pathOf(pod) + "/eviction";
    call.body =
        QJsonDocument(QJsonObject{{"apiVersion", "policy/v1"},
                                  {"kind", "Eviction"},
                                  {"metadata", QJsonObject{{"name", meta["name"]}, {"namespace", meta["namespace"]}}}})
            .toJson(QJsonDocument::Compact);
    const auto evicted = change(state, call);
    if (!evicted && evicted.error().reason == Reason::TooManyRequests)
        return Done{}; // A disruption budget holds it; it is asked again as long as there is patience.
    return evicted;
}

} // namespace

Result<Done> apiReady(const ClusterState& state)
{
    HttpCall call;
    call.target = "/readyz";
    TRY_ASSIGN(const auto answer, ask(state, call));
    if (answer.status != 200)
        return fail(Reason::ServiceUnavailable,
                    fmt::format("/readyz answers {}: {}", answer.status, answer.body.left(200).toStdString()));
    return Done{};
}

Result<QStringList> readyNodes(const ClusterState& state)
{
    TRY_ASSIGN(const auto nodes, list(state, "/api/v1/nodes"));
    QStringList ready;
    for (const auto& entry : nodes) {
        const auto node = entry.toObject();
        if (isReady(node))
            ready << node["metadata"].toObject()["name"].toString();
    }
    return ready;
}

Result<Done> setScheduling(const ClusterState& state, const QString& node, Scheduling scheduling)
{
    const QJsonObject patch{{"spec", QJsonObject{{"unschedulable", scheduling == Scheduling::Barred}}}};
    HttpCall call;
    call.method = "PATCH";
    call.target = "/api/v1/nodes/" + node.toLatin1();
    call.contentType = "application/merge-patch+json";
    call.body = QJsonDocument(patch).toJson(QJsonDocument::Compact);
    return change(state, call);
}

Result<QStringList> evictPods(const ClusterState& state, const QString& node)
{
    TRY_ASSIGN(const auto pods, podsOf(state, node));
    QStringList left;
    for (const auto& entry : pods) {
        const auto pod = entry.toObject();
        const auto meta = pod["metadata"].toObject();
        if (staysBehind(pod))
            continue;
        left << meta["namespace"].toString() + QLatin1Char('/') + meta["name"].toString();
        if (!meta.contains("deletionTimestamp"))
            TRY_OK(evict(state, pod));
    }
    return left;
}

Result<Done> deleteNode(const ClusterState& state, const QString& node)
{
    HttpCall call;
    call.method = "DELETE";
    call.target = "/api/v1/nodes/" + node.toLatin1();
    TRY_OK(change(state, call));
    TRY_ASSIGN(const auto pods, podsOf(state, node));
    call.body = R"({"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0})";
    for (const auto& pod : pods) {
        call.target = pathOf(pod.toObject());
        TRY_OK(change(state, call));
    }
    return Done{};
}

} // namespace keelson::localcluster
