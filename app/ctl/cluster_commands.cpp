// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/cluster_commands.h"

#include <QFile>

#include <fmt/format.h>

#include <cstdio>

namespace keelson::ctl {
namespace {

using localcluster::ClusterSpec;
using localcluster::ClusterStatus;
using localcluster::LocalCluster;
using localcluster::LocalClusterOptions;
using localcluster::StepReport;

constexpr auto dockerHostFlag = "--docker-host";
constexpr auto leaveContainersHelp = "Go on when the Docker engine does not answer; containers and networks stay there";

int failWith(const Error& error)
{
    fmt::print(stderr, "keelsonctl: {}\n", error.message);
    return 1;
}

LocalClusterOptions optionsOf(const Command& command)
{
    auto options = LocalClusterOptions::defaults();
    if (!command.root.empty())
        options.root = QString::fromStdString(command.root);
    if (!command.kubeconfig.empty())
        options.kubeconfig = QString::fromStdString(command.kubeconfig);
    if (!command.dockerHost.empty()) {
        options.dockerHost = QString::fromStdString(command.dockerHost);
        options.dockerHostSource = QLatin1String(dockerHostFlag);
    }
    return options;
}

void printStep(const StepReport& report)
{
    const auto line = [&](const char* mark) {
        fmt::print("{} {}{}{}\n", mark, report.title.toStdString(), report.detail.isEmpty() ? "" : ": ",
                   report.detail.toStdString());
        std::fflush(stdout);
    };
    switch (report.state) {
    case StepReport::State::Running:
        break;
    case StepReport::State::Done:
        line("[ok]  ");
        break;
    case StepReport::State::Skipped:
        line("[skip]");
        break;
    case StepReport::State::Failed:
        fmt::print("[fail] {}\n", report.title.toStdString()); // The reason follows as the command's error.
        break;
    }
}

const char* phaseName(ClusterStatus::Phase phase)
{
    switch (phase) {
    case ClusterStatus::Phase::Down:
        return "down";
    case ClusterStatus::Phase::Partly:
        return "partly up";
    case ClusterStatus::Phase::Up:
        return "up";
    case ClusterStatus::Phase::Paused:
        return "paused";
    }
    return "unknown";
}

int up(const Command& command)
{
    const SystemClock clock;
    LocalCluster clusters(optionsOf(command), clock);
    const ClusterSpec spec{QString::fromStdString(command.name), command.nodes,
                           QString::fromStdString(command.runtime)};
    const auto result = clusters.up(spec, printStep);
    if (!result)
        return failWith(result.error());
    if (result->alreadyUp)
        fmt::print("Cluster \"{}\" was up already; nodes: {}.\n", command.name, result->nodes);
    else
        fmt::print("Cluster \"{0}\" is up: kubectl --context {1} get nodes\n", command.name,
                   result->context.toStdString());
    return 0;
}

int act(const Command& command, Result<Done> (LocalCluster::*action)(const QString&), const char* outcome)
{
    const SystemClock clock;
    LocalCluster clusters(optionsOf(command), clock);
    if (const auto result = (clusters.*action)(QString::fromStdString(command.name)); !result)
        return failWith(result.error());
    fmt::print("Cluster \"{}\" {}.\n", command.name, outcome);
    return 0;
}

int takeAway(const Command& command, Result<QString> (LocalCluster::*action)(const QString&, LocalCluster::Unreachable),
             const char* outcome)
{
    const SystemClock clock;
    LocalCluster clusters(optionsOf(command), clock);
    using Unreachable = LocalCluster::Unreachable;
    const auto stays = (clusters.*action)(QString::fromStdString(command.name),
                                          command.leaveContainers ? Unreachable::Leave : Unreachable::Refuse);
    if (!stays)
        return failWith(stays.error());
    fmt::print("Cluster \"{}\" {}.\n", command.name, outcome);
    if (!stays->isEmpty())
        fmt::print("{}\n", stays->toStdString());
    return 0;
}

int list(const Command& command)
{
    const SystemClock clock;
    LocalCluster clusters(optionsOf(command), clock);
    const auto all = clusters.list();
    if (all.empty())
        fmt::print("No local clusters. Make one: keelsonctl cluster up\n");
    else
        fmt::print("{:<20} {:<10} {:<8} {}\n", "NAME", "STATUS", "NODES", "API");
    for (const auto& status : all)
        fmt::print("{:<20} {:<10} {:<8} {}\n", status.name.toStdString(), phaseName(status.phase),
                   fmt::format("{}/{}", status.nodesReady, status.nodes), status.apiServer.toStdString());
    return 0;
}

/// 0 when all runs, 3 when it is down, partly up or paused (as service managers say it).
int status(const Command& command)
{
    const SystemClock clock;
    LocalCluster clusters(optionsOf(command), clock);
    const auto found = clusters.status(QString::fromStdString(command.name));
    if (!found)
        return failWith(found.error());
    fmt::print("Cluster \"{}\": {}, {} of {} nodes Ready{}{}\n", command.name, phaseName(found->phase),
               found->nodesReady, found->nodes, found->apiServer.isEmpty() ? "" : ", API at ",
               found->apiServer.toStdString());
    for (const auto& process : found->processes)
        fmt::print("  {:<24} {:<10} {}\n", process.name.toStdString(),
                   process.pid == 0  ? "ended"
                   : process.stopped ? "paused"
                                     : fmt::format("{}", process.pid),
                   process.logFile.toStdString());
    return found->phase == ClusterStatus::Phase::Up ? 0 : 3;
}

int logs(const Command& command)
{
    const SystemClock clock;
    LocalCluster clusters(optionsOf(command), clock);
    const auto found = clusters.status(QString::fromStdString(command.name));
    if (!found)
        return failWith(found.error());
    for (const auto& process : found->processes)
        fmt::print("==> {} ({}) <==\n{}\n", process.name.toStdString(), process.logFile.toStdString(),
                   localcluster::lastLines(process.logFile, command.lines).toStdString());
    if (found->processes.empty())
        fmt::print("Cluster \"{}\" is down; its logs are below {}\n", command.name,
                   optionsOf(command).root.toStdString() + "/" + command.name + "/logs");
    return 0;
}

int createToken(const Command& command)
{
    if (!command.dataDir.empty()) {
        QFile file(QString::fromStdString(command.dataDir + "/agent.token"));
        if (!file.open(QIODevice::ReadOnly))
            return failWith(makeError(Reason::NotFound, fmt::format("cannot read {}: {}", file.fileName().toStdString(),
                                                                    file.errorString().toStdString())));
        fmt::print("{}\n", file.readAll().trimmed().toStdString());
        return 0;
    }
    const SystemClock clock;
    LocalCluster clusters(optionsOf(command), clock);
    const auto token = clusters.joinToken(QString::fromStdString(command.name));
    if (!token)
        return failWith(token.error());
    fmt::print("{}\n", token->toStdString());
    return 0;
}

void addPlaces(CLI::App& app, Command& command)
{
    app.add_option("--root", command.root, "Folder of the local clusters (~/.local/share/keelson/clusters)");
    app.add_option("--kubeconfig", command.kubeconfig, "File that learns of the cluster ($KUBECONFIG, ~/.kube/config)");
    app.add_option(dockerHostFlag, command.dockerHost,
                   "unix:///PATH of the Docker engine to start nodes on ($DOCKER_HOST, the cluster's last one, "
                   "unix:///var/run/docker.sock)")
        ->check([](const std::string& text) {
            const auto address =
                localcluster::parseEngineAddress(QString::fromStdString(text), QLatin1String(dockerHostFlag));
            return address ? std::string() : address.error().message;
        });
}

CLI::App* addNamed(CLI::App& group, Command& command, const std::string& name, const std::string& help,
                   std::function<int()> run)
{
    auto* made = group.add_subcommand(name, help);
    made->add_option("name", command.name, "The cluster (dev)");
    addPlaces(*made, command);
    made->callback([&command, run = std::move(run)] { command.run = run; });
    return made;
}

} // namespace

void declareClusterCommands(CLI::App& app, Command& command)
{
    auto* cluster = app.add_subcommand("cluster", "Clusters on this machine")->require_subcommand(0, 1);
    auto* start =
        addNamed(*cluster, command, "up", "Start a cluster, or what is missing of it", [&] { return up(command); });
    start
        ->add_option("--nodes", command.nodes,
                     "Nodes, 1 to 50 (as many as it had, 1 at first); with fewer than before the last ones are drained "
                     "and removed")
        ->check(CLI::Range(1, 50));
    start->add_option("--servers", command.servers, "Control plane servers (1)")->check(CLI::IsMember({1}));
    start->add_option("--runtime", command.runtime, "docker or simulated (as before, docker at first)")
        ->check(CLI::IsMember({"docker", "simulated"}));
    addNamed(*cluster, command, "down", "End programs and containers, keep the data", [&] {
        return takeAway(command, &LocalCluster::down, "is down; its data is kept");
    })->add_flag("--leave-containers", command.leaveContainers, leaveContainersHelp);
    addNamed(*cluster, command, "pause", "Freeze programs and containers",
             [&] { return act(command, &LocalCluster::pause, "is paused"); });
    addNamed(*cluster, command, "resume", "Go on after a pause",
             [&] { return act(command, &LocalCluster::resume, "goes on"); });
    addNamed(*cluster, command, "status", "What runs", [&] { return status(command); });
    addNamed(*cluster, command, "logs", "The last lines of each program's log", [&] { return logs(command); })
        ->add_option("--lines", command.lines, "Lines of each (20)")
        ->check(CLI::Range(1, 1000));
    addNamed(*cluster, command, "delete", "Take a cluster down and remove its data", [&] {
        return takeAway(command, &LocalCluster::remove, "is gone");
    })->add_flag("--leave-containers", command.leaveContainers, leaveContainersHelp);
    auto* all = cluster->add_subcommand("list", "All clusters of this user");
    addPlaces(*all, command);
    all->callback([&command] { command.run = [&command] { return list(command); }; });

    auto* token = app.add_subcommand("token", "Tokens with which nodes join")->require_subcommand(0, 1);
    auto* create = addNamed(*token, command, "create", "Print a join token", [&] { return createToken(command); });
    create->add_option("--data-dir", command.dataDir,
                       "The control plane's data folder, instead of a local cluster's name");
}

} // namespace keelson::ctl
