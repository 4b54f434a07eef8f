// SPDX-License-Identifier: Apache-2.0
#include "e2e/cluster.h"

#include "support/control_plane_process.h"
#include "support/tree.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>

namespace keelson::e2e {

using support::eventually;
using support::Outcome;
using support::Process;
using support::run;

namespace {

std::string program(const std::string& name)
{
    return support::binaryFolder() + "/bin/" + name;
}

/// Two ranges for each cluster (10.130 to 10.229) that no interface of this machine has, such as the network of a run
/// that was killed.
int freeRange(int port)
{
    constexpr int ranges = 50;
    const auto addresses = run({"ip", "-4", "-o", "address"}).output;
    for (int i = 0; i < ranges; ++i) {
        const int range = 130 + 2 * ((port + i) % ranges);
        if (!addresses.contains(fmt::format(" 10.{}.", range)) &&
            !addresses.contains(fmt::format(" 10.{}.", range + 1)))
            return range;
    }
    throw std::runtime_error("no range of 10.130 to 10.229 is free on this machine");
}

std::string trimmed(std::string text)
{
    while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
        text.pop_back();
    return text;
}

std::string tail(const std::filesystem::path& log)
{
    constexpr std::size_t bytes = 4000;
    const auto text = support::readFile(log);
    return fmt::format("--- {}\n{}\n", log.filename().string(),
                       text.substr(text.size() - std::min(bytes, text.size())));
}

/// An agent's rules outlive it, as they should; those of a cluster that is gone would slow down every packet of this
/// machine. Rules, table and network of a node have one name.
void removePacketRules(const std::string& engine, const std::string& node)
{
    run({"bash", "-c", R"sh(
docker -H "$0" network ls --filter "label=keelson.node=$1" --format '{{.Name}}' | while read -r name; do
    nft delete table ip "$name"
    iptables -w 5 -S DOCKER-USER | sed -n "/--comment $name /s/^-A //p" | while read -r rule; do iptables -w 5 -D $rule; done
done)sh",
         engine, node});
}

} // namespace

Cluster::Cluster(const support::DockerEngine& engine, Options options)
    : m_options(std::move(options)),
      m_engine(engine.address()),
      m_port(support::freePort()),
      m_agentPort(support::freePort()),
      m_range(freeRange(m_port)),
      m_agents(static_cast<std::size_t>(m_options.nodes))
{
    startServer();
    for (int i = 0; i < m_options.nodes; ++i)
        startAgent(i);
    const auto ready = [this] {
        const auto nodes =
            kubectl({"get", "nodes", "-o",
                     "jsonpath={range .items[*]}{.status.conditions[?(@.type==\"Ready\")].status} {end}"});
        std::string expected;
        for (int i = 0; i < m_options.nodes; ++i)
            expected += i == 0 ? "True" : " True";
        return trimmed(nodes.output) == expected;
    };
    if (!eventually(std::chrono::seconds{60}, ready))
        throw std::runtime_error("the nodes did not become Ready\n" + logs());
}

Cluster::~Cluster()
{
    for (const auto& agent : m_agents) {
        if (agent)
            agent->stop();
    }
    if (m_server)
        m_server->stop();
    for (int i = 0; i < m_options.nodes; ++i)
        removePacketRules(m_engine, nodeName(i));
}

void Cluster::startServer()
{
    std::vector<std::string> command{program("keelsond"),
                                     "--data-dir",
                                     m_folder.path() / "server",
                                     "--listen",
                                     fmt::format("127.0.0.1:{}", m_port),
                                     "--agent-listen",
                                     fmt::format("127.0.0.1:{}", m_agentPort),
                                     "--pod-cidr",
                                     fmt::format("10.{}.0.0/16", m_range),
                                     "--service-cidr",
                                     fmt::format("10.{}.0.0/16", m_range + 1)};
    command.insert(command.end(), m_options.serverArguments.begin(), m_options.serverArguments.end());
    m_server = std::make_unique<Process>(command, m_folder.path() / "server.log");
    if (!eventually(std::chrono::seconds{20}, [this] { return serverReady() || !m_server->running(); }) ||
        !serverReady())
        throw std::runtime_error("keelsond did not become ready\n" + logs());
}

bool Cluster::serverReady()
{
    return run({"curl", "-ksf", fmt::format("https://127.0.0.1:{}/readyz", m_port)}).ok();
}

void Cluster::startAgent(int index)
{
    const auto name = nodeName(index);
    m_agents[static_cast<std::size_t>(index)] = std::make_unique<Process>(
        std::vector<std::string>{program("keelson-agent"), "--server", fmt::format("127.0.0.1:{}", m_agentPort),
                                 "--token-file", m_folder.path() / "server" / "agent.token", "--node", name,
                                 "--data-dir", m_folder.path() / name, "--docker-host", m_engine,
                                 "--register-with-taints", "none"},
        m_folder.path() / (name + ".log"));
}

Outcome Cluster::kubectl(const std::vector<std::string>& arguments, const std::string& input) const
{
    std::vector<std::string> command{m_kubectl, "--kubeconfig", kubeconfig()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run(command,
               {.input = input, .environment = {{"HOME", m_folder.path()}}, .limit = std::chrono::seconds{120}});
}

std::string Cluster::out(const std::vector<std::string>& arguments, const std::string& input) const
{
    const auto outcome = kubectl(arguments, input);
    EXPECT_TRUE(outcome.ok()) << "kubectl " << testing::PrintToString(arguments) << "\n" << outcome.error;
    return trimmed(outcome.output);
}

bool Cluster::shows(const std::vector<std::string>& arguments, const std::string& expected,
                    std::chrono::seconds limit) const
{
    Outcome last;
    const bool shown = eventually(limit, [&] {
        last = kubectl(arguments);
        return last.ok() && trimmed(last.output) == expected;
    });
    if (!shown)
        ADD_FAILURE() << "kubectl " << testing::PrintToString(arguments) << " shows\n"
                      << last.output << last.error << "instead of\n"
                      << expected << "\n"
                      << kubectl({"get", "pods,events", "-A", "-o", "wide"}).output << logs();
    return shown;
}

std::filesystem::path Cluster::kubeconfigFor(const std::string& user, const std::string& group) const
{
    const auto at = [&](const std::string& ending) { return (m_folder.path() / (user + ending)).string(); };
    const auto pki = m_folder.path() / "server" / "pki";
    const auto made =
        run({"openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
             at(".key"), "-out", at(".csr"), "-subj", fmt::format("/O={}/CN={}", group, user)})
            .ok() &&
        run({"openssl", "x509", "-req", "-in", at(".csr"), "-CA", pki / "ca.crt", "-CAkey", pki / "ca.key",
             "-CAcreateserial", "-CAserial", at(".srl"), "-days", "1", "-out", at(".crt")})
            .ok();
    EXPECT_TRUE(made);
    // Written here: Debian's kubectl 1.20 panics in `config set-credentials`.
    const auto file = at(".kubeconfig");
    std::ofstream(file) << fmt::format(R"(apiVersion: v1
kind: Config
clusters: [{{name: c, cluster: {{server: "https://127.0.0.1:{}", certificate-authority: "{}"}}}}]
users: [{{name: c, user: {{client-certificate: "{}", client-key: "{}"}}}}]
contexts: [{{name: c, context: {{cluster: c, user: c}}}}]
current-context: c
)",
                                       m_port, (pki / "ca.crt").string(), at(".crt"), at(".key"));
    return file;
}

std::string Cluster::logs() const
{
    auto text = tail(m_folder.path() / "server.log");
    for (int i = 0; i < m_options.nodes; ++i)
        text += tail(m_folder.path() / (nodeName(i) + ".log"));
    return text;
}

std::vector<std::string> kubectls()
{
    std::vector<std::string> programs{"kubectl"};
    const auto debian = support::sourceFolder() + "/build/tools/kubectl-1.20";
    if (std::filesystem::exists(debian))
        programs.push_back(debian);
    return programs;
}

std::string pushWebImage(const support::DockerEngine& engine, const support::ImageRegistry& registry)
{
    const auto image = registry.address() + "/web:1";
    const auto made = run({support::sourceFolder() + "/tools/sample_image", image},
                          {.input = {}, .environment = {{"DOCKER_HOST", engine.address()}}});
    const auto pushed = engine.docker({"push", image});
    const auto removed = engine.docker({"rmi", image});
    if (!made.ok() || !pushed.ok() || !removed.ok())
        throw std::runtime_error("the sample image could not be made: " + made.error + pushed.error + removed.error);
    return image;
}

std::string webManifest(const std::string& kind, const std::string& name, const std::string& image, int replicas)
{
    return fmt::format(R"(
apiVersion: apps/v1
kind: {}
metadata:
  name: {}
spec:
  replicas: {}
  selector:
    matchLabels: {{app: {}}}
  template:
    metadata:
      labels: {{app: {}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: {}
          command: [sh, -c, 'hostname > /www/index.html; exec httpd -f -p 8080 -h /www']
          ports:
            - {{name: http, containerPort: 8080}}
          readinessProbe:
            httpGet: {{path: /, port: http}}
            periodSeconds: 1
          resources:
            requests: {{cpu: 10m, memory: 8Mi}}
)",
                       kind, name, replicas, name, name, image);
}

std::string serviceManifest(const std::string& name)
{
    return fmt::format(R"(
apiVersion: v1
kind: Service
metadata:
  name: {}
spec:
  selector: {{app: {}}}
  ports:
    - {{name: http, port: 80, targetPort: http}}
)",
                       name, name);
}

} // namespace keelson::e2e
