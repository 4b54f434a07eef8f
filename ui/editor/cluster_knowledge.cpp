// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/cluster_knowledge.h"

#include "models/read.h"

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>
#include <QUrl>

namespace keelson::ui {

namespace {

constexpr int refreshMs = 15'000;
constexpr int pageSize = 500;
constexpr auto asMetadata = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

} // namespace

ClusterKnowledge::ClusterKnowledge(Cluster& cluster, QObject* parent)
    : QObject(parent), m_cluster(cluster), m_around(std::make_shared<manifests::Surroundings>())
{
    const auto own = cluster.client().access().nameSpace;
    if (!own.isEmpty())
        m_around->defaultNameSpace = own.toStdString();
    m_timer.setInterval(refreshMs);
    connect(&m_timer, &QTimer::timeout, this, &ClusterKnowledge::refresh);
}

ClusterKnowledge& ClusterKnowledge::of(Cluster& cluster)
{
    auto* known = cluster.findChild<ClusterKnowledge*>();
    return known ? *known : *new ClusterKnowledge(cluster, &cluster);
}

void ClusterKnowledge::setActive(bool isActive)
{
    m_active += isActive ? 1 : -1;
    if (!isActive) {
        if (m_active == 0)
            m_timer.stop();
        return;
    }
    refresh();
    m_timer.start();
}

void ClusterKnowledge::readKinds()
{
    kube::Request request;
    request.path = QStringLiteral("/openapi/v3");
    m_cluster.client().send(request, this, [this](const Result<kube::Response>& answer) {
        QStringList urls;
        if (answer && answer->document)
            for (const auto& member : membersAt(*answer->document, {"paths"}))
                if (const auto url = textAt(member.value(), {"serverRelativeURL"}); !url.isEmpty())
                    urls << url;
        if (urls.isEmpty()) {
            if (!std::exchange(m_isSettled, true))
                emit failed(answer ? makeError(Reason::NotFound, "the server names no OpenAPI documents")
                                   : answer.error());
            return;
        }
        if (std::exchange(m_documents, urls) != urls)
            readKind(std::make_shared<std::vector<api::Value>>(), urls);
    });
}

void ClusterKnowledge::readKind(const std::shared_ptr<std::vector<api::Value>>& documents, QStringList left)
{
    if (left.isEmpty()) {
        takeKinds(documents);
        return;
    }
    const QUrl url(left.takeFirst());
    kube::Request request;
    request.path = url.path();
    request.query = QUrlQuery(url);
    m_cluster.client().send(request, this, [this, documents, left](const Result<kube::Response>& answer) {
        if (answer && answer->document) // a group whose server is away is left out
            documents->push_back(*answer->document);
        readKind(documents, left);
    });
}

void ClusterKnowledge::takeKinds(std::shared_ptr<std::vector<api::Value>> documents)
{
    QThreadPool::globalInstance()->start([self = QPointer<ClusterKnowledge>(this), documents = std::move(documents)] {
        auto read = document::kindsOfOpenApi(*documents);
        auto catalog = read ? std::make_shared<const api::Catalog>(*std::move(read)) : nullptr;
        const auto error = read ? Error() : read.error();
        QMetaObject::invokeMethod(qApp, [self, catalog, error] {
            if (!self)
                return;
            self->m_isSettled = true;
            if (!catalog) {
                emit self->failed(error);
                return;
            }
            self->m_kinds = document::Kinds(catalog);
            emit self->kindsChanged();
            self->refresh();
        });
    });
}

manifests::Surroundings& ClusterKnowledge::change()
{
    // Who was given the old one keeps it.
    m_around = std::make_shared<manifests::Surroundings>(*m_around);
    return *m_around;
}

void ClusterKnowledge::want(const QSet<QString>& kinds, const std::set<manifests::ObjectName>& withKeys)
{
    for (const auto& kind : kinds)
        if (!m_wanted.contains(kind)) {
            m_wanted.insert(kind);
            readNames(kind);
        }
    for (const auto& object : withKeys)
        if (m_keysWanted.insert(object).second)
            readKeys(object);
}

void ClusterKnowledge::refresh()
{
    readKinds();
    for (const auto& kind : m_wanted)
        readNames(kind);
    for (const auto& object : m_keysWanted)
        readKeys(object);
}

void ClusterKnowledge::readNames(const QString& kind)
{
    const auto wanted = kind.toStdString();
    for (const auto* known : m_kinds.all())
        if (known->kind == wanted) {
            const auto groupVersion = QString::fromStdString(known->groupVersion.text());
            const auto root = known->groupVersion.group.empty() ? QStringLiteral("/api/") : QStringLiteral("/apis/");
            readPage(kind, root + groupVersion + QLatin1Char('/') + QString::fromStdString(known->plural), {},
                     std::make_shared<Listing>());
            return;
        }
}

void ClusterKnowledge::readPage(const QString& kind, const QString& path, const QString& more,
                                const std::shared_ptr<Listing>& listing)
{
    kube::Request request;
    request.path = path;
    request.accept = asMetadata;
    request.query.addQueryItem(QStringLiteral("limit"), QString::number(pageSize));
    if (!more.isEmpty())
        request.query.addQueryItem(QStringLiteral("continue"), more);
    m_cluster.client().send(request, this, [=, this](const Result<kube::Response>& answer) {
        if (!answer || !answer->document)
            return; // not allowed, or away: nothing is known of that kind
        for (const auto& item : listAt(*answer->document, {"items"})) {
            const std::string where(api::stringAt(item, {"metadata", "namespace"}));
            listing->names.names.emplace(where, std::string(api::stringAt(item, {"metadata", "name"})));
            if (kind == QLatin1String("Pod"))
                listing->pods.emplace_back(where, manifests::labelsAt(item, {"metadata", "labels"}));
        }
        const auto next = textAt(*answer->document, {"metadata", "continue"});
        listing->names.isComplete = next.isEmpty();
        if (!next.isEmpty() && static_cast<int>(listing->names.names.size()) < namesPerKindMax)
            readPage(kind, path, next, listing);
        else
            take(kind, *listing);
    });
}

void ClusterKnowledge::take(const QString& kind, const Listing& listing)
{
    const auto known = m_around->cluster.find(kind.toStdString());
    const bool isPods = kind == QLatin1String("Pod");
    if (known != m_around->cluster.end() && known->second == listing.names &&
        (!isPods || m_around->clusterPods == listing.pods))
        return; // as it was: nothing has to be checked again
    auto& around = change();
    around.cluster[kind.toStdString()] = listing.names;
    if (isPods)
        around.clusterPods = listing.pods;
    emit namesChanged();
}

void ClusterKnowledge::readKeys(const manifests::ObjectName& object)
{
    const auto* kind = findKind(QString::fromStdString(object.kind));
    if (!kind)
        return;
    kube::Request request;
    request.path = kind->path(QString::fromStdString(object.nameSpace), QString::fromStdString(object.name));
    m_cluster.client().send(request, this, [this, object](const Result<kube::Response>& answer) {
        if (!answer || !answer->document)
            return;
        std::set<std::string> keys;
        for (const auto* part : {"data", "binaryData"})
            for (const auto& member : membersAt(*answer->document, {part}))
                keys.emplace(member.key());
        const auto known = m_around->clusterKeys.find(object);
        if (known != m_around->clusterKeys.end() && known->second == keys)
            return;
        change().clusterKeys[object] = std::move(keys);
        emit namesChanged();
    });
}

} // namespace keelson::ui
