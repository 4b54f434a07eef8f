// SPDX-License-Identifier: Apache-2.0
#include "upstream/dialer.h"

#include "base/loop.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <array>
#include <deque>
#include <thread>
#include <utility>

namespace keelson::upstream {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Code = boost::system::error_code;

/// One connection. All state belongs to the dialer's thread.
class Link : public std::enable_shared_from_this<Link> {
public:
    Link(asio::io_context& context, std::shared_ptr<client::PodStreamSink> sink)
        : m_resolver(context), m_socket(context), m_limit(context), m_sink(std::move(sink))
    {
    }

    void start(const std::string& host, std::uint16_t port)
    {
        m_place = fmt::format("{}:{}", host, port);
        m_limit.expires_after(dialTime);
        m_limit.async_wait([self = shared_from_this()](const Code& cancelled) {
            if (!cancelled && !self->m_open)
                self->end(self->failure("no answer in time"));
        });
        m_resolver.async_resolve(host, std::to_string(port),
                                 [self = shared_from_this()](const Code& failure, const auto& found) {
                                     if (failure)
                                         self->end(self->failure(failure.message()));
                                     else if (self->m_sink)
                                         self->connect(found);
                                 });
    }

    void write(std::string bytes)
    {
        m_queue.push_back(std::move(bytes));
        writeNext();
    }

    void finishWriting()
    {
        m_finishing = true;
        writeNext();
    }

    void grant(std::size_t bytes)
    {
        m_credit += bytes;
        readNext();
    }

    /// Nobody wants to hear of it any more.
    void cut()
    {
        m_sink.reset();
        close();
    }

private:
    std::unexpected<Error> failure(const std::string& why) const
    {
        return fail(Reason::ServiceUnavailable, fmt::format("dial tcp {}: {}", m_place, why));
    }

    void connect(const tcp::resolver::results_type& places)
    {
        asio::async_connect(m_socket, places, [self = shared_from_this()](const Code& failure, const tcp::endpoint&) {
            if (!self->m_sink)
                return;
            if (failure)
                return self->end(self->failure(failure.message()));
            Code ignored;
            self->m_socket.set_option(tcp::no_delay(true), ignored);
            self->m_open = true;
            self->m_limit.cancel();
            self->writeNext();
            self->readNext();
        });
    }

    void readNext()
    {
        if (m_reading || !m_open || !m_sink || m_credit == 0)
            return;
        m_reading = true;
        m_socket.async_read_some(asio::buffer(m_buffer, std::min(m_buffer.size(), m_credit)),
                                 [self = shared_from_this()](const Code& failure, std::size_t bytes) {
                                     self->m_reading = false;
                                     self->received(failure, bytes);
                                 });
    }

    void received(const Code& failure, std::size_t bytes)
    {
        const auto sink = m_sink;
        if (!sink)
            return;
        if (bytes > 0) {
            m_credit -= bytes;
            sink->data(client::PodChannel::Output, std::string(m_buffer.data(), bytes));
        }
        if (failure == asio::error::eof)
            end(0);
        else if (failure)
            end(fail(Reason::ServiceUnavailable, fmt::format("read tcp {}: {}", m_place, failure.message())));
        else
            readNext();
    }

    void writeNext()
    {
        if (m_writing || !m_open || !m_sink)
            return;
        if (m_queue.empty()) {
            Code ignored;
            if (m_finishing)
                m_socket.shutdown(tcp::socket::shutdown_send, ignored);
            return;
        }
        m_writing = true;
        asio::async_write(m_socket, asio::buffer(m_queue.front()),
                          [self = shared_from_this()](const Code& failure, std::size_t bytes) {
                              self->m_writing = false;
                              const auto sink = self->m_sink;
                              if (failure || !sink) // Whoever reads hears why.
                                  return;
                              self->m_queue.pop_front();
                              sink->taken(bytes);
                              self->writeNext();
                          });
    }

    void end(Result<int> result)
    {
        close();
        if (const auto sink = std::exchange(m_sink, nullptr))
            sink->ended(std::move(result));
    }

    void close()
    {
        Code ignored;
        m_resolver.cancel();
        m_limit.cancel();
        m_socket.close(ignored);
    }

    tcp::resolver m_resolver;
    tcp::socket m_socket;
    asio::steady_timer m_limit;
    std::shared_ptr<client::PodStreamSink> m_sink; ///< Null once it has heard the end, or nobody listens.
    std::string m_place;
    std::array<char, std::size_t{32} * 1024> m_buffer{};
    std::deque<std::string> m_queue;
    std::size_t m_credit = client::podStreamWindowBytes;
    bool m_open = false;
    bool m_reading = false;
    bool m_writing = false;
    bool m_finishing = false;
};

} // namespace

struct Dialer::Core {
    /// Not told that it has one thread: what that thread posts itself would then wait aside until its handler has
    /// returned, behind what others post later.
    asio::io_context context;
    asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
    std::thread thread;

    class Stream : public client::PodStream {
    public:
        Stream(std::shared_ptr<Core> core, std::shared_ptr<Link> link)
            : m_core(std::move(core)), m_link(std::move(link))
        {
        }
        ~Stream() override
        {
            post([](Link& link) { link.cut(); });
        }
        void write(std::string bytes) override
        {
            post([bytes = std::move(bytes)](Link& link) mutable { link.write(std::move(bytes)); });
        }
        void closeInput() override
        {
            post([](Link& link) { link.finishWriting(); });
        }
        void resize(int /*columns*/, int /*rows*/) override {}
        void grant(std::size_t bytes) override
        {
            post([bytes](Link& link) { link.grant(bytes); });
        }

    private:
        template <typename Work>
        void post(Work work)
        {
            asio::post(m_core->context, [link = m_link, work = std::move(work)]() mutable { work(*link); });
        }
        std::shared_ptr<Core> m_core; ///< Goes after the link, which lives in its context.
        std::shared_ptr<Link> m_link;
    };
};

Dialer::Dialer() : m_core(std::make_shared<Core>())
{
    m_core->thread = std::thread([&core = *m_core] {
        nameThread("dialer");
        core.context.run();
    });
}

Dialer::~Dialer()
{
    m_core->context.stop();
    m_core->thread.join();
}

Connect Dialer::to(std::string host, std::uint16_t port) const
{
    return [core = m_core, host = std::move(host),
            port](std::shared_ptr<client::PodStreamSink> sink) -> Result<std::unique_ptr<client::PodStream>> {
        auto link = std::make_shared<Link>(core->context, std::move(sink));
        asio::post(core->context, [link, host, port] { link->start(host, port); });
        return std::make_unique<Core::Stream>(core, std::move(link));
    };
}

} // namespace keelson::upstream
