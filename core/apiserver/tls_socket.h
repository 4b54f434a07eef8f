// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace keelson::apiserver {

/// What has become of a step: it has to wait, has failed, or has moved so many bytes.
struct TlsProgress {
    enum class Waits { No, Readable, Writable };
    Waits waits = Waits::No;
    boost::system::error_code failure{};
    std::size_t bytes = 0;
};

/// A socket and its TLS, which reads and writes the socket itself. Never blocks.
class TlsLine {
public:
    /// Null: no memory.
    static std::unique_ptr<TlsLine> create(boost::asio::ip::tcp::socket socket, SSL_CTX* context);
    ~TlsLine() { SSL_free(m_tls); }
    TlsLine(const TlsLine&) = delete;
    TlsLine& operator=(const TlsLine&) = delete;

    TlsProgress handshake();
    /// `Waits::Readable` when nothing is there; `eof` after the other side's goodbye, `stream_truncated` without it.
    TlsProgress read(boost::asio::mutable_buffer into);
    /// One record at most. Another call follows at once when `more`: the kernel waits for it before it sends.
    TlsProgress write(boost::asio::const_buffer bytes, bool more);
    /// Says goodbye and waits for that of the other side.
    TlsProgress shutdown();
    /// For the bytes that come while somebody waits for `Waits::Readable`.
    boost::asio::mutable_buffer room() { return boost::asio::buffer(m_room); }
    /// What that wait has brought; returns the failure that is one to the reader.
    boost::system::error_code arrived(boost::system::error_code failure, std::size_t bytes);

    boost::asio::ip::tcp::socket& socket() { return m_socket; }
    SSL* tls() { return m_tls; }

private:
    explicit TlsLine(boost::asio::ip::tcp::socket socket) : m_socket(std::move(socket)) {}
    TlsProgress unfinished(int result);
    static int receive(BIO* bio, char* into, int size);
    static int send(BIO* bio, const char* bytes, int size);
    static const BIO_METHOD* ownBio();

    boost::asio::ip::tcp::socket m_socket;
    SSL* m_tls = nullptr;
    std::array<char, 2048> m_room; ///< Takes a request of the common size.
    std::string_view m_arrived;    ///< In the room, not yet read.
    int m_failure = 0;             ///< Of the socket, as errno.
    bool m_more = false;           ///< Of the record that is being sent.
    bool m_drained = false;        ///< All that was there has been read.
    bool m_ended = false;          ///< The other side sends no more.
};

/// The server's end of a TLS connection, as Asio and Beast want a stream (AsyncReadStream, AsyncWriteStream).
///
/// Stands where asio::ssl::stream might: that one keeps 70 KiB of buffers for each connection, copies all bytes twice
/// more on their way and sends each record by itself. Here OpenSSL uses the socket and Asio only waits.
/// All calls on one thread; one read and one write may be under way at the same time. Only a stream without any may
/// move.
class TlsSocket {
public:
    using next_layer_type = boost::asio::ip::tcp::socket;
    using executor_type = next_layer_type::executor_type;
    using Code = boost::system::error_code;

    /// Throws std::bad_alloc.
    TlsSocket(next_layer_type socket, SSL_CTX* context);

    executor_type get_executor() { return m_line->socket().get_executor(); }
    next_layer_type& next_layer() { return m_line->socket(); }
    SSL* native_handle() { return m_line->tls(); }

    /// `handler` takes the error alone.
    template <typename Handler>
    auto async_handshake(Handler&& handler)
    {
        return run<void(Code)>([line = m_line.get()] { return line->handshake(); }, std::forward<Handler>(handler));
    }
    template <typename Handler>
    auto async_shutdown(Handler&& handler)
    {
        return run<void(Code)>([line = m_line.get()] { return line->shutdown(); }, std::forward<Handler>(handler));
    }
    template <typename Buffers, typename Handler>
    auto async_read_some(const Buffers& buffers, Handler&& handler)
    {
        return run<void(Code, std::size_t)>(
            [line = m_line.get(), into = firstOf(buffers)] {
                return into.size() > 0 ? line->read(into) : TlsProgress{};
            },
            std::forward<Handler>(handler));
    }
    template <typename Buffers, typename Handler>
    auto async_write_some(const Buffers& buffers, Handler&& handler)
    {
        return run<void(Code, std::size_t)>([line = m_line.get(), buffers] { return writeAll(*line, buffers); },
                                            std::forward<Handler>(handler));
    }

private:
    template <typename Buffers>
    static boost::asio::mutable_buffer firstOf(const Buffers& buffers)
    {
        for (auto it = boost::asio::buffer_sequence_begin(buffers); it != boost::asio::buffer_sequence_end(buffers);
             ++it) {
            if (const boost::asio::mutable_buffer buffer = *it; buffer.size() > 0)
                return buffer;
        }
        return {};
    }

    /// As much as the socket takes.
    template <typename Buffers>
    static TlsProgress writeAll(TlsLine& line, const Buffers& buffers)
    {
        TlsProgress progress;
        auto left = boost::asio::buffer_size(buffers);
        for (auto it = boost::asio::buffer_sequence_begin(buffers); it != boost::asio::buffer_sequence_end(buffers);
             ++it) {
            boost::asio::const_buffer part = *it;
            while (part.size() > 0) {
                const bool more = left > std::min<std::size_t>(part.size(), SSL3_RT_MAX_PLAIN_LENGTH);
                const auto step = line.write(part, more);
                if (step.bytes == 0)
                    return progress.bytes > 0 ? progress : step;
                progress.bytes += step.bytes;
                left -= step.bytes;
                part += step.bytes;
            }
        }
        return progress;
    }

    /// Repeats `step` whenever the socket is ready for it, until it has come to its end.
    template <typename Signature, typename Step>
    class Operation {
    public:
        Operation(TlsLine& line, Step step) : m_line(line), m_step(std::move(step)) {}

        template <typename Self>
        void operator()(Self& self, Code failure = {}, std::size_t bytes = 0)
        {
            if (m_progress.waits == TlsProgress::Waits::Readable)
                failure = m_line.arrived(failure, bytes);
            if (failure)
                m_progress = {.failure = failure};
            else if (!m_done)
                m_progress = m_step();
            auto& socket = m_line.socket();
            const bool begun = std::exchange(m_begun, true);
            if (m_progress.waits == TlsProgress::Waits::Readable)
                return socket.async_read_some(m_line.room(), std::move(self));
            if (m_progress.waits == TlsProgress::Waits::Writable)
                return socket.async_wait(next_layer_type::wait_write, std::move(self));
            if (!begun) { // Nothing completes inside the call that begins it.
                m_done = true;
                return boost::asio::post(socket.get_executor(), std::move(self));
            }
            if constexpr (std::is_same_v<Signature, void(Code)>)
                self.complete(m_progress.failure);
            else
                self.complete(m_progress.failure, m_progress.bytes);
        }

    private:
        TlsLine& m_line;
        Step m_step;
        TlsProgress m_progress;
        bool m_begun = false;
        bool m_done = false;
    };

    template <typename Signature, typename Step, typename Handler>
    auto run(Step step, Handler&& handler)
    {
        return boost::asio::async_compose<Handler, Signature>(Operation<Signature, Step>(*m_line, std::move(step)),
                                                              handler, m_line->socket());
    }

    std::unique_ptr<TlsLine> m_line;
};

/// What Beast calls at the end of a WebSocket.
template <typename Handler>
void async_teardown(boost::beast::role_type /*role*/, TlsSocket& socket, Handler&& handler)
{
    socket.async_shutdown(std::forward<Handler>(handler));
}

} // namespace keelson::apiserver
