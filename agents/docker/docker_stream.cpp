// SPDX-License-Identifier: Apache-2.0
#include "docker/docker_stream.h"

#include "base/loop.h"
#include "docker/frames.h"

#include <array>
#include <atomic>
#include <thread>

namespace keelson::docker {
namespace {

using containers::StreamHandler;

/// What the reading thread shares with the stream; lives as long as either.
struct Transfer {
    StreamPlan plan;
    StreamHandler handler;
    std::atomic<bool> cancelled{false};
    std::atomic<bool> finished{false};
    std::int64_t delivered = 0;

    /// False when the limit is reached.
    bool deliver(StreamHandler::Channel channel, std::string_view bytes)
    {
        if (plan.limitBytes)
            bytes = bytes.substr(0, static_cast<std::size_t>(std::max<std::int64_t>(0, *plan.limitBytes - delivered)));
        delivered += static_cast<std::int64_t>(bytes.size());
        if (!cancelled && handler.data && !bytes.empty())
            handler.data(channel, bytes);
        return !plan.limitBytes || delivered < *plan.limitBytes;
    }

    Result<Done> pump()
    {
        FrameReader frames;
        std::array<char, 32768> bytes{};
        bool more = !plan.limitBytes || *plan.limitBytes > 0;
        while (more && !cancelled) {
            auto& reply = *plan.call.reply;
            TRY_ASSIGN(const auto count, plan.hijacked ? reply.readRaw(bytes.data(), bytes.size())
                                                       : reply.readBody(bytes.data(), bytes.size()));
            if (count == 0)
                return Done{};
            const std::string_view read(bytes.data(), count);
            if (plan.raw)
                more = deliver(StreamHandler::Channel::Output, read);
            else
                frames.feed(read, [&](auto channel, auto part) { more = deliver(channel, part); });
        }
        return Done{};
    }

    void run()
    {
        const auto outcome = pump();
        if (cancelled)
            return;
        finished = true;
        if (!handler.ended)
            return;
        if (!outcome)
            handler.ended(std::unexpected(outcome.error()));
        else
            handler.ended(plan.exitCode ? plan.exitCode() : Result<int>(0));
    }
};

class DockerStream : public containers::Stream {
public:
    explicit DockerStream(std::shared_ptr<Transfer> transfer)
        : m_transfer(std::move(transfer)), m_reader([transfer = m_transfer] {
              nameThread("docker-stream");
              transfer->run();
          })
    {
    }

    ~DockerStream() override
    {
        m_transfer->cancelled = true;
        m_transfer->plan.call.connection->abort();
        if (m_reader.get_id() == std::this_thread::get_id())
            m_reader.detach(); // destroyed inside its own handler
        else
            m_reader.join();
        if (!m_transfer->finished && m_transfer->plan.abandoned)
            m_transfer->plan.abandoned();
    }

    void write(std::string_view bytes) override
    {
        // A broken connection shows at the reading side, which reports it.
        static_cast<void>(m_transfer->plan.call.connection->write(bytes));
    }
    void closeInput() override { m_transfer->plan.call.connection->finishWriting(); }
    void resize(int columns, int rows) override
    {
        if (m_transfer->plan.resize)
            m_transfer->plan.resize(columns, rows);
    }

private:
    std::shared_ptr<Transfer> m_transfer;
    std::thread m_reader;
};

} // namespace

std::unique_ptr<containers::Stream> startStream(StreamPlan plan, StreamHandler handler)
{
    auto transfer = std::make_shared<Transfer>();
    transfer->plan = std::move(plan);
    transfer->handler = std::move(handler);
    return std::make_unique<DockerStream>(std::move(transfer));
}

} // namespace keelson::docker
