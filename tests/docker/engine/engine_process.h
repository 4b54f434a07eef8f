// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker/connection.h"

#include <filesystem>
#include <functional>

namespace keelson::docker {

/// A Docker engine of the test's own, with everything it keeps in a folder of its own; needs root. It has the image
/// keelson-test/busybox:1, made from the machine's static busybox.
class EngineProcess {
public:
    /// Started at the first call, ended with the program.
    static EngineProcess& shared();
    ~EngineProcess();
    EngineProcess(const EngineProcess&) = delete;
    EngineProcess& operator=(const EngineProcess&) = delete;

    EngineAddress address() const;

private:
    EngineProcess();
    void importBusybox() const;

    std::filesystem::path m_folder;
    int m_process = 0;
};

/// Looks every few milliseconds for up to 20 s.
bool waitUntil(const std::function<bool()>& done);

} // namespace keelson::docker
