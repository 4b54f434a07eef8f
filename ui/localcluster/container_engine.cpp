// SPDX-License-Identifier: GPL-3.0-or-later
#include "localcluster/container_engine.h"

#include "localcluster/http_call.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QUrl>

#include <fmt/format.h>

namespace keelson::localcluster {
namespace {

QByteArray labelFilter(const char* label, const QString& value)
{
    const QJsonObject filter{{"label", QJsonArray{QString::fromLatin1(label) + QLatin1Char('=') + value}}};
    return QUrl::toPercentEncoding(QString::fromUtf8(QJsonDocument(filter).toJson(QJsonDocument::Compact)));
}

constexpr int notFound = 404;
constexpr int alreadySo = 409; // Paused already, or not running; or somebody else removes it.

} // namespace

Result<QByteArray> ContainerEngine::call(const QByteArray& method, const QByteArray& target) const
{
    HttpCall request;
    request.method = method;
    request.target = "/v1.41" + target;
    request.timeoutMs = 30'000;
    TRY_ASSIGN(const auto answer, callUnixSocket(m_socket, request));
    const bool good = answer.status < 300 || answer.status == 304 || answer.status == notFound ||
                      (answer.status == alreadySo && method == "POST");
    if (good)
        return answer.body;
    const auto message = QJsonDocument::fromJson(answer.body).object().value("message").toString();
    return fail(reasonFromHttpStatus(answer.status), fmt::format("the Docker engine: {}", message.toStdString()));
}

Result<Done> ContainerEngine::ping() const
{
    HttpCall request;
    request.target = "/_ping";
    request.timeoutMs = 3'000;
    TRY_ASSIGN(const auto answer, callUnixSocket(m_socket, request));
    if (answer.status != 200)
        return fail(Reason::ServiceUnavailable,
                    fmt::format("{} answers with status {}", m_socket.toStdString(), answer.status));
    return Done{};
}

Result<QString> ContainerEngine::gatewayAddress() const
{
    TRY_ASSIGN(const auto body, call("GET", "/networks/bridge"));
    const auto ranges = QJsonDocument::fromJson(body).object()["IPAM"].toObject()["Config"].toArray();
    auto address = ranges.isEmpty() ? QString() : ranges.first().toObject()["Gateway"].toString();
    if (address.isEmpty())
        return fail(Reason::NotFound, "the Docker engine has no network \"bridge\" with a gateway");
    return address;
}

Result<QStringList> ContainerEngine::idsOf(const QByteArray& target, const char* idMember) const
{
    TRY_ASSIGN(const auto body, call("GET", target));
    QStringList ids;
    const auto entries = QJsonDocument::fromJson(body).array();
    for (const auto& entry : entries)
        ids << entry.toObject().value(QLatin1String(idMember)).toString();
    return ids;
}

Result<QStringList> ContainerEngine::containersOf(const QString& node) const
{
    return idsOf("/containers/json?all=true&filters=" + labelFilter("io.keelson.node", node), "Id");
}

Result<Done> ContainerEngine::forAll(const QString& node, const QByteArray& verb) const
{
    TRY_ASSIGN(const auto ids, containersOf(node));
    for (const auto& id : ids)
        TRY_OK(call("POST", "/containers/" + id.toLatin1() + verb));
    return Done{};
}

Result<Done> ContainerEngine::pauseAll(const QString& node) const
{
    return forAll(node, "/pause");
}

Result<Done> ContainerEngine::resumeAll(const QString& node) const
{
    return forAll(node, "/unpause");
}

Result<Done> ContainerEngine::removeContainers(const QString& node) const
{
    TRY_ASSIGN(const auto containers, containersOf(node));
    for (const auto& id : containers) {
        const auto removed = call("DELETE", "/containers/" + id.toLatin1() + "?force=true&v=true");
        if (!removed && removed.error().reason != reasonFromHttpStatus(alreadySo))
            return fail(removed.error());
    }
    return Done{};
}

Result<Done> ContainerEngine::removeAll(const QString& node) const
{
    TRY_OK(removeContainers(node));
    TRY_ASSIGN(const auto networks, idsOf("/networks?filters=" + labelFilter("keelson.node", node), "Id"));
    for (const auto& id : networks)
        TRY_OK(call("DELETE", "/networks/" + id.toLatin1()));
    return Done{};
}

} // namespace keelson::localcluster
