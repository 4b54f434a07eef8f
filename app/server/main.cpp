// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/heap.h"
#include "base/log.h"
#include "buildinfo/build_info.h"
#include "controlplane/control_plane.h"

#include <CLI/CLI.hpp>

#include <csignal>
#include <map>

namespace {

using namespace keelson;

/// Blocks until the process is asked to end. The signals must be blocked in all threads, so before any is started.
int waitForEnd(const sigset_t& signals)
{
    int signal = 0;
    sigwait(&signals, &signal);
    return signal;
}

sigset_t blockEndSignals()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return signals;
}

struct Arguments {
    controlplane::Options options;
    std::vector<std::string> requiredClaims;
    log::Level logLevel = log::Level::Info;
    double nodeGraceSeconds = 40;
    double evictionSeconds = 0;
};

/// A number of seconds from `min` on, up to a year.
CLI::Validator seconds(double min)
{
    constexpr double secondsMax = 365.0 * 24 * 3600;
    return {[min](std::string& text) -> std::string {
                double number = 0;
                if (CLI::detail::lexical_cast(text, number) && number >= min && number <= secondsMax)
                    return {};
                return fmt::format("\"{}\" is no number of seconds from {} on", text, min);
            },
            "SECONDS"};
}

/// The name of a level becomes its number, which the option reads.
CLI::Validator levelName()
{
    return {[](std::string& text) -> std::string {
                const std::map<std::string, log::Level> levels{{"debug", log::Level::Debug},
                                                               {"info", log::Level::Info},
                                                               {"warning", log::Level::Warning},
                                                               {"error", log::Level::Error}};
                const auto found = levels.find(text);
                if (found == levels.end())
                    return fmt::format("\"{}\" is no level: debug, info, warning and error are", text);
                text = std::to_string(static_cast<int>(found->second));
                return {};
            },
            "LEVEL"};
}

/// NAME=VALUE
CLI::Validator assignment()
{
    return {[](std::string& text) -> std::string {
                const auto equals = text.find('=');
                return equals != std::string::npos && equals > 0 ? std::string()
                                                                 : fmt::format("\"{}\" is not NAME=VALUE", text);
            },
            "NAME=VALUE"};
}

void declareIssuer(CLI::App& app, Arguments& arguments)
{
    auto& oidc = arguments.options.oidc;
    app.add_option("--oidc-issuer-url", oidc.issuer,
                   "OpenID issuer whose ID tokens are good here, an https URL (none)");
    app.add_option("--oidc-client-id", oidc.clientId, "Audience that its tokens must name");
    app.add_option("--oidc-ca-file", arguments.options.oidcAuthority,
                   "Certificate authority of the issuer's server, PEM (this machine's)");
    app.add_option("--oidc-username-claim", oidc.usernameClaim, "Claim that names the user (sub)");
    app.add_option("--oidc-username-prefix", oidc.usernamePrefix,
                   "Stands before users' names; \"-\": nothing (ISSUER#, but nothing for the claim email)");
    app.add_option("--oidc-groups-claim", oidc.groupsClaim, "Claim that lists the user's groups (none)");
    app.add_option("--oidc-groups-prefix", oidc.groupsPrefix, "Stands before groups' names");
    app.add_option("--oidc-required-claim", arguments.requiredClaims, "Claim that a token must have; may be repeated")
        ->check(assignment());
    app.add_option("--oidc-signing-algs", oidc.algorithms, "Algorithms of signatures (RS256)")->delimiter(',');
}

void declare(CLI::App& app, Arguments& arguments)
{
    auto& options = arguments.options;
    app.set_version_flag("--version", std::string("keelsond ") + versionText);
    app.add_option("--data-dir", options.dataDir, "Folder for the store, certificates and addresses")->required();
    app.add_option("--listen", options.listen, "HOST:PORT of the API; port 0 picks a free one (127.0.0.1:6443)");
    app.add_option("--agent-listen", options.agentListen, "HOST:PORT that node agents dial (127.0.0.1:6444)");
    app.add_option("--advertise", options.advertise, "HOST:PORT under which others reach the API");
    app.add_option("--service-cidr", options.serviceCidr, "Addresses of Services (10.96.0.0/16)");
    app.add_option("--pod-cidr", options.podCidr, "Addresses of pods, a /24 for each node (10.244.0.0/16)");
    app.add_option("--admission-control-config-file", options.admissionConfiguration,
                   "How admission is configured (apiserver.config.k8s.io/v1 AdmissionConfiguration; none)");
    app.add_option("--audit-policy-file", options.auditPolicy, "What is audited (audit.k8s.io/v1 Policy; none)");
    app.add_option("--audit-log-path", options.auditLog, "Where audit events are written, \"-\": standard output");
    app.add_option("--audit-log-maxsize", options.auditMegabytesMax,
                   "MiB of the audit log until it is put aside (100)");
    app.add_option("--audit-log-maxage", options.auditDaysMax, "Days to keep audit logs put aside (0: for ever)");
    app.add_option("--audit-log-maxbackup", options.auditFilesMax, "Audit logs put aside to keep (0: all)");
    app.add_option("--trace-maxsize", options.traceMegabytesMax,
                   "MiB of memory for traces, the oldest go first; 0: none are kept (32)")
        ->check(CLI::Range(0, 4096));
    declareIssuer(app, arguments);
    app.add_option("--node-grace", arguments.nodeGraceSeconds, "Seconds until a silent node is NotReady (40)")
        ->check(seconds(0.1));
    app.add_option(
           "--eviction-after", arguments.evictionSeconds,
           "Seconds until pods of a lost node are replaced, where their tolerations say longer (0: as they say)")
        ->check(seconds(0));
    app.add_option("--log-level", arguments.logLevel, "debug, info, warning or error (info)")->transform(levelName());
    app.set_config("--config", "", "Read these options from a file (TOML)");
    app.allow_config_extras(CLI::config_extras_mode::error);
}

Duration fromSeconds(double seconds)
{
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

} // namespace

int main(int argc, char** argv)
{
    limitHeapParts();
    Arguments arguments;
    CLI::App app("The control plane of a Keelson cluster: it serves the Kubernetes API.", "keelsond");
    declare(app, arguments);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0)
            return app.exit(error);
        fmt::print(stderr, "keelsond: {} (see keelsond --help)\n", error.what());
        return 2;
    }
    log::start(arguments.logLevel);
    arguments.options.nodeGrace = fromSeconds(arguments.nodeGraceSeconds);
    for (const auto& claim : arguments.requiredClaims)
        arguments.options.oidc.requiredClaims[claim.substr(0, claim.find('='))] = claim.substr(claim.find('=') + 1);
    arguments.options.evictionMax = fromSeconds(arguments.evictionSeconds);

    const auto signals = blockEndSignals();
    const SystemClock clock;
    SystemRandom random;
    auto controlPlane = controlplane::ControlPlane::create(arguments.options, clock, random);
    if (!controlPlane) {
        fmt::print(stderr, "keelsond: {}\n", controlPlane.error().message);
        return 1;
    }
    log::info("keelsond", "serving the Kubernetes API at https://{}, agents at {}", (*controlPlane)->addresses().api,
              (*controlPlane)->addresses().agents);
    waitForEnd(signals);
    log::info("keelsond", "ending");
    (*controlPlane)->stop();
    return 0;
}
