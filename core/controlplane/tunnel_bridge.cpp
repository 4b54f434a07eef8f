// SPDX-License-Identifier: Apache-2.0
#include "controlplane/tunnel_bridge.h"

namespace keelson::controlplane {
namespace {

static_assert(apiserver::podStreamWindowBytes == dispatcher::tunnelWindowBytes, "both ends grant the same window");

class Sink : public dispatcher::TunnelSink {
public:
    explicit Sink(std::shared_ptr<apiserver::PodStreamSink> sink) : m_sink(std::move(sink)) {}

    void data(dispatcher::TunnelChannel channel, std::string bytes) override
    {
        m_sink->data(channel == dispatcher::TunnelChannel::Error ? apiserver::PodChannel::Error
                                                                 : apiserver::PodChannel::Output,
                     std::move(bytes));
    }
    void taken(std::size_t bytes) override { m_sink->taken(bytes); }
    void ended(Result<int> exitCode) override { m_sink->ended(std::move(exitCode)); }

private:
    std::shared_ptr<apiserver::PodStreamSink> m_sink;
};

class Stream : public apiserver::PodStream {
public:
    explicit Stream(std::unique_ptr<dispatcher::Tunnel> tunnel) : m_tunnel(std::move(tunnel)) {}

    void write(std::string bytes) override { m_tunnel->write(std::move(bytes)); }
    void closeInput() override { m_tunnel->closeInput(); }
    void resize(int columns, int rows) override { m_tunnel->resize(columns, rows); }
    void grant(std::size_t bytes) override { m_tunnel->grant(bytes); }

private:
    std::unique_ptr<dispatcher::Tunnel> m_tunnel;
};

dispatcher::TunnelTarget targetOf(const apiserver::PodTarget& target)
{
    return {target.nameSpace, target.pod, target.uid, target.node, target.container};
}

Result<std::unique_ptr<apiserver::PodStream>> streamOf(Result<std::unique_ptr<dispatcher::Tunnel>> tunnel)
{
    if (!tunnel)
        return fail(std::move(tunnel).error());
    return std::make_unique<Stream>(*std::move(tunnel));
}

} // namespace

Result<std::unique_ptr<apiserver::PodStream>> TunnelBridge::logs(const apiserver::PodTarget& target,
                                                                 const apiserver::LogOptions& options,
                                                                 std::shared_ptr<apiserver::PodStreamSink> sink)
{
    return streamOf(m_tunnels.logs(targetOf(target),
                                   {options.follow, options.previous, options.timestamps, options.tailLines,
                                    options.sinceSeconds, options.sinceTime, options.limitBytes},
                                   std::make_shared<Sink>(std::move(sink))));
}

Result<std::unique_ptr<apiserver::PodStream>> TunnelBridge::exec(const apiserver::PodTarget& target,
                                                                 const apiserver::ExecOptions& options,
                                                                 std::shared_ptr<apiserver::PodStreamSink> sink)
{
    return streamOf(m_tunnels.exec(targetOf(target),
                                   {options.command, options.input, options.output, options.error, options.terminal},
                                   std::make_shared<Sink>(std::move(sink))));
}

Result<std::unique_ptr<apiserver::PodStream>> TunnelBridge::portForward(const apiserver::PodTarget& target,
                                                                        std::uint16_t port,
                                                                        std::shared_ptr<apiserver::PodStreamSink> sink)
{
    return streamOf(m_tunnels.portForward(targetOf(target), port, std::make_shared<Sink>(std::move(sink))));
}

} // namespace keelson::controlplane
