// SPDX-License-Identifier: Apache-2.0
#include "apiserver/tls_socket.h"

#include "auth/certificate_authority.h"
#include "auth/openssl_pointers.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include <sys/socket.h>
#include <unistd.h>

namespace keelson::apiserver {
namespace {

namespace asio = boost::asio;
using Code = boost::system::error_code;
using ContextPointer = Owned<SSL_CTX, SSL_CTX_free>;
using ConnectionPointer = Owned<SSL, SSL_free>;

/// The two ends of one connection, both moved by the test's thread.
class TlsSocketTest : public testing::Test {
protected:
    void SetUp() override
    {
        const auto folder = std::filesystem::temp_directory_path() / fmt::format("keelson-tls-{}", ::getpid());
        const SystemClock clock;
        const auto pair = *(*auth::CertificateAuthority::openOrCreate(folder, clock)).issueServer({"127.0.0.1"});
        std::filesystem::remove_all(folder);
        SSL_CTX_use_certificate(m_serverContext.get(), auth::certificateFromPem(pair.certificate).get());
        SSL_CTX_use_PrivateKey(m_serverContext.get(), auth::keyFromPem(pair.key).get());
        SSL_CTX_set_mode(m_serverContext.get(), SSL_MODE_RELEASE_BUFFERS);
        std::array<int, 2> ends{};
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
        const int small = 32 * 1024; // so that the socket is full before a large write has ended
        ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
        m_server.emplace(asio::ip::tcp::socket(m_io, asio::ip::tcp::v4(), ends[0]), m_serverContext.get());
        m_fd = ends[1];
        m_client.reset(SSL_new(m_clientContext.get()));
        SSL_set_fd(m_client.get(), m_fd);
        SSL_set_connect_state(m_client.get());
    }
    void TearDown() override { closeClient(); }

    void shakeHands()
    {
        std::optional<Code> done;
        m_server->async_handshake([&](const Code& failure) { done = failure; });
        while (!done) {
            SSL_do_handshake(m_client.get());
            poll();
        }
        ASSERT_FALSE(*done) << done->message();
        SSL_do_handshake(m_client.get());
        ASSERT_TRUE(SSL_is_init_finished(m_client.get()));
    }
    void poll()
    {
        m_io.restart();
        m_io.poll();
    }
    /// All that the client can read at once.
    std::string clientReads()
    {
        std::string text;
        char buffer[16384];
        for (int count = 0; (count = SSL_read(m_client.get(), buffer, sizeof buffer)) > 0;)
            text.append(buffer, static_cast<std::size_t>(count));
        return text;
    }
    void clientWrites(const std::string& text)
    {
        ASSERT_EQ(SSL_write(m_client.get(), text.data(), static_cast<int>(text.size())), text.size());
    }
    void closeClient()
    {
        if (m_fd >= 0)
            ::close(std::exchange(m_fd, -1));
    }
    /// One read of the server, until it has come to its end.
    std::string serverReads()
    {
        std::optional<Code> done;
        std::string text(16384, '\0');
        m_server->async_read_some(asio::buffer(text), [&](const Code& failure, std::size_t bytes) {
            done = failure;
            text.resize(bytes);
        });
        EXPECT_FALSE(done) << "inside the call";
        for (int i = 0; !done && i < 1000; ++i)
            poll();
        return !done ? "nothing" : *done ? done->message() : text;
    }

    asio::io_context m_io{1};
    ContextPointer m_serverContext{SSL_CTX_new(TLS_server_method())};
    ContextPointer m_clientContext{SSL_CTX_new(TLS_client_method())};
    std::optional<TlsSocket> m_server;
    ConnectionPointer m_client;
    int m_fd = -1;
};

TEST_F(TlsSocketTest, readsWhatComesBeforeAndAfterItWaits)
{
    shakeHands();
    clientWrites("early");
    EXPECT_EQ(serverReads(), "early");
    std::string late(5, '\0');
    std::optional<Code> done;
    m_server->async_read_some(asio::buffer(late), [&](const Code& failure, std::size_t) { done = failure; });
    poll();
    EXPECT_FALSE(done);
    clientWrites("later than that");
    while (!done)
        poll();
    EXPECT_EQ(late, "later");
    EXPECT_EQ(serverReads(), " than that") << "the rest of the record, for which nothing more comes";
}

TEST_F(TlsSocketTest, readsMoreThanItsOwnRoomHolds)
{
    shakeHands();
    const std::string large(100'000, 'x');
    std::string got;
    std::optional<Code> done;
    std::string buffer(large.size(), '\0');
    asio::async_read(*m_server, asio::buffer(buffer), [&](const Code& failure, std::size_t) { done = failure; });
    poll();
    for (std::size_t at = 0; !done;) {
        std::size_t taken = 0;
        if (at < large.size() && SSL_write_ex(m_client.get(), large.data() + at, 10'000, &taken) == 1)
            at += taken;
        poll();
    }
    EXPECT_FALSE(*done) << done->message();
    EXPECT_EQ(buffer, large);
}

TEST_F(TlsSocketTest, writesOnWhenAFullSocketHasRoomAgain)
{
    shakeHands();
    std::string large;
    for (int i = 0; large.size() < 1'000'000; ++i)
        large += fmt::format("{} ", i);
    std::optional<Code> done;
    const std::array<asio::const_buffer, 2> parts{asio::buffer("head ", 5), asio::buffer(large)};
    asio::async_write(*m_server, parts, [&](const Code& failure, std::size_t bytes) {
        done = failure;
        EXPECT_EQ(bytes, large.size() + 5);
    });
    for (int i = 0; i < 10; ++i)
        poll();
    ASSERT_FALSE(done) << "the socket takes all of it: the test shows nothing";
    clientWrites("meanwhile");
    EXPECT_EQ(serverReads(), "meanwhile");
    std::string got;
    while (!done) {
        got += clientReads();
        poll();
    }
    got += clientReads();
    EXPECT_FALSE(*done) << done->message();
    EXPECT_EQ(got, "head " + large);
}

TEST_F(TlsSocketTest, takesNewKeysFromTheClient)
{
    shakeHands();
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(SSL_key_update(m_client.get(), SSL_KEY_UPDATE_REQUESTED), 1);
        clientWrites("ask");
        EXPECT_EQ(serverReads(), "ask");
        std::optional<Code> done;
        asio::async_write(*m_server, asio::buffer("answer", 6),
                          [&](const Code& failure, std::size_t) { done = failure; });
        while (!done)
            poll();
        EXPECT_EQ(clientReads(), "answer");
    }
}

TEST_F(TlsSocketTest, tellsTheEndsOfAConnectionApart)
{
    struct Row {
        const char* end;
        std::function<void()> act;
        Code failure;
    };
    for (const auto& [end, act, failure] : {
             Row{"a goodbye", [&] { SSL_shutdown(m_client.get()); }, asio::error::eof},
             Row{"none",
                 [&] {
                     clientReads(); // else the kernel says that they were lost
                     closeClient();
                 },
                 asio::ssl::error::stream_truncated},
             Row{"no more sent", [&] { ::shutdown(m_fd, SHUT_WR); }, asio::ssl::error::stream_truncated},
         }) {
        SetUp();
        shakeHands();
        act();
        EXPECT_EQ(serverReads(), failure.message()) << end;
        closeClient();
    }
}

TEST_F(TlsSocketTest, refusesWhatIsNoTls)
{
    std::optional<Code> done;
    m_server->async_handshake([&](const Code& failure) { done = failure; });
    const std::string request = "GET / HTTP/1.1\r\n\r\n";
    ASSERT_EQ(::send(m_fd, request.data(), request.size(), 0), request.size());
    while (!done)
        poll();
    EXPECT_EQ(done->category(), asio::error::get_ssl_category());
    EXPECT_EQ(ERR_GET_REASON(static_cast<unsigned long>(done->value())), SSL_R_HTTP_REQUEST) << done->message();
}

TEST_F(TlsSocketTest, mayStillWriteAfterAReadWasCancelled)
{
    shakeHands();
    std::optional<Code> done;
    std::string text(10, '\0');
    m_server->async_read_some(asio::buffer(text), [&](const Code& failure, std::size_t) { done = failure; });
    poll();
    m_server->next_layer().cancel();
    poll();
    EXPECT_EQ(done, Code(asio::error::operation_aborted));
    asio::async_write(*m_server, asio::buffer("late", 4), [](const Code&, std::size_t) {});
    poll();
    EXPECT_EQ(clientReads(), "late");
    clientWrites("again");
    EXPECT_EQ(serverReads(), "again");
}

TEST_F(TlsSocketTest, saysGoodbyeAndWaitsForTheOther)
{
    shakeHands();
    std::optional<Code> done;
    m_server->async_shutdown([&](const Code& failure) { done = failure; });
    poll();
    EXPECT_FALSE(done);
    char byte = 0;
    EXPECT_EQ(SSL_get_error(m_client.get(), SSL_read(m_client.get(), &byte, 1)), SSL_ERROR_ZERO_RETURN);
    SSL_shutdown(m_client.get());
    while (!done)
        poll();
    EXPECT_FALSE(*done) << done->message();
}

TEST_F(TlsSocketTest, failsToWriteToWhoHasGone)
{
    shakeHands();
    closeClient();
    std::optional<Code> done;
    asio::async_write(*m_server, asio::buffer("lost", 4), [&](const Code& failure, std::size_t) { done = failure; });
    while (!done)
        poll();
    EXPECT_EQ(*done, Code(asio::error::broken_pipe));
}

} // namespace
} // namespace keelson::apiserver
