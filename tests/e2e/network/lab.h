// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace keelson::network::test {

/// Answers each TCP connection and each datagram with its name and the client's address ("a 10.244.1.1"), from within
/// a network namespace.
class Responder {
public:
    Responder(const std::string& nameSpace, std::string name, const std::string& ip, std::uint16_t port);
    ~Responder();
    Responder(const Responder&) = delete;
    Responder& operator=(const Responder&) = delete;

private:
    void serve();

    std::string m_name;
    int m_stream = -1;
    int m_datagrams = -1;
    std::atomic<bool> m_stopping = false;
    std::thread m_thread;
};

/// A host of its own in network namespaces: `host` with two nodes' bridges (10.244.1.1/24, 10.244.2.1/24), pods
/// plugged into them, and `outside`, a machine on the host's network (host 192.0.2.1, outside 192.0.2.2).
/// Needs root. All is taken away at the end.
class Lab {
public:
    Lab(std::string bridge1, std::string bridge2);
    ~Lab();
    Lab(const Lab&) = delete;
    Lab& operator=(const Lab&) = delete;

    static bool possible();

    /// A pod on a bridge: its namespace is called like it.
    void addPod(const std::string& name, const std::string& ip, const std::string& bridge);
    /// Runs `nft -f -` in the host's namespace.
    Result<Done> apply(const std::string& rules);
    std::string run(const std::string& nameSpace, std::vector<std::string> command, const std::string& input = {});
    /// What a responder says, or "refused", "timeout" (after 300 ms), "unreachable".
    std::string ask(const std::string& nameSpace, const std::string& ip, std::uint16_t port, bool udp = false);
    std::string full(const std::string& name) const { return m_prefix + name; }

private:
    void addNamespace(const std::string& name);

    std::string m_prefix;
    std::vector<std::string> m_names;
};

} // namespace keelson::network::test
