// SPDX-License-Identifier: Apache-2.0
#include "node/agent_tunnels.h"

#include "node/port_stream.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <deque>
#include <utility>

namespace keelson::node {
namespace {

using containers::StreamHandler;

constexpr std::size_t pieceBytesMax = 32UL * 1024;

containers::LogOptions logOptions(const wire::Logs& logs)
{
    containers::LogOptions options{.follow = logs.follow(), .timestamps = logs.timestamps()};
    if (logs.has_tail_lines())
        options.tailLines = logs.tail_lines();
    if (logs.has_since_seconds())
        options.sinceSeconds = logs.since_seconds();
    if (logs.has_limit_bytes())
        options.limitBytes = logs.limit_bytes();
    if (const auto since = parseTime(logs.since_time()); since && !logs.since_time().empty())
        options.sinceTime = *since;
    return options;
}

containers::ExecOptions execOptions(const wire::Exec& exec)
{
    containers::ExecOptions options{.input = exec.input(), .terminal = exec.terminal()};
    options.command.assign(exec.command().begin(), exec.command().end());
    return options;
}

wire::FromAgent endMessage(std::int64_t id, const Result<int>& exitCode)
{
    wire::FromAgent message;
    auto& data = *message.mutable_tunnel_data();
    data.set_id(id);
    data.set_channel(wire::TunnelData::OUTPUT);
    data.set_end(true);
    if (exitCode) {
        data.set_exit_code(*exitCode);
    } else {
        data.set_failure(exitCode.error().message.empty() ? "the stream failed" : exitCode.error().message);
        data.set_failure_reason(std::string(reasonName(exitCode.error().reason)));
    }
    return message;
}

Result<std::unique_ptr<containers::Stream>> forward(containers::ContainerRuntime& runtime,
                                                    const AgentTunnels::Target& target,
                                                    const wire::PortForward& request, StreamHandler handler)
{
    const auto port = static_cast<std::uint16_t>(request.port());
    if (!request.at_address() && !target.containerId.empty()) {
        if (const auto network = runtime.networkOf(target.containerId))
            return connectInside(*network, target.address, port, std::move(handler));
        // An engine of another machine: the pod's address is all there is.
    }
    return connectToPort(target.address, port, std::move(handler));
}

} // namespace

/// One tunnel. Input is written in order on the executor, one piece at a time; output waits for credit.
class AgentTunnels::Line : public std::enable_shared_from_this<Line> {
public:
    Line(std::int64_t id, Executor& executor, Send send, std::weak_ptr<Table> table)
        : m_id(id), m_executor(executor), m_send(std::move(send)), m_table(std::move(table))
    {
    }

    /// `connect` opens the stream; it runs on the executor.
    void start(std::function<Result<std::unique_ptr<containers::Stream>>(StreamHandler)> connect)
    {
        m_executor.run([self = shared_from_this(), connect = std::move(connect)] {
            StreamHandler handler;
            handler.data = [self](StreamHandler::Channel channel, std::string_view bytes) {
                self->carry(channel, bytes);
            };
            handler.ended = [self](const Result<int>& exitCode) { self->ended(exitCode); };
            auto stream = connect(std::move(handler));
            if (!stream) {
                self->ended(fail(stream.error()));
                return;
            }
            std::shared_ptr<containers::Stream> dropped; // destroyed outside the lock
            {
                const std::scoped_lock lock(self->m_mutex);
                dropped = *std::move(stream);
                if (!self->m_closed)
                    self->m_stream = std::exchange(dropped, nullptr);
                self->m_pumping = true;
            }
            self->pumpInput();
        });
    }

    void received(const wire::TunnelData& data)
    {
        const std::scoped_lock lock(m_mutex);
        if (data.credit() > 0) {
            m_credit += data.credit();
            m_granted.notify_all();
        }
        if (data.channel() == wire::TunnelData::OUTPUT || m_closed)
            return;
        m_input.push_back(data);
        if (m_stream && !std::exchange(m_pumping, true))
            m_executor.run([self = shared_from_this()] { self->pumpInput(); });
    }

    /// Ends the stream; nothing is sent any more.
    void close()
    {
        std::shared_ptr<containers::Stream> stream;
        {
            const std::scoped_lock lock(m_mutex);
            m_closed = true;
            stream = std::move(m_stream);
            m_granted.notify_all();
        }
        if (stream)
            m_executor.run([dropped = std::move(stream)]() mutable { dropped.reset(); });
    }

private:
    void carry(StreamHandler::Channel channel, std::string_view bytes)
    {
        while (!bytes.empty()) {
            std::size_t piece = std::min(bytes.size(), pieceBytesMax);
            {
                std::unique_lock lock(m_mutex);
                m_granted.wait(lock, [this] { return m_credit > 0 || m_closed; });
                if (m_closed)
                    return;
                piece = std::min<std::size_t>(piece, static_cast<std::size_t>(m_credit));
                m_credit -= static_cast<std::int64_t>(piece);
            }
            wire::FromAgent message;
            auto& data = *message.mutable_tunnel_data();
            data.set_id(m_id);
            data.set_channel(channel == StreamHandler::Channel::Error ? wire::TunnelData::ERROR
                                                                      : wire::TunnelData::OUTPUT);
            data.set_data(bytes.data(), piece);
            m_send(std::move(message));
            bytes.remove_prefix(piece);
        }
    }

    void ended(const Result<int>& exitCode)
    {
        {
            const std::scoped_lock lock(m_mutex);
            if (m_closed)
                return;
        }
        m_send(endMessage(m_id, exitCode));
        if (const auto table = m_table.lock()) {
            const std::scoped_lock lock(table->mutex);
            table->lines.erase(m_id);
        }
        close();
    }

    /// By one thread at a time: who sets `m_pumping` calls it.
    void pumpInput()
    {
        for (;;) {
            std::shared_ptr<containers::Stream> stream;
            wire::TunnelData data;
            {
                const std::scoped_lock lock(m_mutex);
                if (m_input.empty() || !m_stream || m_closed) {
                    m_pumping = false;
                    return;
                }
                stream = m_stream;
                data = std::move(m_input.front());
                m_input.pop_front();
            }
            apply(*stream, data);
        }
    }

    void apply(containers::Stream& stream, const wire::TunnelData& data)
    {
        if (data.channel() == wire::TunnelData::RESIZE) {
            int columns = 0;
            int rows = 0;
            const auto* end = data.data().data() + data.data().size();
            const auto [at, error] = std::from_chars(data.data().data(), end, columns);
            if (error == std::errc{} && at != end)
                std::from_chars(at + 1, end, rows);
            if (columns > 0 && rows > 0)
                stream.resize(columns, rows);
            return;
        }
        if (!data.data().empty()) {
            stream.write(data.data());
            wire::FromAgent message;
            message.mutable_tunnel_data()->set_id(m_id);
            message.mutable_tunnel_data()->set_channel(wire::TunnelData::INPUT);
            message.mutable_tunnel_data()->set_credit(static_cast<std::int32_t>(data.data().size()));
            m_send(std::move(message));
        }
        if (data.end())
            stream.closeInput();
    }

    const std::int64_t m_id;
    Executor& m_executor;
    const Send m_send;
    const std::weak_ptr<Table> m_table;
    std::mutex m_mutex;
    std::condition_variable m_granted;
    std::int64_t m_credit = tunnelWindowBytes;
    std::deque<wire::TunnelData> m_input;
    std::shared_ptr<containers::Stream> m_stream;
    bool m_pumping = false;
    bool m_closed = false;
};

AgentTunnels::AgentTunnels(Executor& executor, containers::ContainerRuntime& runtime, Send send)
    : m_executor(executor), m_runtime(runtime), m_send(std::move(send))
{
}

AgentTunnels::~AgentTunnels()
{
    std::map<std::int64_t, std::shared_ptr<Line>> lines;
    {
        const std::scoped_lock lock(m_table->mutex);
        lines = std::exchange(m_table->lines, {});
    }
    for (const auto& [id, line] : lines)
        line->close();
}

void AgentTunnels::open(const wire::OpenTunnel& request, const Result<Target>& target)
{
    if (!target) {
        m_send(endMessage(request.id(), fail(target.error())));
        return;
    }
    auto line = std::make_shared<Line>(request.id(), m_executor, m_send, m_table);
    {
        const std::scoped_lock lock(m_table->mutex);
        m_table->lines[request.id()] = line;
    }
    line->start([request, target = *target,
                 &runtime = m_runtime](StreamHandler handler) -> Result<std::unique_ptr<containers::Stream>> {
        switch (request.purpose_case()) {
        case wire::OpenTunnel::kLogs:
            return runtime.logs(target.containerId, logOptions(request.logs()), std::move(handler));
        case wire::OpenTunnel::kExec:
            return runtime.exec(target.containerId, execOptions(request.exec()), std::move(handler));
        case wire::OpenTunnel::kAttach:
            return runtime.attach(target.containerId, execOptions(request.attach()), std::move(handler));
        case wire::OpenTunnel::kPortForward:
            return forward(runtime, target, request.port_forward(), std::move(handler));
        case wire::OpenTunnel::PURPOSE_NOT_SET:
            break;
        }
        return fail(Reason::BadRequest, "this agent does not know that kind of tunnel");
    });
}

void AgentTunnels::received(const wire::TunnelData& data)
{
    std::shared_ptr<Line> line;
    const bool closes = data.channel() == wire::TunnelData::OUTPUT && data.end();
    {
        const std::scoped_lock lock(m_table->mutex);
        const auto found = m_table->lines.find(data.id());
        if (found == m_table->lines.end())
            return;
        line = found->second;
        if (closes)
            m_table->lines.erase(found);
    }
    if (closes)
        line->close();
    else
        line->received(data);
}

} // namespace keelson::node
