// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/control_plane_process.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::e2e {

/// The program of that name that was built with this test.
std::filesystem::path program(const std::string& name);

/// A kubectl, and whether it is of the old age: Debian 12 has 1.20, which checks manifests by itself.
struct Kubectl {
    std::string program;
    bool old = false;
};

/// Those at hand: what is in the PATH, and Debian's where `./dev setup` has put one.
std::vector<Kubectl> kubectls();

/// A kubeconfig's text for the administrator of the folder's cluster, with another server, certificate or authority.
struct Identity {
    std::string server;
    std::filesystem::path authority;
    std::filesystem::path certificate;
    std::filesystem::path key;
};
std::string kubeconfigText(const Identity& identity);

/// A keelsond with its data in a temporary folder, and kubectl as its administrator.
class ControlPlane {
public:
    /// Starts it and waits until it is ready; the test fails with its log when it does not become so.
    explicit ControlPlane(std::filesystem::path data = {});

    /// Runs the first kubectl, or the one that is given.
    support::Outcome kubectl(std::vector<std::string> arguments, const std::string& input = {},
                             const std::string& program = kubectls().front().program) const;
    /// Runs curl as the administrator: METHOD PATH [its further arguments]. The output ends with the line of the status
    /// code.
    support::Outcome curl(const std::string& method, const std::string& path, std::vector<std::string> arguments = {},
                          const std::string& body = {}) const;
    void restart();

    const std::filesystem::path& data() const { return m_data; }
    support::ControlPlaneProcess& server() { return *m_server; }

private:
    support::TemporaryFolder m_folder;
    std::filesystem::path m_data;
    std::unique_ptr<support::ControlPlaneProcess> m_server;
};

} // namespace keelson::e2e
