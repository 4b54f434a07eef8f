// SPDX-License-Identifier: Apache-2.0
#include "support/docker_engine.h"

#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace keelson::support {

DockerEngine::DockerEngine()
{
    start();
}

DockerEngine::~DockerEngine()
{
    const auto all = docker({"ps", "-aq"});
    std::vector<std::string> remove{"rm", "-f", "-v"};
    for (std::size_t at = 0, end = 0; (end = all.output.find('\n', at)) != std::string::npos; at = end + 1)
        remove.push_back(all.output.substr(at, end - at));
    if (remove.size() > 3)
        docker(remove);
    docker({"network", "prune", "-f"});
    stop();
}

void DockerEngine::start()
{
    const auto folder = m_folder.path();
    m_process = std::make_unique<Process>(std::vector<std::string>{"dockerd", "--live-restore", "--data-root",
                                                                   folder / "data", "--exec-root", folder / "exec",
                                                                   "--pidfile", folder / "pid", "-H", address()},
                                          folder / "dockerd.log");
    const bool up =
        eventually(std::chrono::seconds{60}, [&] { return docker({"version"}).ok() || !m_process->running(); });
    if (!up || !m_process->running())
        throw std::runtime_error("dockerd did not start:\n" + m_process->log());
}

void DockerEngine::stop()
{
    if (m_process)
        m_process->stop();
}

Outcome DockerEngine::docker(std::vector<std::string> arguments) const
{
    arguments.insert(arguments.begin(), {"docker", "-H", address()});
    return run(arguments);
}

ImageRegistry::ImageRegistry() : m_address("127.0.0.1:" + std::to_string(freePort()))
{
    writeFile(m_folder.path() / "config.yml",
              "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: " + (m_folder.path() / "data").string() +
                  "\nhttp:\n  addr: " + m_address + "\n");
    m_process = std::make_unique<Process>(
        std::vector<std::string>{"docker-registry", "serve", m_folder.path() / "config.yml"}, m_folder.path() / "log");
    if (!eventually(std::chrono::seconds{20},
                    [&] { return run({"curl", "-sf", "http://" + m_address + "/v2/"}).ok(); }))
        throw std::runtime_error("docker-registry did not start:\n" + m_process->log());
}

int freePort()
{
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(socket);
    return ntohs(address.sin_port);
}

} // namespace keelson::support
