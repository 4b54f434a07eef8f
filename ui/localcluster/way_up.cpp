// SPDX-License-Identifier: GPL-3.0-or-later
#include "localcluster/way_up.h"

#include "localcluster/http_call.h"
#include "localcluster/kubeconfig_merge.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStandardPaths>
#include <QStorageInfo>
#include <QTcpServer>

#include <fmt/format.h>

#include <array>
#include <unistd.h>

namespace keelson::localcluster {
namespace {

constexpr Milliseconds engineTime{30'000};
constexpr Milliseconds serverTime{20'000};
constexpr Milliseconds readyTime{20'000};
constexpr Milliseconds nodesTime{60'000};
constexpr qint64 freeBytesMin = 512LL * 1024 * 1024;
constexpr int logLinesShown = 5;

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

Result<HttpAnswer> askApi(const ClusterState& state, const QByteArray& target)
{
    TRY_ASSIGN(const auto config, kube::Kubeconfig::load(state.adminKubeconfig()));
    TRY_ASSIGN(const auto access, config.access());
    HttpCall call;
    call.target = target;
    call.timeoutMs = 3'000;
    return callApi(access, call);
}

bool isReady(const QJsonObject& node)
{
    const auto conditions = node["status"].toObject()["conditions"].toArray();
    for (const auto& entry : conditions) {
        const auto condition = entry.toObject();
        if (condition["type"].toString() == QLatin1String("Ready"))
            return condition["status"].toString() == QLatin1String("True");
    }
    return false;
}

} // namespace

Result<Done> apiReady(const ClusterState& state)
{
    TRY_ASSIGN(const auto answer, askApi(state, "/readyz"));
    if (answer.status != 200)
        return fail(Reason::ServiceUnavailable,
                    fmt::format("/readyz answers {}: {}", answer.status, answer.body.left(200).toStdString()));
    return Done{};
}

Result<QStringList> readyNodes(const ClusterState& state)
{
    TRY_ASSIGN(const auto answer, askApi(state, "/api/v1/nodes"));
    if (answer.status != 200)
        return fail(reasonFromHttpStatus(answer.status),
                    fmt::format("the API answers {} to a list of nodes", answer.status));
    QStringList ready;
    const auto nodes = QJsonDocument::fromJson(answer.body).object()["items"].toArray();
    for (const auto& entry : nodes) {
        const auto node = entry.toObject();
        if (isReady(node))
            ready << node["metadata"].toObject()["name"].toString();
    }
    return ready;
}

Result<Done> WayUp::go(const LocalCluster::Report& report)
{
    struct Step {
        const char* id;
        const char* title;
        StepOutcome (WayUp::*take)();
    };
    constexpr std::array steps{
        Step{"engine", "Find a Docker engine", &WayUp::ensureEngine},
        Step{"folder", "Prepare the data folder", &WayUp::ensureFolder},
        Step{"server", "Start the control plane", &WayUp::ensureServer},
        Step{"ready", "Wait for the API", &WayUp::awaitReady},
        Step{"agents", "Start the node agents", &WayUp::ensureAgents},
        Step{"nodes", "Wait for the nodes", &WayUp::awaitNodes},
        Step{"kubeconfig", "Tell kubectl", &WayUp::writeKubeconfig},
    };
    for (const auto& step : steps) {
        const QString id = QLatin1String(step.id);
        const QString title = QLatin1String(step.title);
        report({id, title, StepReport::State::Running, {}, {}, {}});
        const auto outcome =
            m_patience.calledOff() ? StepOutcome::failed(QStringLiteral("called off"), {}) : (this->*step.take)();
        report({id, title, outcome.state, outcome.detail, outcome.advice, outcome.log});
        if (outcome.state == StepReport::State::Failed)
            return fail(Reason::InternalError,
                        fmt::format("{}: {}{}{}", step.title, outcome.detail.toStdString(),
                                    outcome.advice.isEmpty() ? "" : ". ", outcome.advice.toStdString()));
    }
    return Done{};
}

StepOutcome WayUp::ensureEngine()
{
    if (m_state.runtime != QLatin1String("docker"))
        return StepOutcome::skipped(QStringLiteral("the nodes are %1").arg(m_state.runtime));
    const auto answered = m_engine.ping();
    if (!answered && answered.error().reason == Reason::Forbidden)
        return StepOutcome::failed(
            text(answered.error().message),
            QStringLiteral("You may not use the Docker engine: sudo usermod -aG docker $USER, then log in again"));
    if (!answered)
        return startEngine(text(answered.error().message));
    if (::geteuid() != 0)
        return StepOutcome::failed(
            QStringLiteral("the Docker engine answers, but the nodes' network needs root"),
            QStringLiteral("Run as root (sudo), or start nodes without containers: --runtime simulated"));
    return StepOutcome::done(QStringLiteral("at %1").arg(m_engine.socketPath()));
}

StepOutcome WayUp::startEngine(const QString& why)
{
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
    const auto engine = startDetached(
        {dockerd, {QStringLiteral("-H"), QStringLiteral("unix://") + m_engine.socketPath()}, QStringLiteral("/"), log});
    if (!engine)
        return StepOutcome::failed(text(engine.error().message), QStringLiteral("Start a Docker engine yourself"));
    m_patience.wait([&] { return m_engine.ping().has_value() || !isAlive(*engine); }, engineTime);
    if (!m_engine.ping())
        return StepOutcome::failed(
            QStringLiteral("the Docker engine did not start: %1").arg(lastLines(log, logLinesShown)),
            QStringLiteral("See its log"), log);
    return StepOutcome::done(QStringLiteral("started one at %1").arg(m_engine.socketPath()));
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
    const auto lines = lastLines(log, logLinesShown);
    return StepOutcome::failed(lines.isEmpty() ? title : QStringLiteral("%1: %2").arg(title, lines),
                               QStringLiteral("See its log: %1").arg(log), log);
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
    if (m_state.runtime == QLatin1String("docker")) {
        if (const auto gateway = m_engine.gatewayAddress(); gateway && isOwnAddress(*gateway))
            arguments << QStringLiteral("--listen") << QStringLiteral("%1:0").arg(*gateway);
    }
    const auto started =
        startDetached({program(QStringLiteral("keelsond")), arguments, m_state.folder, m_state.logFile(server)});
    if (!started)
        return StepOutcome::failed(text(started.error().message),
                                   QStringLiteral("Build or install Keelson's programs together"));
    m_startedAny = true;
    m_state.set(server, *started);
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
        if (m_state.runtime == QLatin1String("docker"))
            arguments << QStringLiteral("--docker-host") << QStringLiteral("unix://") + m_engine.socketPath();
        else
            arguments << QStringLiteral("--network") << QStringLiteral("none");
        const auto agent =
            startDetached({program(QStringLiteral("keelson-agent")), arguments, m_state.folder, m_state.logFile(node)});
        if (!agent)
            return StepOutcome::failed(text(agent.error().message),
                                       QStringLiteral("Build or install Keelson's programs together"));
        m_startedAny = true;
        m_state.set(node, *agent);
        ++started;
    }
    if (const auto saved = saveState(m_state); !saved)
        return StepOutcome::failed(text(saved.error().message), QStringLiteral("Look whether the disk is full"));
    return StepOutcome::done(started ? QStringLiteral("%1 started").arg(started) : QStringLiteral("all run already"));
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
