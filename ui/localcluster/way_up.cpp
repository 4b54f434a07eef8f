// SPDX-License-Identifier: GPL-3.0-or-later
#include "localcluster/way_up.h"

#include "localcluster/cluster_api.h"
#include "localcluster/container_engine.h"
#include "localcluster/host_cleanup.h"
#include "localcluster/kubeconfig_merge.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStandardPaths>
#include <QStorageInfo>
#include <QTcpServer>

#include <fmt/format.h>

#include <array>
#include <unistd.h>
#include <utility>

namespace keelson::localcluster {
namespace {

constexpr Milliseconds engineTime{30'000};
constexpr Milliseconds engineEndTime{5'000};
constexpr Milliseconds agentEndTime{15'000};
constexpr Milliseconds drainTime{90'000};
constexpr Milliseconds serverTime{20'000};
constexpr Milliseconds readyTime{20'000};
constexpr Milliseconds nodesTime{60'000};
constexpr qint64 freeBytesMin = 512LL * 1024 * 1024;
constexpr int podsNamedMax = 5;

constexpr std::array names{
    StepName{"engine", "Find a Docker engine"},     StepName{"folder", "Prepare the data folder"},
    StepName{"server", "Start the control plane"},  StepName{"ready", "Wait for the API"},
    StepName{"agents", "Start the node agents"},    StepName{"nodes", "Wait for the nodes"},
    StepName{"kubeconfig", "Write the kubeconfig"},
};

QString text(const std::string& words)
{
    return QString::fromStdString(words);
}

QJsonObject addressesOf(const ClusterState& state)
{
    QFile file(state.serverFolder() + QStringLiteral("/addresses.json"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QJsonDocument::fromJson(file.readAll()).object();
}

/// Whether a server on this machine can listen there.
bool isOwnAddress(const QString& address)
{
    QTcpServer probe;
    return probe.listen(QHostAddress(address));
}

/// "127.0.0.1:40123" as long as nobody else listens there, else a free port of the kernel's choice.
QString portToAskFor(const QString& remembered)
{
    const auto port = remembered.section(QLatin1Char(':'), -1).toUShort();
    QTcpServer probe;
    const bool free = port != 0 && probe.listen(QHostAddress::LocalHost, port);
    return QStringLiteral("127.0.0.1:%1").arg(free ? port : 0);
}

qint64 sizeOf(const QString& file)
{
    return QFileInfo(file).size();
}

} // namespace

std::span<const StepName> stepNames()
{
    return names;
}

Result<Done> WayUp::go(const LocalCluster::Report& report)
{
    constexpr std::array takes{&WayUp::ensureEngine, &WayUp::ensureFolder, &WayUp::ensureServer,   &WayUp::awaitReady,
                               &WayUp::ensureAgents, &WayUp::awaitNodes,   &WayUp::writeKubeconfig};
    static_assert(names.size() == takes.size());
    for (std::size_t i = 0; i < takes.size(); ++i) {
        const QString id = QLatin1String(names[i].id);
        const QString title = QLatin1String(names[i].title);
        report({id, title, StepReport::State::Running, {}, {}, {}});
        const auto outcome =
            m_patience.calledOff() ? StepOutcome::failed(QStringLiteral("called off"), {}) : (this->*takes[i])();
        report({id, title, outcome.state, outcome.detail, outcome.advice, outcome.log});
        if (outcome.state == StepReport::State::Failed)
            return fail(Reason::InternalError,
                        fmt::format("{}: {}{}{}", names[i].title, outcome.detail.toStdString(),
                                    outcome.advice.isEmpty() ? "" : ". ", outcome.advice.toStdString()));
    }
    return Done{};
}

StepOutcome WayUp::ensureEngine()
{
    if (!usesDocker())
        return StepOutcome::skipped(QStringLiteral("the nodes are %1").arg(m_state.runtime));
    const auto address = engineForUp(m_options, m_state);
    if (!address)
        return StepOutcome::failed(text(address.error().message), {});
    // Saved with the next step. While containers of the cluster are on an engine, this is that one.
    m_state.engineSocket = address->socketPath;
    const auto answered = ContainerEngine(address->socketPath).ping();
    if (!answered && answered.error().reason == Reason::Forbidden)
        return StepOutcome::failed(
            text(answered.error().message),
            QStringLiteral("You may not use the Docker engine: sudo usermod -aG docker $USER, then log in again"));
    if (!answered)
        return startEngine(*address, text(answered.error().message));
    if (::geteuid() != 0)
        return StepOutcome::failed(
            QStringLiteral("the Docker engine answers, but the nodes' network needs root"),
            QStringLiteral("Run as root (sudo), or start nodes without containers: --runtime simulated"));
    return StepOutcome::done(QStringLiteral("at %1").arg(address->socketPath));
}

StepOutcome WayUp::startEngine(const EngineAddress& address, const QString& why)
{
    if (!address.isDefault())
        return StepOutcome::failed(
            QStringLiteral("no Docker engine answers at %1, which %2 (%3)").arg(address.text(), address.origin, why),
            QStringLiteral("Start that engine, or name another. Only at unix://%1 one is started for you")
                .arg(QLatin1String(defaultEngineSocket)));
    auto dockerd = QStandardPaths::findExecutable(QStringLiteral("dockerd"));
    if (dockerd.isEmpty()) // Users' PATH often lacks the folders of system programs.
        dockerd = QStandardPaths::findExecutable(QStringLiteral("dockerd"),
                                                 {QStringLiteral("/usr/sbin"), QStringLiteral("/sbin")});
    if (dockerd.isEmpty())
        return StepOutcome::failed(QStringLiteral("no Docker engine is installed"),
                                   QStringLiteral("Install one, on Debian and Ubuntu: sudo apt-get install docker.io"));
    if (::geteuid() != 0 || !m_options.mayStartEngine)
        return StepOutcome::failed(QStringLiteral("no Docker engine runs (%1)").arg(why),
                                   QStringLiteral("Start it: sudo systemctl start docker"));
    const auto log = m_options.root + QStringLiteral("/dockerd.log");
    QDir().mkpath(m_options.root);
    const auto logBegins = sizeOf(log);
    // Live restore: containers of all clusters run on when this engine is ended or replaced by the system's.
    const auto engine = startDetached(
        {dockerd, {QStringLiteral("--live-restore"), QStringLiteral("-H"), address.text()}, QStringLiteral("/"), log});
    if (!engine)
        return StepOutcome::failed(text(engine.error().message), QStringLiteral("Start a Docker engine yourself"));
    const ContainerEngine started(address.socketPath);
    m_patience.wait([&] { return started.ping().has_value() || !isAlive(*engine); }, engineTime);
    if (!started.ping()) {
        endAll({*engine}, engineEndTime, m_patience);
        return StepOutcome::failed(QStringLiteral("the Docker engine did not start: %1").arg(lastWords(log, logBegins)),
                                   QStringLiteral("See its log: %1").arg(log), log);
    }
    return StepOutcome::done(QStringLiteral("started one at %1").arg(address.socketPath));
}

StepOutcome WayUp::ensureFolder()
{
    const auto logs = m_state.folder + QStringLiteral("/logs");
    if (!QDir().mkpath(logs) || !QDir().mkpath(m_state.serverFolder()))
        return StepOutcome::failed(
            QStringLiteral("cannot make %1").arg(logs),
            QStringLiteral("Look whether the disk is full or the folder belongs to another user"));
    QFile::setPermissions(m_state.folder, QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner);
    const auto free = QStorageInfo(m_state.folder).bytesAvailable();
    if (free >= 0 && free < freeBytesMin)
        return StepOutcome::failed(
            QStringLiteral("only %1 MiB are free for %2").arg(free / 1024 / 1024).arg(m_state.folder),
            QStringLiteral("Free some space: a cluster wants at least 512 MiB"));
    if (const auto saved = saveState(m_state); !saved)
        return StepOutcome::failed(text(saved.error().message), QStringLiteral("Look whether the disk is full"));
    return StepOutcome::done(m_state.folder);
}

StepOutcome WayUp::died(const QString& process, const QString& title)
{
    const auto log = m_state.logFile(process);
    const auto begins = m_logBegins.find(process);
    const auto words = lastWords(log, begins == m_logBegins.end() ? 0 : begins->second);
    return StepOutcome::failed(words.isEmpty() ? title : QStringLiteral("%1: %2").arg(title, words),
                               QStringLiteral("See its log: %1").arg(log), log);
}

Result<ProcessReference> WayUp::start(const QString& process, const QString& programName, const QStringList& arguments)
{
    const auto log = m_state.logFile(process);
    m_logBegins[process] = sizeOf(log);
    TRY_ASSIGN(const auto started, startDetached({program(programName), arguments, m_state.folder, log}));
    m_changedAny = true;
    m_state.set(process, started);
    return started;
}

StepOutcome WayUp::ensureServer()
{
    const auto server = QStringLiteral("server");
    if (const auto* known = m_state.find(server); known && isAlive(known->process))
        return StepOutcome::done(QStringLiteral("runs already, process %1").arg(known->process.pid));
    // Agents that outlived the server look for it where it was.
    const auto agentsBefore = addressesOf(m_state)["agents"].toString();
    QFile::remove(m_state.serverFolder() + QStringLiteral("/addresses.json"));
    QStringList arguments{QStringLiteral("--data-dir"),     m_state.serverFolder(),
                          QStringLiteral("--listen"),       portToAskFor(m_state.apiListen),
                          QStringLiteral("--agent-listen"), portToAskFor(agentsBefore),
                          QStringLiteral("--pod-cidr"),     m_state.podCidr(),
                          QStringLiteral("--service-cidr"), m_state.serviceCidr()};
    // Pods cannot dial this machine's loopback; the engine's own gateway is reached by containers and by nobody else.
    if (usesDocker()) {
        if (const auto gateway = ContainerEngine(m_state.engineSocket).gatewayAddress();
            gateway && isOwnAddress(*gateway))
            arguments << QStringLiteral("--listen") << QStringLiteral("%1:0").arg(*gateway);
    }
    const auto started = start(server, QStringLiteral("keelsond"), arguments);
    if (!started)
        return StepOutcome::failed(text(started.error().message),
                                   QStringLiteral("Build or install Keelson's programs together"));
    (void)saveState(m_state);
    const auto told = [&] { return addressesOf(m_state)["pid"].toInteger() == started->pid; };
    m_patience.wait([&] { return told() || !isAlive(*started); }, serverTime);
    if (!isAlive(*started))
        return died(server, QStringLiteral("the control plane ended at once"));
    if (!told())
        return died(server, QStringLiteral("the control plane did not say where it listens within 20 s"));
    const auto before = m_state.apiListen;
    m_state.apiListen = addressesOf(m_state)["api"].toString();
    (void)saveState(m_state);
    const bool moved = !before.isEmpty() && before != m_state.apiListen;
    return StepOutcome::done(moved ? QStringLiteral("at %1; %2 was taken").arg(m_state.apiListen, before)
                                   : QStringLiteral("at %1").arg(m_state.apiListen));
}

StepOutcome WayUp::awaitReady()
{
    Result<Done> ready = Done{};
    const auto* server = m_state.find(QStringLiteral("server"));
    m_patience.wait([&] { return (ready = apiReady(m_state)).has_value() || !isAlive(server->process); }, readyTime);
    if (ready)
        return StepOutcome::done(QStringLiteral("https://%1").arg(m_state.apiListen));
    return died(server->name, QStringLiteral("the API is not ready (%1)").arg(text(ready.error().message)));
}

StepOutcome WayUp::ensureAgents()
{
    if (usesDocker() && !std::exchange(m_state.usesEngine, true)) {
        if (const auto saved = saveState(m_state); !saved) // Before the first container, so that all are found again.
            return StepOutcome::failed(text(saved.error().message), QStringLiteral("Look whether the disk is full"));
    }
    const int surplus = m_state.nodes - m_nodes;
    if (const auto failed = removeSurplusNodes())
        return *failed;
    auto outcome = startAgents();
    if (surplus > 0 && outcome.state == StepReport::State::Done)
        outcome.detail = QStringLiteral("%1 removed, %2").arg(surplus).arg(outcome.detail);
    return outcome;
}

StepOutcome WayUp::startAgents()
{
    int started = 0;
    const auto agents = addressesOf(m_state)["agents"].toString();
    for (const auto& node : m_state.nodeNames()) {
        if (const auto* known = m_state.find(node); known && isAlive(known->process))
            continue;
        QStringList arguments{QStringLiteral("--server"),     agents,
                              QStringLiteral("--token-file"), m_state.serverFolder() + QStringLiteral("/agent.token"),
                              QStringLiteral("--node"),       node,
                              QStringLiteral("--data-dir"),   m_state.folder + QLatin1Char('/') + node,
                              QStringLiteral("--runtime"),    m_state.runtime};
        // A local cluster has no nodes besides those on the control plane's machine.
        arguments << QStringLiteral("--register-with-taints") << QStringLiteral("none");
        if (usesDocker())
            arguments << QStringLiteral("--docker-host") << QStringLiteral("unix://") + m_state.engineSocket;
        else
            arguments << QStringLiteral("--network") << QStringLiteral("none");
        const auto agent = start(node, QStringLiteral("keelson-agent"), arguments);
        if (!agent)
            return StepOutcome::failed(text(agent.error().message),
                                       QStringLiteral("Build or install Keelson's programs together"));
        ++started;
    }
    if (const auto saved = saveState(m_state); !saved)
        return StepOutcome::failed(text(saved.error().message), QStringLiteral("Look whether the disk is full"));
    return StepOutcome::done(started ? QStringLiteral("%1 started").arg(started) : QStringLiteral("all run already"));
}

std::optional<StepOutcome> WayUp::removeSurplusNodes()
{
    const auto surplus = m_state.nodeNames().mid(m_nodes);
    if (surplus.isEmpty())
        return std::nullopt;
    m_changedAny = true;
    if (const auto drained = drain(surplus); !drained) {
        for (const auto& node : surplus)
            (void)setScheduling(m_state, node, Scheduling::Allowed); // They stay, then.
        return StepOutcome::failed(
            text(drained.error().message),
            QStringLiteral("See kubectl get pods --all-namespaces -o wide, or keep %1 nodes").arg(m_state.nodes));
    }
    // From the last one on, so that what is left after a failure are still the first ones of the name's row.
    for (qsizetype i = surplus.size(); i > 0; --i) {
        if (const auto removed = removeNode(surplus[i - 1]); !removed)
            return StepOutcome::failed(text(removed.error().message), QStringLiteral("Try again"));
    }
    return std::nullopt;
}

/// Evicts the pods of those nodes whose agents run, and waits until they have ended.
Result<Done> WayUp::drain(const QStringList& nodes)
{
    for (const auto& node : nodes)
        TRY_OK(setScheduling(m_state, node, Scheduling::Barred));
    Result<Done> asked = Done{};
    QStringList left;
    m_patience.wait(
        [&] {
            left.clear();
            for (const auto& node : nodes) {
                if (const auto* agent = m_state.find(node); !agent || !isAlive(agent->process))
                    continue; // Nobody would end them; they go with the node.
                const auto pods = evictPods(m_state, node);
                if (!pods)
                    asked = fail(pods.error());
                else
                    left += *pods;
            }
            return !asked || left.isEmpty();
        },
        drainTime);
    if (!asked)
        return asked;
    if (m_patience.calledOff())
        return fail(Reason::Timeout, "called off");
    if (!left.isEmpty())
        return fail(Reason::Timeout, fmt::format("{} pods have not left the nodes that shall go within {} s: {}",
                                                 left.size(), drainTime.count() / 1000,
                                                 left.mid(0, podsNamedMax).join(QStringLiteral(", ")).toStdString()));
    return Done{};
}

/// Ends the drained node's agent and takes all away that there is of the node.
Result<Done> WayUp::removeNode(const QString& node)
{
    if (const auto* agent = m_state.find(node); agent && !endAll({agent->process}, agentEndTime, m_patience))
        return fail(Reason::Timeout, fmt::format("the agent of {} does not end", node.toStdString()));
    const ContainerEngine engine(m_state.engineSocket);
    TRY_OK(clearAwayNodes(usesDocker() ? &engine : nullptr, {node}, m_patience));
    TRY_OK(deleteNode(m_state, node));
    const auto folder = m_state.folder + QLatin1Char('/') + node;
    unmountBelow(folder);
    if (!QDir(folder).removeRecursively())
        return fail(Reason::InternalError, fmt::format("cannot remove all of {}", folder.toStdString()));
    m_state.forget(node);
    --m_state.nodes;
    return saveState(m_state);
}

StepOutcome WayUp::awaitNodes()
{
    QStringList waiting = m_state.nodeNames();
    const auto dead = [&] {
        for (const auto& node : m_state.nodeNames()) {
            if (!isAlive(m_state.find(node)->process))
                return node;
        }
        return QString();
    };
    m_patience.wait(
        [&] {
            if (const auto ready = readyNodes(m_state)) {
                waiting = m_state.nodeNames();
                waiting.removeIf([&](const QString& node) { return ready->contains(node); });
            }
            return waiting.isEmpty() || !dead().isEmpty();
        },
        nodesTime);
    if (waiting.isEmpty())
        return StepOutcome::done(QStringLiteral("%1 Ready").arg(m_state.nodes));
    if (const auto node = dead(); !node.isEmpty())
        return died(node, QStringLiteral("the agent of %1 ended").arg(node));
    return died(waiting.first(), QStringLiteral("not Ready within 60 s: %1").arg(waiting.join(QStringLiteral(", "))));
}

StepOutcome WayUp::writeKubeconfig()
{
    QFile ours(m_state.adminKubeconfig());
    if (!ours.open(QIODevice::ReadOnly))
        return StepOutcome::failed(QStringLiteral("cannot read %1").arg(ours.fileName()),
                                   QStringLiteral("See the control plane's log"));
    QFile theirs(m_options.kubeconfig);
    const auto instead = QStringLiteral("Use the cluster's own file: export KUBECONFIG=%1").arg(ours.fileName());
    if (theirs.exists() && !theirs.open(QIODevice::ReadOnly))
        return StepOutcome::skipped(QStringLiteral("cannot read %1. %2").arg(m_options.kubeconfig, instead));
    const auto before = theirs.isOpen() ? theirs.readAll() : QByteArray();
    const auto merged = mergeKubeconfig(before, ours.readAll(), contextName(m_state.name));
    if (!merged)
        return StepOutcome::skipped(QStringLiteral("%1 was left alone: %2. %3")
                                        .arg(m_options.kubeconfig, text(merged.error().message), instead));
    if (*merged != before) {
        if (const auto written = writePrivateFile(m_options.kubeconfig, *merged); !written)
            return StepOutcome::skipped(QStringLiteral("%1. %2").arg(text(written.error().message), instead));
    }
    return StepOutcome::done(QStringLiteral("context %1 in %2").arg(contextName(m_state.name), m_options.kubeconfig));
}

} // namespace keelson::localcluster
