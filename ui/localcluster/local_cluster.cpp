// SPDX-License-Identifier: GPL-3.0-or-later
#include "localcluster/local_cluster.h"

#include "base/file_lock.h"
#include "localcluster/cluster_api.h"
#include "localcluster/container_engine.h"
#include "localcluster/host_cleanup.h"
#include "localcluster/kubeconfig_merge.h"
#include "localcluster/way_up.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QNetworkInterface>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace keelson::localcluster {
namespace {

constexpr Milliseconds endTime{15'000};
constexpr Milliseconds lockTime{500};
constexpr int nodesMax = 50;

/// One program at a time works on a cluster, also where the disk is full.
Result<FileLock> lockCluster(const QString& folder, Patience& patience)
{
    QDir().mkpath(folder);
    std::optional<Result<FileLock>> lock;
    patience.wait(
        [&] {
            lock = FileLock::acquire((folder + QStringLiteral("/cluster.lock")).toStdString());
            return *lock || lock->error().reason != Reason::Conflict;
        },
        lockTime);
    if (!*lock && lock->error().reason == Reason::Conflict)
        return fail(Reason::Conflict, fmt::format("another program is at work on this cluster; wait for it to end ({})",
                                                  lock->error().message));
    return *std::move(lock);
}

Result<Done> checkSpec(const ClusterSpec& spec)
{
    if (!isClusterName(spec.name))
        return fail(Reason::Invalid,
                    fmt::format("\"{}\" is no name for a cluster: up to {} lower case letters, digits and -, "
                                "starting with a letter",
                                spec.name.toStdString(), clusterNameLengthMax));
    if (spec.nodes && (*spec.nodes < 1 || *spec.nodes > nodesMax))
        return fail(Reason::Invalid, fmt::format("{} nodes: from 1 to {} are possible", *spec.nodes, nodesMax));
    if (!spec.runtime.isEmpty() && spec.runtime != QLatin1String("docker") &&
        spec.runtime != QLatin1String("simulated"))
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

/// The engine that the cluster's containers are on.
ContainerEngine engineOf(const ClusterState& state)
{
    return ContainerEngine(state.engineSocket);
}

std::string engineText(const ClusterState& state)
{
    return "unix://" + state.engineSocket.toStdString();
}

/// How to take away by hand what the nodes have on the engine.
QString leftovers(const ClusterState& state)
{
    return QString::fromStdString(
        fmt::format("The Docker engine at {0} does not answer: containers and networks of the cluster stay there. To "
                    "remove them once it runs:\n"
                    "  export DOCKER_HOST={0}\n"
                    "  for node in {1}; do\n"
                    "    docker ps -aq --filter label=io.keelson.node=$node | xargs -r docker rm -fv\n"
                    "    docker network ls -q --filter label=keelson.node=$node | xargs -r docker network rm\n"
                    "  done",
                    engineText(state), state.nodeNames().join(QLatin1Char(' ')).toStdString()));
}

/// Whether no cluster is or was there; a lock may be left of a program that was killed.
bool holdsNothing(const QString& folder)
{
    auto names = QDir(folder).entryList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot);
    names.removeAll(QStringLiteral("cluster.lock"));
    return names.isEmpty();
}

/// The state's file goes last: what cannot be removed wholly is still a cluster that can be deleted again.
bool removeFolder(const QString& folder)
{
    unmountBelow(folder);
    bool all = true;
    const auto entries =
        QDir(folder).entryInfoList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot);
    for (const auto& entry : entries) {
        if (entry.fileName() == QLatin1String("cluster.json"))
            continue;
        const bool gone = entry.isDir() && !entry.isSymLink() ? QDir(entry.filePath()).removeRecursively()
                                                              : QFile::remove(entry.filePath());
        all = gone && all;
    }
    return all && QDir(folder).removeRecursively();
}

} // namespace

Result<EngineAddress> engineForUp(const LocalClusterOptions& options, const ClusterState& state)
{
    if (options.dockerHost.isEmpty()) {
        EngineAddress address;
        if (!state.engineSocket.isEmpty())
            address = {state.engineSocket, QStringLiteral("cluster \"%1\" was started on").arg(state.name)};
        return address;
    }
    TRY_ASSIGN(auto named, parseEngineAddress(options.dockerHost, options.dockerHostSource));
    if (state.usesEngine && named.socketPath != state.engineSocket)
        return fail(Reason::Conflict,
                    fmt::format("{} {}, but the containers of cluster \"{}\" are on the Docker engine at {}. Take the "
                                "cluster down first (keelsonctl cluster down {})",
                                named.origin.toStdString(), named.text().toStdString(), state.name.toStdString(),
                                engineText(state), state.name.toStdString()));
    return named;
}

LocalClusterOptions LocalClusterOptions::defaults()
{
    LocalClusterOptions options;
    const auto data = qEnvironmentVariable("XDG_DATA_HOME", QDir::homePath() + QStringLiteral("/.local/share"));
    options.root = data + QStringLiteral("/keelson/clusters");
    options.programFolder = QCoreApplication::applicationDirPath();
    options.kubeconfig = kubeconfigPath();
    options.dockerHost = qEnvironmentVariable("DOCKER_HOST");
    return options;
}

LocalCluster::LocalCluster(LocalClusterOptions options, const Clock& clock)
    : m_options(std::move(options)), m_patience(clock)
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
    const bool runs = state.usesEngine || std::ranges::any_of(state.references(), isAlive);
    if (spec.runtime.isEmpty() || spec.runtime == state.runtime)
        return state;
    if (runs)
        return fail(Reason::Conflict, fmt::format("cluster \"{}\" runs with {} nodes: take it down first",
                                                  spec.name.toStdString(), state.runtime.toStdString()));
    state.runtime = spec.runtime;
    return state;
}

Result<LocalCluster::UpResult> LocalCluster::up(const ClusterSpec& spec, const Report& report)
{
    TRY_OK(checkSpec(spec));
    const auto folder = m_options.root + QLatin1Char('/') + spec.name;
    const bool isNew = holdsNothing(folder);
    auto lock = lockCluster(folder, m_patience);
    if (!lock)
        return fail(lock.error());
    TRY_ASSIGN(auto state, loadOrMake(spec));
    const int nodes = spec.nodes.value_or(std::max(1, state.nodes));
    state.nodes = std::max(nodes, state.nodes);
    if (state.paused) {
        continueAll(state.references());
        if (state.usesEngine) {
            for (const auto& node : state.nodeNames())
                TRY_OK(engineOf(state).resumeAll(node));
        }
        state.paused = false;
    }
    WayUp way(m_options, m_patience, state, nodes);
    if (const auto went = way.go(report); !went) {
        lock = fail(went.error()); // let go
        if (isNew && !way.changedAny())
            removeFolder(folder);
        return fail(went.error());
    }
    return UpResult{!way.changedAny(), nodes, m_options.kubeconfig, contextName(spec.name)};
}

/// All programs ended, their containers, networks and rules gone.
Result<QString> LocalCluster::ensureGone(ClusterState& state, Unreachable unreachable)
{
    const auto engine = engineOf(state);
    const auto answers = state.usesEngine ? engine.ping() : Result<Done>(Done{});
    if (!answers && unreachable == Unreachable::Refuse)
        return fail(Reason::ServiceUnavailable,
                    fmt::format("the Docker engine at {} does not answer ({}), and containers and networks of cluster "
                                "\"{}\" are there. Start it and try again, or go on and leave them there: "
                                "--leave-containers",
                                engineText(state), answers.error().message, state.name.toStdString()));
    if (!endAll(state.references(), endTime, m_patience))
        return fail(Reason::Timeout, fmt::format("a program of \"{}\" does not end: see {}/logs",
                                                 state.name.toStdString(), state.folder.toStdString()));
    QString stays;
    if (state.usesEngine) {
        TRY_OK(clearAwayNodes(answers ? &engine : nullptr, state.nodeNames(), m_patience));
        if (!answers)
            stays = leftovers(state);
    }
    state.processes.clear();
    state.paused = false;
    state.usesEngine = state.usesEngine && !answers;
    (void)saveState(state); // a full disk keeps nobody from ending a cluster: its programs are known to be dead anyway
    return stays;
}

Result<QString> LocalCluster::down(const QString& name, Unreachable unreachable)
{
    TRY_OK(loadState(m_options.root, name));
    TRY_ASSIGN(const auto lock, lockCluster(m_options.root + QLatin1Char('/') + name, m_patience));
    TRY_ASSIGN(auto state, loadState(m_options.root, name));
    return ensureGone(state, unreachable);
}

Result<Done> LocalCluster::pause(const QString& name)
{
    TRY_OK(loadState(m_options.root, name));
    TRY_ASSIGN(const auto lock, lockCluster(m_options.root + QLatin1Char('/') + name, m_patience));
    TRY_ASSIGN(auto state, loadState(m_options.root, name));
    if (std::ranges::none_of(state.references(), isAlive))
        return fail(Reason::Conflict, fmt::format("cluster \"{}\" is down", name.toStdString()));
    if (!stopAll(state.references(), m_patience)) { // First: an agent would see its containers stop.
        continueAll(state.references());
        return fail(Reason::InternalError,
                    fmt::format("the processes of cluster \"{}\" do not stop", name.toStdString()));
    }
    state.paused = true;
    TRY_OK(saveState(state));
    if (state.usesEngine) {
        for (const auto& node : state.nodeNames())
            TRY_OK(engineOf(state).pauseAll(node));
    }
    return Done{};
}

Result<Done> LocalCluster::resume(const QString& name)
{
    TRY_OK(loadState(m_options.root, name));
    TRY_ASSIGN(const auto lock, lockCluster(m_options.root + QLatin1Char('/') + name, m_patience));
    TRY_ASSIGN(auto state, loadState(m_options.root, name));
    if (!state.paused)
        return fail(Reason::Conflict, fmt::format("cluster \"{}\" is not paused", name.toStdString()));
    if (state.usesEngine) {
        for (const auto& node : state.nodeNames())
            TRY_OK(engineOf(state).resumeAll(node));
    }
    continueAll(state.references());
    state.paused = false;
    return saveState(state);
}

Result<QString> LocalCluster::remove(const QString& name, Unreachable unreachable)
{
    TRY_OK(loadState(m_options.root, name));
    QString stays;
    {
        TRY_ASSIGN(const auto lock, lockCluster(m_options.root + QLatin1Char('/') + name, m_patience));
        TRY_ASSIGN(auto state, loadState(m_options.root, name));
        TRY_ASSIGN(stays, ensureGone(state, unreachable));
    }
    const auto forgotten = forgetContext(name);
    if (!removeFolder(m_options.root + QLatin1Char('/') + name))
        return fail(Reason::InternalError,
                    fmt::format("cannot remove all of {}/{}", m_options.root.toStdString(), name.toStdString()));
    if (!forgotten)
        TRY_OK(forgetContext(name)); // on a full disk there is room only now
    return stays;
}

Result<Done> LocalCluster::forgetContext(const QString& cluster) const
{
    QFile config(m_options.kubeconfig);
    if (!config.open(QIODevice::ReadOnly))
        return Done{};
    const auto before = config.readAll();
    const auto without = dropFromKubeconfig(before, contextName(cluster));
    // One that cannot be read is not ours to mend.
    if (!without || *without == before || !before.contains(contextName(cluster).toUtf8()))
        return Done{};
    return writePrivateFile(m_options.kubeconfig, *without);
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
