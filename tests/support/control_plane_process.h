// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/process.h"

#include <memory>
#include <string>
#include <vector>

namespace keelson::support {

/// A real keelsond on free ports of the loopback interface, with its data in `folder`; started there again, it takes
/// the ports that it had.
class ControlPlaneProcess {
public:
    /// `arguments` come behind --data-dir, --listen and --agent-listen.
    ControlPlaneProcess(const std::filesystem::path& program, const std::filesystem::path& folder,
                        const std::vector<std::string>& arguments = {});

    /// Waits until GET /readyz answers 200; false when it ends or `limit` is over (then see `log`).
    bool waitReady(std::chrono::seconds limit = std::chrono::seconds{20});
    std::filesystem::path kubeconfig() const { return m_folder / "admin.kubeconfig"; }
    std::filesystem::path tokenFile() const { return m_folder / "agent.token"; }
    /// "127.0.0.1:38211", once it is ready.
    std::string apiAddress() const;
    std::string agentAddress() const;
    Process& process() { return *m_process; }
    std::string log() const { return m_process->log(); }

private:
    std::filesystem::path m_folder;
    std::unique_ptr<Process> m_process;
};

/// The identity in a kubeconfig whose data is embedded: PEM texts and the server's URL.
struct KubeconfigFacts {
    std::string server;
    std::string authority;
    std::string certificate;
    std::string key;
};
KubeconfigFacts readKubeconfig(const std::filesystem::path& path);

} // namespace keelson::support
