// SPDX-License-Identifier: GPL-3.0-or-later
#include "localcluster/local_cluster.h"

#include "localcluster/host_cleanup.h"
#include "localcluster/kubeconfig_merge.h"
#include "localcluster/way_up.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QLockFile>
#include <QNetworkInterface>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace keelson::localcluster {
namespace {

constexpr Milliseconds endTime{15'000};
constexpr Milliseconds stragglerTime{500};
constexpr int lockTimeoutMs = 500;
constexpr int nodesMax = 50;

/// One program at a time works on a cluster. A lock whose owner died is taken over (QLockFile looks at its process).
class ClusterLock {
public:
    static Result<std::unique_ptr<QLockFile>> take(const QString& folder)
    {
        QDir().mkpath(folder);
        auto lock = std::make_unique<QLockFile>(folder + QStringLiteral("/cluster.lock"));
        lock->setStaleLockTime(0);
        if (lock->tryLock(lockTimeoutMs))
            return lock;
        qint64 pid = 0;
        QString host;
        QString program;
        lock->getLockInfo(&pid, &host, &program);
        if (lock->error() == QLockFile::LockFailedError)
            return fail(Reason::Conflict, fmt::format("{} (process {}) is at work on this cluster; wait for it to end",
                                                      program.toStdString(), pid));
        return fail(
            Reason::InternalError,
            fmt::format("cannot write to {}: look whether the disk is full or the folder belongs to another user",
                        folder.toStdString()));
    }
};

Result<Done> checkSpec(const ClusterSpec& spec)
{
    if (!isClusterName(spec.name))
        return fail(Reason::Invalid,
                    fmt::format("\"{}\" is no name for a cluster: up to {} lower case letters, digits and -, "
                                "starting with a letter",
                                spec.name.toStdString(), clusterNameLengthMax));
    if (spec.nodes < 1 || spec.nodes > nodesMax)
        return fail(Reason::Invalid, fmt::format("{} nodes: from 1 to {} are possible", spec.nodes, nodesMax));
    if (spec.runtime != QLatin1String("docker") && spec.runtime != QLatin1String("simulated"))
        return fail(Reason::Invalid,
                    fmt::format("\"{}\" is no runtime: docker or simulated", spec.runtime.toStdString()));
    return Done{};
}

/// The ranges that this machine's interfaces have addresses of: networks of others, and leftovers of ours.
std::set<int> rangesOfInterfaces()
{
    std::set<int> taken;
    for (const auto& address : QNetworkInterface::allAddresses()) {
        for (int index = 0; index < clustersMax; ++index) {
            ClusterState state;
            state.rangeIndex = index;
            if (address.isInSubnet(QHostAddress::parseSubnet(state.podCidr())) ||
                address.isInSubnet(QHostAddress::parseSubnet(state.serviceCidr())))
                taken.insert(index);
        }
    }
    return taken;
}

/// The least range of addresses that no other cluster of this user has, nor any interface of this machine.
Result<int> freeRange(const QString& root)
{
    auto taken = rangesOfInterfaces();
    for (const auto& name : clusterNames(root)) {
        if (const auto state = loadState(root, name))
            taken.insert(state->rangeIndex);
    }
    for (int index = 0; index < clustersMax; ++index) {
        if (!taken.contains(index))
            return index;
    }
    return fail(
        Reason::TooManyRequests,
        fmt::format("no range of addresses is free: other local clusters or networks of this machine have all {} "
                    "of 10.244.0.0/16 and below; delete a cluster",
                    clustersMax));
}

} // namespace

LocalClusterOptions LocalClusterOptions::defaults()
{
    LocalClusterOptions options;
    const auto data = qEnvironmentVariable("XDG_DATA_HOME", QDir::homePath() + QStringLiteral("/.local/share"));
    options.root = data + QStringLiteral("/keelson/clusters");
    options.programFolder = QCoreApplication::applicationDirPath();
    options.kubeconfig = kubeconfigPath();
    const auto host = qEnvironmentVariable("DOCKER_HOST");
    if (host.startsWith(QLatin1String("unix://")))
        options.dockerSocket = host.mid(7);
    return options;
}

LocalCluster::LocalCluster(LocalClusterOptions options, const Clock& clock)
    : m_options(std::move(options)), m_engine(m_options.dockerSocket), m_patience(clock)
{
}

Result<ClusterState> LocalCluster::loadOrMake(const ClusterSpec& spec)
{
    auto known = loadState(m_options.root, spec.name);
    if (!known && known.error().reason != Reason::NotFound)
        return known;
    ClusterState state;
    if (known) {
        state = *known;
    } else {
        TRY_ASSIGN(state.rangeIndex, freeRange(m_options.root));
        state.name = spec.name;
        state.folder = m_options.root + QLatin1Char('/') + spec.name;
    }
    const bool runs = std::ranges::any_of(state.references(), isAlive);
    if (runs && state.runtime != spec.runtime)
        return fail(Reason::Conflict, fmt::format("cluster \"{}\" runs with {} nodes: take it down first",
                                                  spec.name.toStdString(), state.runtime.toStdString()));
    state.nodes = runs ? std::max(state.nodes, spec.nodes) : spec.nodes;
    state.runtime = spec.runtime;
    return state;
}

Result<LocalCluster::UpResult> LocalCluster::up(const ClusterSpec& spec, const Report& report)
{
    TRY_OK(checkSpec(spec));
    TRY_ASSIGN(const auto lock, ClusterLock::take(m_options.root + QLatin1Char('/') + spec.name));
    TRY_ASSIGN(auto state, loadOrMake(spec));
    if (state.paused) {
        continueAll(state.references());
        for (const auto& node : state.nodeNames())
            TRY_OK(m_engine.resumeAll(node));
        state.paused = false;
    }
    WayUp way(m_options, m_engine, m_patience, state);
    TRY_OK(way.go(report));
    return UpResult{!way.startedAny(), m_options.kubeconfig, contextName(spec.name)};
}

/// All programs ended, their containers, networks and rules gone.
Result<Done> LocalCluster::ensureGone(ClusterState& state)
{
    if (!endAll(state.references(), endTime, m_patience))
        return fail(Reason::Timeout, fmt::format("a program of \"{}\" does not end: see {}/logs",
                                                 state.name.toStdString(), state.folder.toStdString()));
    state.processes.clear();
    state.paused = false;
    TRY_OK(saveState(state));
    if (state.runtime != QLatin1String("docker"))
        return Done{};
    // The engine still finishes what an agent asked of it before that ended.
    const auto hasContainers = [this](const QString& node) {
        const auto containers = m_engine.containersOf(node);
        return containers && !containers->isEmpty();
    };
    do {
        for (const auto& node : state.nodeNames()) {
            if (const auto removed = m_engine.removeContainers(node); !removed && m_engine.ping())
                return removed;
        }
    } while (m_patience.wait([&] { return std::ranges::any_of(state.nodeNames(), hasContainers); }, stragglerTime));
    for (const auto& node : state.nodeNames()) {
        if (const auto removed = m_engine.removeAll(node); !removed && m_engine.ping())
            return removed;
        removePacketRules(node);
    }
    return Done{};
}

Result<Done> LocalCluster::down(const QString& name)
{
    TRY_OK(loadState(m_options.root, name));
    TRY_ASSIGN(const auto lock, ClusterLock::take(m_options.root + QLatin1Char('/') + name));
    TRY_ASSIGN(auto state, loadState(m_options.root, name));
    return ensureGone(state);
}

Result<Done> LocalCluster::pause(const QString& name)
{
    TRY_OK(loadState(m_options.root, name));
    TRY_ASSIGN(const auto lock, ClusterLock::take(m_options.root + QLatin1Char('/') + name));
    TRY_ASSIGN(auto state, loadState(m_options.root, name));
    if (std::ranges::none_of(state.references(), isAlive))
        return fail(Reason::Conflict, fmt::format("cluster \"{}\" is down", name.toStdString()));
    stopAll(state.references()); // First: an agent would see its containers stop.
    state.paused = true;
    TRY_OK(saveState(state));
    if (state.runtime == QLatin1String("docker")) {
        for (const auto& node : state.nodeNames())
            TRY_OK(m_engine.pauseAll(node));
    }
    return Done{};
}

Result<Done> LocalCluster::resume(const QString& name)
{
    TRY_OK(loadState(m_options.root, name));
    TRY_ASSIGN(const auto lock, ClusterLock::take(m_options.root + QLatin1Char('/') + name));
    TRY_ASSIGN(auto state, loadState(m_options.root, name));
    if (!state.paused)
        return fail(Reason::Conflict, fmt::format("cluster \"{}\" is not paused", name.toStdString()));
    if (state.runtime == QLatin1String("docker")) {
        for (const auto& node : state.nodeNames())
            TRY_OK(m_engine.resumeAll(node));
    }
    continueAll(state.references());
    state.paused = false;
    return saveState(state);
}

Result<Done> LocalCluster::remove(const QString& name)
{
    TRY_OK(loadState(m_options.root, name));
    {
        TRY_ASSIGN(const auto lock, ClusterLock::take(m_options.root + QLatin1Char('/') + name));
        TRY_ASSIGN(auto state, loadState(m_options.root, name));
        TRY_OK(ensureGone(state));
    }
    QFile config(m_options.kubeconfig);
    if (config.open(QIODevice::ReadOnly)) {
        const auto before = config.readAll();
        // One that cannot be read is not ours to mend.
        if (const auto without = dropFromKubeconfig(before, contextName(name));
            without && *without != before && before.contains(contextName(name).toUtf8()))
            TRY_OK(writePrivateFile(m_options.kubeconfig, *without));
    }
    if (!QDir(m_options.root + QLatin1Char('/') + name).removeRecursively())
        return fail(Reason::InternalError,
                    fmt::format("cannot remove all of {}/{}", m_options.root.toStdString(), name.toStdString()));
    return Done{};
}

Result<ClusterStatus> LocalCluster::status(const QString& name)
{
    TRY_ASSIGN(const auto state, loadState(m_options.root, name));
    ClusterStatus status;
    status.name = name;
    status.nodes = state.nodes;
    int alive = 0;
    for (const auto& process : state.processes) {
        const bool runs = isAlive(process.process);
        alive += runs ? 1 : 0;
        status.processes.push_back(
            {process.name, runs ? process.process.pid : 0, isStopped(process.process), process.logFile});
    }
    using Phase = ClusterStatus::Phase;
    const bool all = alive == state.nodes + 1;
    status.phase = alive == 0 ? Phase::Down : state.paused ? Phase::Paused : all ? Phase::Up : Phase::Partly;
    if (alive > 0)
        status.apiServer = QStringLiteral("https://") + state.apiListen;
    if (alive > 0 && !state.paused) {
        if (const auto ready = readyNodes(state))
            status.nodesReady = static_cast<int>(ready->size());
    }
    return status;
}

std::vector<ClusterStatus> LocalCluster::list()
{
    std::vector<ClusterStatus> all;
    for (const auto& name : clusterNames(m_options.root)) {
        if (auto known = status(name))
            all.push_back(*std::move(known));
    }
    return all;
}

Result<QString> LocalCluster::joinToken(const QString& name)
{
    TRY_ASSIGN(const auto state, loadState(m_options.root, name));
    QFile file(state.serverFolder() + QStringLiteral("/agent.token"));
    if (!file.open(QIODevice::ReadOnly))
        return fail(Reason::NotFound,
                    fmt::format("cluster \"{}\" has no token yet: bring it up once", name.toStdString()));
    return QString::fromUtf8(file.readAll()).trimmed();
}

QString contextName(const QString& cluster)
{
    return QStringLiteral("keelson-") + cluster;
}

} // namespace keelson::localcluster
