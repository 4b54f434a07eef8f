// SPDX-License-Identifier: Apache-2.0
#include "control_plane.h"
#include "support/tree.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace keelson::e2e {

using support::Outcome;
using support::run;

std::filesystem::path program(const std::string& name)
{
    return std::filesystem::path(support::binaryFolder()) / "bin" / name;
}

std::vector<Kubectl> kubectls()
{
    static const std::vector<Kubectl> found = [] {
        std::vector<Kubectl> programs;
        for (const auto& candidate : {std::string("kubectl"), support::sourceFolder() + "/build/tools/kubectl-1.20"}) {
            const auto version = run({candidate, "version", "--client", "-o", "json"});
            if (version.ok())
                programs.push_back({candidate, version.output.find("\"v1.20.") != std::string::npos});
        }
        return programs;
    }();
    return found;
}

std::string kubeconfigText(const Identity& identity)
{
    return fmt::format(R"(apiVersion: v1
kind: Config
clusters: [{{name: c, cluster: {{server: "{}", certificate-authority: "{}"}}}}]
users: [{{name: u, user: {{client-certificate: "{}", client-key: "{}"}}}}]
contexts: [{{name: c, context: {{cluster: c, user: u}}}}]
current-context: c
)",
                       identity.server, identity.authority.string(), identity.certificate.string(),
                       identity.key.string());
}

ControlPlane::ControlPlane(std::filesystem::path data)
    : m_data(data.empty() ? m_folder.path() / "data" : std::move(data))
{
    std::filesystem::create_directories(m_data);
    restart();
    const auto admin = support::readKubeconfig(m_server->kubeconfig());
    support::writeFile(m_folder.path() / "ca.crt", admin.authority);
    support::writeFile(m_folder.path() / "admin.crt", admin.certificate);
    support::writeFile(m_folder.path() / "admin.key", admin.key);
}

void ControlPlane::restart()
{
    m_server.reset();
    m_server = std::make_unique<support::ControlPlaneProcess>(program("keelsond"), m_data);
    EXPECT_TRUE(m_server->waitReady()) << m_server->log();
}

Outcome ControlPlane::kubectl(std::vector<std::string> arguments, const std::string& input,
                              const std::string& kubectl) const
{
    arguments.insert(arguments.begin(), {kubectl, "--kubeconfig", (m_data / "admin.kubeconfig").string(), "--cache-dir",
                                         (m_folder.path() / "cache").string()});
    return run(arguments, {.input = input, .environment = {}});
}

Outcome ControlPlane::curl(const std::string& method, const std::string& path, std::vector<std::string> arguments,
                           const std::string& body) const
{
    const auto file = [&](const char* name) { return (m_folder.path() / name).string(); };
    arguments.insert(arguments.begin(),
                     {"curl", "-sS", "--max-time", "20", "--cacert", file("ca.crt"), "--cert", file("admin.crt"),
                      "--key", file("admin.key"), "-X", method, "-w", "\n%{http_code}"});
    if (!body.empty()) {
        support::writeFile(file("body"), body);
        arguments.insert(arguments.end(), {"--data-binary", "@" + file("body")});
    }
    arguments.push_back("https://" + m_server->apiAddress() + path);
    return run(arguments);
}

} // namespace keelson::e2e
