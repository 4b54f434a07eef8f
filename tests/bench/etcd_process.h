// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/process.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace keelson::bench {

/// etcd, from the path or build/tools; empty: it is not there.
std::filesystem::path etcdProgram();

/// A single etcd with its data in a folder, on free ports of the loopback interface.
class EtcdProcess {
public:
    /// Throws std::runtime_error when it does not answer.
    EtcdProcess(const std::filesystem::path& program, const std::filesystem::path& folder);
    ~EtcdProcess();
    EtcdProcess(const EtcdProcess&) = delete;
    EtcdProcess& operator=(const EtcdProcess&) = delete;

    /// Durable when it returns. Any thread; `client` spreads them over a few connections. Throws std::runtime_error.
    void put(int client, const std::string& key, const std::string& value);

private:
    class Connections;
    std::unique_ptr<support::Process> m_process;
    std::unique_ptr<Connections> m_connections;
};

} // namespace keelson::bench
