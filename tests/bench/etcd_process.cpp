// SPDX-License-Identifier: Apache-2.0
#include "bench/etcd_process.h"

#include "support/docker_engine.h"
#include "support/tree.h"

#include "bench/etcd_kv.grpc.pb.h"

#include <grpcpp/grpcpp.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace keelson::bench {

namespace wire = etcdserverpb;

std::filesystem::path etcdProgram()
{
    std::istringstream folders(std::string(std::getenv("PATH")) + ":" + support::sourceFolder() + "/build/tools");
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (std::filesystem::exists(folder + "/etcd"))
            return folder + "/etcd";
    }
    return {};
}

/// One would be a bottleneck for many clients.
class EtcdProcess::Connections {
public:
    explicit Connections(const std::string& address)
    {
        constexpr int count = 8;
        for (int i = 0; i < count; ++i) {
            grpc::ChannelArguments arguments;
            arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
            m_stubs.push_back(
                wire::KV::NewStub(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments)));
        }
    }

    grpc::Status put(int client, const std::string& key, const std::string& value)
    {
        wire::PutRequest request;
        request.set_key(key);
        request.set_value(value);
        wire::PutResponse response;
        grpc::ClientContext context;
        context.set_wait_for_ready(true);
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds{20});
        return m_stubs[static_cast<std::size_t>(client) % m_stubs.size()]->Put(&context, request, &response);
    }

private:
    std::vector<std::unique_ptr<wire::KV::Stub>> m_stubs;
};

EtcdProcess::EtcdProcess(const std::filesystem::path& program, const std::filesystem::path& folder)
{
    const auto address = "127.0.0.1:" + std::to_string(support::freePort());
    const auto url = "http://" + address;
    const auto peers = "http://127.0.0.1:" + std::to_string(support::freePort());
    m_process = std::make_unique<support::Process>(
        std::vector<std::string>{program, "--data-dir", folder / "etcd", "--listen-client-urls", url,
                                 "--advertise-client-urls", url, "--listen-peer-urls", peers,
                                 "--initial-advertise-peer-urls", peers, "--initial-cluster", "default=" + peers,
                                 "--log-level", "error"},
        folder / "etcd.log");
    m_connections = std::make_unique<Connections>(address);
    if (const auto first = m_connections->put(0, "first", "put"); !first.ok())
        throw std::runtime_error("etcd does not answer: " + first.error_message() + "\n" + m_process->log());
}

EtcdProcess::~EtcdProcess() = default;

void EtcdProcess::put(int client, const std::string& key, const std::string& value)
{
    if (const auto done = m_connections->put(client, key, value); !done.ok())
        throw std::runtime_error("etcd: " + done.error_message());
}

} // namespace keelson::bench
