// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/cluster.h"

#include "models/read.h"

#include <QTimer>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr int feedGraceMs = 2'000; // so that a walk through the pages does not list everything again
constexpr int connectDeadlineMs = 8'000;

} // namespace

FeedLease::FeedLease(Cluster* cluster, QString kind) : m_cluster(cluster), m_kind(std::move(kind)) {}

FeedLease::FeedLease(FeedLease&& other) noexcept
    : m_cluster(std::exchange(other.m_cluster, nullptr)), m_kind(std::move(other.m_kind))
{
}

FeedLease& FeedLease::operator=(FeedLease&& other) noexcept
{
    std::swap(m_cluster, other.m_cluster);
    std::swap(m_kind, other.m_kind);
    return *this;
}

FeedLease::~FeedLease()
{
    if (m_cluster)
        m_cluster->release(m_kind);
}

Cluster::Cluster(kube::ClusterAccess access, const Clock& clock, QObject* parent)
    : QObject(parent),
      m_clock(clock),
      m_client(std::make_unique<kube::ApiClient>(std::move(access))),
      m_health(new HealthProbe(*m_client, this))
{
}

Cluster::~Cluster()
{
    m_feeds.clear();
}

ObjectStore* Cluster::store(const QString& kind)
{
    auto& store = m_stores[kind];
    if (!store) {
        const auto* info = findKind(kind);
        Q_ASSERT_X(info, "Cluster::store", "unknown kind");
        store = new ObjectStore(*info, this);
        connect(store, &ObjectStore::stateChanged, m_health, [this, store] {
            if (store->problem() && !m_serverVersion.isNull())
                m_health->ask(); // a feed that breaks off is the first to know
        });
    }
    return store;
}

FeedLease Cluster::watch(const QString& kind)
{
    auto& watched = m_feeds[kind];
    ++watched.holders;
    ++watched.generation;
    if (!watched.feed)
        startFeed(kind, {});
    return FeedLease(this, kind);
}

void Cluster::startFeed(const QString& kind, const QString& nameSpace)
{
    auto& watched = m_feeds[kind];
    auto* objects = store(kind);
    watched.feed = std::make_unique<Feed>(*m_client, *objects, m_clock, nameSpace);
    const auto own = m_client->access().nameSpace;
    if (!nameSpace.isEmpty() || !objects->kind().namespaced)
        return;
    // Who may not list all namespaces may still list their own.
    connect(
        watched.feed.get(), &Feed::forbidden, this,
        [this, kind, own] {
            QTimer::singleShot(0, this, [this, kind, own] {
                if (m_feeds.contains(kind))
                    startFeed(kind, own);
            });
        },
        Qt::SingleShotConnection);
}

void Cluster::release(const QString& kind)
{
    const auto found = m_feeds.find(kind);
    if (found == m_feeds.end() || --found->second.holders > 0)
        return;
    QTimer::singleShot(feedGraceMs, this, [this, kind, generation = found->second.generation] {
        const auto it = m_feeds.find(kind);
        if (it == m_feeds.end() || it->second.holders > 0 || it->second.generation != generation)
            return;
        m_feeds.erase(it);
        store(kind)->clear();
        store(kind)->setProblem(std::nullopt);
        store(kind)->setState(ObjectStore::State::Idle);
    });
}

void Cluster::connectNow()
{
    kube::Request request;
    request.path = QStringLiteral("/version");
    request.deadlineMs = connectDeadlineMs;
    m_client->send(request, this, [this](const Result<kube::Response>& answer) {
        if (!answer) {
            emit connectionFailed(answer.error());
            return;
        }
        if (answer->document)
            m_serverVersion = textAt(*answer->document, {"gitVersion"});
        m_health->ask();
        emit connected();
    });
}

void Cluster::setNameSpaces(const QSet<QString>& nameSpaces)
{
    if (m_nameSpaces == nameSpaces)
        return;
    m_nameSpaces = nameSpaces;
    emit nameSpacesChanged();
}

qint64 Cluster::lagMs() const
{
    qint64 lag = 0;
    for (const auto& [kind, watched] : m_feeds)
        if (watched.feed)
            lag = std::max(lag, watched.feed->lagMs());
    return lag;
}

} // namespace keelson::ui
