// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/process.h"

#include <memory>
#include <optional>
#include <string>

namespace keelson::support {

/// A Docker engine of the test's own, with its own data, socket and no containers but the test's. Needs root and
/// dockerd.
class DockerEngine {
public:
    /// Starts it and waits until it answers; throws std::runtime_error with its log when it does not.
    DockerEngine();
    ~DockerEngine();
    DockerEngine(const DockerEngine&) = delete;
    DockerEngine& operator=(const DockerEngine&) = delete;

    std::string address() const { return "unix://" + (m_folder.path() / "docker.sock").string(); }
    /// Runs the docker client against it.
    Outcome docker(std::vector<std::string> arguments) const;
    /// Ends the engine; containers go on running (live restore). `start` brings it back.
    void stop();
    void start();

private:
    TemporaryFolder m_folder;
    std::unique_ptr<Process> m_process;
};

/// A real image registry on a free port of the loopback interface.
class ImageRegistry {
public:
    ImageRegistry();
    /// "127.0.0.1:40123"
    const std::string& address() const { return m_address; }

private:
    TemporaryFolder m_folder;
    std::string m_address;
    std::unique_ptr<Process> m_process;
};

/// A TCP port of the loopback interface that nobody listens on just now.
int freePort();

} // namespace keelson::support
