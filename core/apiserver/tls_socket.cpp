// SPDX-License-Identifier: Apache-2.0
#include "apiserver/tls_socket.h"

#include <boost/asio/ssl/error.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>

#include <cerrno>
#include <new>

#include <sys/socket.h>

namespace keelson::apiserver {
namespace {

namespace asio = boost::asio;

long control(BIO* /*bio*/, int command, long /*number*/, void* /*argument*/)
{
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

bool isFull(int failure)
{
    return failure == EAGAIN || failure == EWOULDBLOCK || failure == EINTR;
}

} // namespace

std::unique_ptr<TlsLine> TlsLine::create(asio::ip::tcp::socket socket, SSL_CTX* context)
{
    std::unique_ptr<TlsLine> line(new TlsLine(std::move(socket)));
    boost::system::error_code ignored;
    line->m_socket.non_blocking(true, ignored);
    line->m_tls = SSL_new(context);
    BIO* const bio = ownBio() ? BIO_new(ownBio()) : nullptr;
    if (!line->m_tls || !bio) {
        BIO_free(bio);
        return nullptr;
    }
    BIO_set_data(bio, line.get());
    BIO_set_init(bio, 1);
    SSL_set_bio(line->m_tls, bio, bio);
    SSL_set_accept_state(line->m_tls);
    SSL_set_read_ahead(line->m_tls, 1);
    SSL_set_mode(line->m_tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return line;
}

const BIO_METHOD* TlsLine::ownBio()
{
    static const BIO_METHOD* const method = [] {
        BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "keelson socket");
        if (made) {
            BIO_meth_set_read(made, receive);
            BIO_meth_set_write(made, send);
            BIO_meth_set_ctrl(made, control);
        }
        return made;
    }();
    return method;
}

int TlsLine::receive(BIO* bio, char* into, int size)
{
    auto& line = *static_cast<TlsLine*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (!line.m_arrived.empty()) {
        const auto count = line.m_arrived.copy(into, static_cast<std::size_t>(size));
        line.m_arrived.remove_prefix(count);
        return static_cast<int>(count);
    }
    if (!line.m_drained) {
        const auto count = ::recv(line.m_socket.native_handle(), into, static_cast<std::size_t>(size), 0);
        line.m_drained = count < size;
        if (count > 0)
            return static_cast<int>(count);
        if (count == 0) {
            line.m_ended = true;
        } else if (!isFull(errno)) {
            line.m_failure = errno;
            return -1;
        }
    }
    BIO_set_retry_read(bio);
    return -1;
}

int TlsLine::send(BIO* bio, const char* bytes, int size)
{
    auto& line = *static_cast<TlsLine*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const int flags = MSG_NOSIGNAL | (line.m_more ? MSG_MORE : 0);
    const auto count = ::send(line.m_socket.native_handle(), bytes, static_cast<std::size_t>(size), flags);
    if (count >= 0)
        return static_cast<int>(count);
    if (isFull(errno))
        BIO_set_retry_write(bio);
    else
        line.m_failure = errno;
    return -1;
}

boost::system::error_code TlsLine::arrived(boost::system::error_code failure, std::size_t bytes)
{
    m_arrived = {m_room.data(), bytes};
    m_drained = bytes < m_room.size();
    m_ended = failure == asio::error::eof;
    return m_ended ? boost::system::error_code() : failure;
}

TlsProgress TlsLine::unfinished(int result)
{
    switch (SSL_get_error(m_tls, result)) {
    case SSL_ERROR_WANT_READ:
        if (m_ended)
            return {.failure = asio::ssl::error::stream_truncated};
        return {.waits = TlsProgress::Waits::Readable};
    case SSL_ERROR_WANT_WRITE:
        return {.waits = TlsProgress::Waits::Writable};
    case SSL_ERROR_ZERO_RETURN:
        return {.failure = asio::error::eof};
    case SSL_ERROR_SYSCALL:
        return {.failure = {m_failure != 0 ? m_failure : EPIPE, boost::system::system_category()}};
    default:
        return {.failure = {static_cast<int>(ERR_get_error()), asio::error::get_ssl_category()}};
    }
}

TlsProgress TlsLine::handshake()
{
    ERR_clear_error();
    const int result = SSL_do_handshake(m_tls);
    return result == 1 ? TlsProgress{} : unfinished(result);
}

TlsProgress TlsLine::read(asio::mutable_buffer into)
{
    if (m_drained && !m_ended && m_arrived.empty() && SSL_has_pending(m_tls) == 0)
        return {.waits = TlsProgress::Waits::Readable}; // OpenSSL would fetch a buffer only to free it again.
    ERR_clear_error();
    TlsProgress progress;
    const int result = SSL_read_ex(m_tls, into.data(), into.size(), &progress.bytes);
    return result == 1 ? progress : unfinished(result);
}

TlsProgress TlsLine::write(asio::const_buffer bytes, bool more)
{
    ERR_clear_error();
    m_more = more;
    TlsProgress progress;
    const int result = SSL_write_ex(m_tls, bytes.data(), bytes.size(), &progress.bytes);
    m_more = false;
    return result == 1 ? progress : unfinished(result);
}

TlsProgress TlsLine::shutdown()
{
    ERR_clear_error();
    int result = SSL_shutdown(m_tls);
    if (result == 0) // Ours is said.
        result = SSL_shutdown(m_tls);
    return result == 1 ? TlsProgress{} : unfinished(result);
}

TlsSocket::TlsSocket(next_layer_type socket, SSL_CTX* context) : m_line(TlsLine::create(std::move(socket), context))
{
    if (!m_line)
        throw std::bad_alloc();
}

} // namespace keelson::apiserver
