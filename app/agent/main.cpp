// SPDX-License-Identifier: GPL-3.0-or-later
#include "api/name_forms.h"
#include "base/heap.h"
#include "base/host_port.h"
#include "base/log.h"
#include "base/private_file.h"
#include "buildinfo/build_info.h"
#include "containers/simulated_runtime.h"
#include "docker/docker_runtime.h"
#include "node/docker_network_engine.h"
#include "node/node_agent.h"
#include "node/registration.h"
#include "volumes/host_volumes.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <sysexits.h>
#include <unistd.h>

namespace {

using namespace keelson;

constexpr std::size_t threadsMax = 128;
constexpr std::size_t simulatedThreadsMax = 16;

struct Arguments {
    std::vector<std::string> servers;
    std::string tokenFile;
    std::string node;
    std::string dataDir;
    std::string runtime = "docker";
    std::string dockerHost = "unix:///var/run/docker.sock";
    std::string network = "host";
    std::string nodeIp;
    std::string cluster;
    std::string labels;
    std::optional<std::string> taints;
    int simulate = 0;
    log::Level logLevel = log::Level::Info;
};

void declare(CLI::App& app, Arguments& arguments)
{
    const std::map<std::string, log::Level> levels{{"debug", log::Level::Debug},
                                                   {"info", log::Level::Info},
                                                   {"warning", log::Level::Warning},
                                                   {"error", log::Level::Error}};
    app.set_version_flag("--version", std::string("keelson-agent ") + versionText);
    app.add_option("--server", arguments.servers,
                   "HOST:PORT of the control plane's agent listener, several with commas")
        ->required()
        ->delimiter(',');
    app.add_option("--token-file", arguments.tokenFile, "File with the join token; needed until the node has joined");
    app.add_option("--node", arguments.node, "Name of this node")->required();
    app.add_option("--data-dir", arguments.dataDir,
                   "Folder for the node's identity, assignments and volumes; seccomp/ in it holds profiles for pods")
        ->required();
    app.add_option("--runtime", arguments.runtime, "docker or simulated (docker)")
        ->check(CLI::IsMember({"docker", "simulated"}));
    app.add_option("--docker-host", arguments.dockerHost,
                   "unix:///PATH or tcp://HOST:PORT (unix:///var/run/docker.sock)");
    app.add_option("--simulate", arguments.simulate, "Play that many nodes, NAME-0 and so on, without an engine")
        ->check(CLI::Range(1, 20000));
    app.add_option("--network", arguments.network, "host: pod network, Services and DNS; none: the engine's own (host)")
        ->check(CLI::IsMember({"host", "none"}));
    app.add_option("--node-ip", arguments.nodeIp, "IPv4 address of this host (found out)")->check(CLI::ValidIPV4);
    app.add_option("--cluster", arguments.cluster, "Tells clusters on one machine apart (of the token's authority)");
    app.add_option("--node-labels", arguments.labels, "KEY=VALUE,... for the node");
    app.add_option("--register-with-taints", arguments.taints,
                   "KEY=VALUE:EFFECT,... for a node that is new, or none (none; on the control plane's own machine the "
                   "role control-plane and its taint NoSchedule)");
    app.add_option("--log-level", arguments.logLevel, "debug, info, warning or error (info)")
        ->transform(CLI::Validator(
            [levels](std::string& text) -> std::string {
                const auto found = levels.find(text);
                if (found == levels.end())
                    return fmt::format("\"{}\" is no level: debug, info, warning and error are", text);
                text = std::to_string(static_cast<int>(found->second));
                return {};
            },
            "LEVEL"));
}

/// Labels and taints. Who says nothing of taints on the control plane's own machine gets that node's.
Result<Done> readRegistration(const Arguments& arguments, node::NodeAgentOptions& options)
{
    auto labels = node::parseNodeLabels(arguments.labels);
    if (!labels)
        return fail(labels.error().reason, fmt::format("--node-labels: {}", labels.error().message));
    options.labels = *std::move(labels);
    auto taints = node::parseTaints(arguments.taints.value_or("none"));
    if (!taints)
        return fail(taints.error().reason, fmt::format("--register-with-taints: {}", taints.error().message));
    options.taints = *std::move(taints);
    if (arguments.taints || arguments.simulate > 0 || std::ranges::none_of(options.servers, node::isOnThisMachine))
        return Done{};
    options.labels[std::string(node::controlPlaneRole)] = "";
    options.taints.push_back(node::controlPlaneTaint());
    log::info("agent",
              "the control plane is on this machine: the node gets its role, and only pods that tolerate {} "
              "(\"--register-with-taints none\" for all pods)",
              node::controlPlaneRole);
    return Done{};
}

Result<node::NodeAgentOptions> optionsOf(const Arguments& arguments)
{
    node::NodeAgentOptions options;
    options.node = arguments.node;
    if (const auto wrong = api::wrongDnsSubdomain(arguments.node); !wrong.empty())
        return fail(Reason::BadRequest, fmt::format("--node: \"{}\" is no node name: {}", arguments.node, wrong));
    options.servers = arguments.servers;
    for (const auto& server : options.servers) {
        const auto address = HostPort::parse(server);
        if (!address || address->host.empty() || address->port == 0)
            return fail(Reason::BadRequest, fmt::format("--server: \"{}\" is not HOST:PORT", server));
    }
    options.dataDirectory = std::filesystem::absolute(arguments.dataDir);
    std::error_code error;
    std::filesystem::create_directories(options.dataDirectory, error);
    if (error)
        return fail(Reason::BadRequest, fmt::format("--data-dir {}: {}", arguments.dataDir, error.message()));
    if (!arguments.tokenFile.empty()) {
        TRY_ASSIGN(const auto text, readFile(arguments.tokenFile));
        auto token = node::JoinToken::parse(text);
        if (!token)
            return fail(Reason::BadRequest,
                        fmt::format("--token-file {}: {}", arguments.tokenFile, token.error().message));
        options.token = *std::move(token);
        options.tokenFile = arguments.tokenFile;
    } else if (arguments.simulate > 0 || !std::filesystem::exists(options.dataDirectory / "identity.crt")) {
        return fail(Reason::BadRequest, "--token-file is needed: this node has not joined yet");
    }
    TRY_OK(readRegistration(arguments, options));
    options.hostIp = arguments.nodeIp;
    const auto authority =
        options.token ? options.token->authority : readFile(options.dataDirectory / "authority.crt").value_or("");
    options.cluster = arguments.cluster.empty() ? node::authorityFingerprint(authority) : arguments.cluster;
    options.network = arguments.network == "host" ? network::NetworkMode::Host : network::NetworkMode::None;
    options.simulated = arguments.simulate > 0 || arguments.runtime == "simulated";
    return options;
}

std::atomic<bool> wasRefused = false;

/// Ends the program: who started it learns of it, and the reason is the last thing it says.
void endRefused(const Error& error)
{
    if (wasRefused.exchange(true))
        return; // One of many nodes has said it.
    std::cerr << "keelson-agent: " << error.message << "\n" << std::flush;
    ::kill(::getpid(), SIGTERM);
}

/// One node with all it runs on.
struct Machine {
    std::unique_ptr<containers::ContainerRuntime> runtime;
    std::unique_ptr<pods::PodVolumes> volumes;
    std::unique_ptr<pods::Prober> prober;
    std::unique_ptr<network::NetworkEngine> networkEngine;
    std::unique_ptr<node::NodeAgent> agent;
};

Machine simulatedMachine(node::NodeAgentOptions options, Loop& loop, Executor& executor, Random& random,
                         const Clock& clock)
{
    Machine machine;
    auto runtime = std::make_unique<containers::SimulatedRuntime>(clock);
    auto* const simulated = runtime.get();
    machine.prober = std::make_unique<pods::SimulatedProber>(*runtime);
    machine.runtime = std::move(runtime);
    machine.volumes = std::make_unique<volumes::SimulatedVolumes>();
    options.network = network::NetworkMode::None;
    machine.agent = std::make_unique<node::NodeAgent>(
        std::move(options),
        node::NodeAgentParts{
            .loop = loop,
            .executor = executor,
            .random = random,
            .runtime = *machine.runtime,
            .volumes = *machine.volumes,
            .prober = *machine.prober,
            .addressesKnown = [simulated](const std::string& podCidr) { simulated->setAddresses(podCidr); },
            .refused = endRefused});
    return machine;
}

Result<Machine> dockerMachine(node::NodeAgentOptions options, const std::string& dockerHost, Loop& loop,
                              Executor& executor, Random& random, const Clock& clock)
{
    TRY_ASSIGN(const auto address, docker::EngineAddress::parse(dockerHost));
    Machine machine;
    machine.runtime = std::make_unique<docker::DockerRuntime>(
        address, docker::Owner{.cluster = options.cluster, .node = options.node}, clock);
    machine.volumes = std::make_unique<volumes::HostVolumes>(options.dataDirectory / "pods");
    machine.prober = std::make_unique<pods::NetworkProber>(*machine.runtime);
    if (options.network == network::NetworkMode::Host)
        machine.networkEngine = std::make_unique<node::DockerNetworkEngine>(address);
    machine.agent = std::make_unique<node::NodeAgent>(std::move(options),
                                                      node::NodeAgentParts{.loop = loop,
                                                                           .executor = executor,
                                                                           .random = random,
                                                                           .runtime = *machine.runtime,
                                                                           .volumes = *machine.volumes,
                                                                           .prober = *machine.prober,
                                                                           .networkEngine = machine.networkEngine.get(),
                                                                           .refused = endRefused});
    return machine;
}

Result<std::vector<Machine>> makeMachines(const Arguments& arguments, Loop& loop, Executor& executor, Random& random,
                                          const Clock& clock)
{
    TRY_ASSIGN(const auto options, optionsOf(arguments));
    std::vector<Machine> machines;
    for (int i = 0; i < arguments.simulate; ++i) {
        auto own = options;
        own.node = fmt::format("{}-{}", options.node, i);
        machines.push_back(simulatedMachine(std::move(own), loop, executor, random, clock));
    }
    if (arguments.simulate > 0)
        return machines;
    if (options.simulated) {
        machines.push_back(simulatedMachine(options, loop, executor, random, clock));
    } else {
        TRY_ASSIGN(auto machine, dockerMachine(options, arguments.dockerHost, loop, executor, random, clock));
        machines.push_back(std::move(machine));
    }
    return machines;
}

/// Runs the task on the loop and waits for it.
void runOn(Loop& loop, const std::function<void()>& task)
{
    std::mutex mutex;
    std::condition_variable finished;
    bool done = false;
    loop.post([&] {
        task();
        const std::scoped_lock lock(mutex);
        done = true;
        finished.notify_all();
    });
    std::unique_lock lock(mutex);
    finished.wait(lock, [&] { return done; });
}

int serve(const Arguments& arguments, const sigset_t& signals)
{
    const SystemClock clock;
    SystemRandom random;
    std::vector<Machine> machines; // goes last: loop and executor may still use its parts
    ThreadLoop loop("agent", clock);
    ThreadExecutor executor("agent-work", arguments.simulate > 0 ? simulatedThreadsMax : threadsMax);
    auto made = makeMachines(arguments, loop, executor, random, clock);
    if (!made) {
        std::cerr << "keelson-agent: " << made.error().message << "\n";
        return 1;
    }
    machines = *std::move(made);
    for (auto& machine : machines)
        machine.agent->start();
    int signal = 0;
    sigwait(&signals, &signal);
    if (!wasRefused)
        log::info("agent", "ending; pods run on");
    runOn(loop, [&] {
        for (auto& machine : machines)
            machine.agent->stop(); // and not destroyed: the executor still works with their parts
    });
    // What is under way (a stop with a long grace, a pull) is not waited for: the next start sees what the engine
    // shows.
    std::quick_exit(wasRefused ? EX_NOPERM : 0);
}

} // namespace

int main(int argc, char** argv)
{
    limitHeapParts();
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    Arguments arguments;
    CLI::App app{"The node agent of Keelson: runs this node's pods, its share of Services, and DNS.", "keelson-agent"};
    declare(app, arguments);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0)
            return app.exit(error);
        std::cerr << "keelson-agent: " << error.what() << " (see keelson-agent --help)\n";
        return 2;
    }
    log::start(arguments.logLevel);
    return serve(arguments, signals);
}
