// SPDX-License-Identifier: GPL-3.0-or-later
#include "tracing/derived_watch.h"

#include "models/read.h"
#include "tracing/derived_trace.h"

#include <QCoreApplication>
#include <QMutex>
#include <QPointer>
#include <QThreadPool>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace keelson::ui {
namespace {

using DocumentPtr = std::shared_ptr<const api::Value>;

std::string controllerOf(const api::Value& object)
{
    for (const auto& owner : listAt(object, {"metadata", "ownerReferences"})) {
        if (api::boolAt(owner, {"controller"}))
            return std::string(api::stringAt(owner, {"uid"}));
    }
    return {};
}

/// The root and what it controls, owners first.
std::vector<api::Value> familyOf(const std::string& root, const std::vector<std::vector<DocumentPtr>>& generations)
{
    std::vector<api::Value> all;
    std::set<std::string, std::less<>> uids;
    for (const auto& generation : generations) {
        for (const auto& object : generation) {
            const auto uid = api::stringAt(*object, {"metadata", "uid"});
            if (uid != root && !uids.contains(controllerOf(*object)))
                continue;
            uids.emplace(uid);
            all.push_back(*object);
        }
    }
    return all;
}

QUrlQuery selector(const char* name, const QString& value)
{
    QUrlQuery query;
    query.addQueryItem(QLatin1String(name), QString::fromLatin1(QUrl::toPercentEncoding(value)));
    return query;
}

/// The labels of what a workload controls; nothing, when it selects by expressions.
QUrlQuery labelsOf(const Item& item)
{
    const auto* facts = item.factsAs<WorkloadFacts>();
    if (!facts || facts->selector.isEmpty())
        return {};
    QStringList parts;
    for (auto it = facts->selector.cbegin(); it != facts->selector.cend(); ++it)
        parts << it.key() + QLatin1Char('=') + it.value();
    return selector("labelSelector", parts.join(QLatin1Char(',')));
}

} // namespace

/// What one watch knows. Shared by the network thread, which fills it, and the GUI thread; guarded by its mutex.
class DerivedWatch::Documents : public kube::WatchSink {
public:
    Documents(const KindInfo& kind, std::size_t most) : m_kind(kind), m_most(most) {}

    void listBegins() override { m_fresh.clear(); }
    void listed(const api::Value& page) override
    {
        for (const auto& object : listAt(page, {"items"}))
            keep(m_fresh, object);
    }
    void listEnds() override
    {
        const QMutexLocker lock(&m_mutex);
        m_kept = std::move(m_fresh);
        m_isListed = true;
        ++m_version;
    }
    void changed(const api::Value& object, bool removed) override
    {
        const QMutexLocker lock(&m_mutex);
        if (removed)
            m_kept.erase(std::string(api::stringAt(object, {"metadata", "uid"})));
        else
            keep(m_kept, object);
        ++m_version;
    }
    void resumed() override {}
    void failed(const Error& error) override
    {
        const QMutexLocker lock(&m_mutex);
        m_error = error;
        ++m_version;
    }

    quint64 version() const
    {
        const QMutexLocker lock(&m_mutex);
        return m_version;
    }
    bool isListed() const
    {
        const QMutexLocker lock(&m_mutex);
        return m_isListed;
    }
    /// Why it was not listed, if so.
    std::optional<Error> error() const
    {
        const QMutexLocker lock(&m_mutex);
        return m_isListed ? std::nullopt : m_error;
    }
    std::vector<DocumentPtr> all() const
    {
        const QMutexLocker lock(&m_mutex);
        std::vector<DocumentPtr> documents;
        for (const auto& [uid, document] : m_kept)
            documents.push_back(document);
        return documents;
    }

private:
    using Kept = std::map<std::string, DocumentPtr, std::less<>>;

    void keep(Kept& kept, const api::Value& object) const
    {
        auto document = object;
        auto& members = document.as_object(); // items of a list do not say what they are
        members["kind"] = m_kind.kind.toStdString();
        members["apiVersion"] = m_kind.groupVersion.toStdString();
        std::string uid(api::stringAt(object, {"metadata", "uid"}));
        kept.insert_or_assign(std::move(uid), std::make_shared<const api::Value>(std::move(document)));
        if (kept.size() > m_most)
            kept.erase(std::ranges::min_element(kept, {}, [](const auto& entry) {
                return std::string(api::stringAt(*entry.second, {"metadata", "creationTimestamp"}));
            }));
    }

    const KindInfo& m_kind;
    const std::size_t m_most;
    Kept m_fresh; ///< Of the list under way; network thread.
    mutable QMutex m_mutex;
    Kept m_kept;
    std::optional<Error> m_error;
    bool m_isListed = false;
    quint64 m_version = 0;
};

DerivedWatch::DerivedWatch(kube::ApiClient& client, ItemPtr item, QObject* parent)
    : QObject(parent), m_item(std::move(item))
{
    const auto& kind = *m_item->kind;
    const bool isDeployment = kind.id == QLatin1String("deployments");
    const bool hasPods = isDeployment || kind.id == QLatin1String("replicasets");
    follow(client, kind, selector("fieldSelector", QStringLiteral("metadata.name=") + m_item->name));
    if (isDeployment)
        follow(client, *findKind(QStringLiteral("replicasets")), labelsOf(*m_item));
    if (hasPods)
        follow(client, *findKind(QStringLiteral("pods")), labelsOf(*m_item));
    follow(client, *findKind(QStringLiteral("events")),
           hasPods ? QUrlQuery() : selector("fieldSelector", QStringLiteral("involvedObject.uid=") + m_item->uid));
    m_seen.resize(m_documents.size());
}

DerivedWatch::~DerivedWatch()
{
    for (auto* watch : m_watches)
        watch->deleteLater();
}

void DerivedWatch::follow(kube::ApiClient& client, const KindInfo& kind, const QUrlQuery& selectors)
{
    const bool isOfEvents = kind.id == QLatin1String("events");
    m_documents.push_back(std::make_shared<Documents>(kind, isOfEvents ? derivedEventsMax : SIZE_MAX));
    kube::WatchTarget target;
    target.path = kind.path(m_item->nameSpace);
    target.selectors = selectors;
    auto* watch = new kube::ListWatch(client.endpoint(), target, m_documents.back());
    watch->moveToThread(client.networkThread());
    connect(client.networkThread(), &QThread::finished, watch, &QObject::deleteLater);
    QMetaObject::invokeMethod(watch, [watch] { watch->start(); });
    m_watches.push_back(watch);
}

void DerivedWatch::look()
{
    std::vector<quint64> versions;
    for (const auto& documents : m_documents)
        versions.push_back(documents->version());
    if (m_isBuilding || versions == m_seen)
        return;
    for (const auto& documents : m_documents)
        if (const auto error = documents->error()) {
            m_seen = versions;
            emit traced(m_item->uid, std::make_shared<Result<trace::TraceView>>(fail(*error)));
            return;
        }
    if (!std::ranges::all_of(m_documents, [](const auto& documents) { return documents->isListed(); }))
        return;
    m_seen = std::move(versions);
    m_isBuilding = true;
    std::vector<std::vector<DocumentPtr>> all;
    for (const auto& documents : m_documents)
        all.push_back(documents->all());
    QThreadPool::globalInstance()->start(
        [self = QPointer<DerivedWatch>(this), uid = m_item->uid, all = std::move(all)]() mutable {
            std::vector<api::Value> events;
            for (const auto& event : all.back())
                events.push_back(*event);
            all.pop_back();
            const auto family = familyOf(uid.toStdString(), all);
            auto trace = std::make_shared<Result<trace::TraceView>>(fail(Reason::NotFound, "the object is gone"));
            if (!family.empty())
                *trace = derivedTrace(family, events);
            QMetaObject::invokeMethod(qApp, [self, uid, trace] {
                if (!self)
                    return;
                self->m_isBuilding = false;
                emit self->traced(uid, trace);
            });
        });
}

} // namespace keelson::ui
