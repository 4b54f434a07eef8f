// SPDX-License-Identifier: Apache-2.0
#include "upstream/tls_client.h"

#include "base/owned.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>
#include <utility>

namespace keelson::upstream {
namespace {

using ContextPointer = Owned<SSL_CTX, SSL_CTX_free>;
using ConnectionPointer = Owned<SSL, SSL_free>;
using CertificatePointer = Owned<X509, X509_free>;
using KeyPointer = Owned<EVP_PKEY, EVP_PKEY_free>;
using BioPointer = Owned<BIO, BIO_free_all>;

BioPointer memory(const std::string& text)
{
    return BioPointer(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

bool trust(SSL_CTX& context, const std::string& authorities)
{
    if (authorities.empty())
        return SSL_CTX_set_default_verify_paths(&context) == 1;
    const auto text = memory(authorities);
    bool any = false;
    while (const CertificatePointer certificate{PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)})
        any = X509_STORE_add_cert(SSL_CTX_get_cert_store(&context), certificate.get()) == 1 || any;
    return any;
}

bool identify(SSL_CTX& context, const TlsOptions& options)
{
    if (options.certificate.empty())
        return true;
    const CertificatePointer certificate(
        PEM_read_bio_X509(memory(options.certificate).get(), nullptr, nullptr, nullptr));
    const KeyPointer key(PEM_read_bio_PrivateKey(memory(options.key).get(), nullptr, nullptr, nullptr));
    return certificate && key && SSL_CTX_use_certificate(&context, certificate.get()) == 1 &&
           SSL_CTX_use_PrivateKey(&context, key.get()) == 1;
}

bool nameServer(SSL& connection, const std::string& name, bool verify)
{
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    const bool address =
        inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
    if (address)
        return !verify || X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(&connection), name.c_str()) == 1;
    return SSL_set_tlsext_host_name(&connection, name.c_str()) == 1 &&
           (!verify || SSL_set1_host(&connection, name.c_str()) == 1);
}

/// One connection: what is encrypted goes to and comes from the lower stream, what is plain to and from the user's
/// sink. Any thread may call.
class TlsLink : public client::PodStreamSink {
public:
    TlsLink(ConnectionPointer connection, std::shared_ptr<client::PodStreamSink> sink)
        : m_connection(std::move(connection)), m_sink(std::move(sink))
    {
        m_incoming = BIO_new(BIO_s_mem());
        m_outgoing = BIO_new(BIO_s_mem());
        SSL_set_bio(m_connection.get(), m_incoming, m_outgoing); // It owns them from now on.
        SSL_set_connect_state(m_connection.get());
    }

    void begin(std::unique_ptr<client::PodStream> lower)
    {
        std::shared_ptr<client::PodStream> stream = std::move(lower);
        std::size_t granted = 0;
        {
            const std::scoped_lock lock(m_mutex);
            if (!m_sink)
                return;
            m_lower = stream;
            granted = std::exchange(m_grantLater, 0);
            advance();
        }
        if (granted > 0)
            stream->grant(granted);
        flush();
    }

    // From the lower stream.
    void data(client::PodChannel /*channel*/, std::string bytes) override
    {
        std::shared_ptr<client::PodStreamSink> sink;
        std::string plain;
        std::size_t overhead = 0;
        {
            const std::scoped_lock lock(m_mutex);
            BIO_write(m_incoming, bytes.data(), static_cast<int>(bytes.size()));
            advance();
            plain = std::exchange(m_plain, {});
            m_received += static_cast<std::int64_t>(bytes.size()) - static_cast<std::int64_t>(plain.size());
            // What was no payload is granted anew at once, the payload when the user has taken it.
            if (m_received > 0)
                overhead = static_cast<std::size_t>(std::exchange(m_received, 0));
            sink = m_sink;
        }
        flush();
        grant(overhead);
        if (sink && !plain.empty())
            sink->data(client::PodChannel::Output, std::move(plain));
        endWhenOver();
    }

    void taken(std::size_t bytes) override
    {
        std::size_t plain = 0;
        std::shared_ptr<client::PodStreamSink> sink;
        {
            const std::scoped_lock lock(m_mutex);
            while (bytes > 0 && !m_underWay.empty()) {
                auto& [encrypted, payload] = m_underWay.front();
                const auto part = std::min(bytes, encrypted);
                bytes -= part;
                encrypted -= part;
                if (encrypted > 0)
                    break;
                plain += payload;
                m_underWay.pop_front();
            }
            sink = m_sink;
        }
        if (sink && plain > 0)
            sink->taken(plain);
    }

    void ended(Result<int> result) override
    {
        {
            const std::scoped_lock lock(m_mutex);
            if (result && !m_ready)
                result = fail(Reason::ServiceUnavailable, "EOF during the TLS handshake");
        }
        end(std::move(result));
    }

    // From the user.
    void write(std::string bytes)
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_unsent.push_back(std::move(bytes));
            advance();
        }
        flush();
    }

    void closeInput()
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_finishing = true;
            advance();
        }
        flush();
    }

    void grant(std::size_t bytes)
    {
        std::shared_ptr<client::PodStream> lower;
        {
            const std::scoped_lock lock(m_mutex);
            lower = m_lower;
            if (!lower)
                m_grantLater += bytes;
        }
        if (lower && bytes > 0)
            lower->grant(bytes);
    }

    /// The user wants to hear nothing any more.
    void drop()
    {
        std::shared_ptr<client::PodStreamSink> sink; // Both end outside the lock.
        std::shared_ptr<client::PodStream> lower;
        const std::scoped_lock lock(m_mutex);
        sink = std::move(m_sink);
        lower = std::move(m_lower);
    }

private:
    /// Carries the handshake on, then what waits on both sides. Called with the lock held.
    void advance()
    {
        ERR_clear_error();
        if (!m_ready && m_failure.empty()) {
            const int result = SSL_do_handshake(m_connection.get());
            m_ready = result == 1;
            note(result);
            collect(0);
        }
        if (!m_ready)
            return;
        for (auto& bytes : std::exchange(m_unsent, {})) {
            note(SSL_write(m_connection.get(), bytes.data(), static_cast<int>(bytes.size())));
            collect(bytes.size());
        }
        if (std::exchange(m_finishing, false)) {
            SSL_shutdown(m_connection.get());
            collect(0);
        }
        std::array<char, std::size_t{16} * 1024> piece{};
        int count = 0;
        while ((count = SSL_read(m_connection.get(), piece.data(), piece.size())) > 0)
            m_plain.append(piece.data(), static_cast<std::size_t>(count));
        note(count);
        collect(0);
    }

    /// Remembers why the connection is of no more use.
    void note(int result)
    {
        if (result > 0)
            return;
        const int error = SSL_get_error(m_connection.get(), result);
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
            return;
        if (error == SSL_ERROR_ZERO_RETURN) {
            m_over = true;
            return;
        }
        const auto verified = SSL_get_verify_result(m_connection.get());
        const char* const words = ERR_reason_error_string(ERR_peek_error());
        if (m_failure.empty())
            m_failure = fmt::format("tls: {}", verified != X509_V_OK ? X509_verify_cert_error_string(verified)
                                               : words               ? words
                                                                     : "the connection broke");
        ERR_clear_error();
    }

    /// Takes what is to be sent; `payload`: the plain bytes in it.
    void collect(std::size_t payload)
    {
        const auto size = BIO_ctrl_pending(m_outgoing);
        if (size == 0)
            return;
        std::string bytes(size, '\0');
        BIO_read(m_outgoing, bytes.data(), static_cast<int>(size));
        m_underWay.emplace_back(size, payload);
        m_out.push_back(std::move(bytes));
    }

    /// One thread writes; what comes meanwhile it takes along, so that nothing changes places.
    void flush()
    {
        for (;;) {
            std::shared_ptr<client::PodStream> lower;
            std::string piece;
            {
                const std::scoped_lock lock(m_mutex);
                if (m_flushing || !m_lower || m_out.empty())
                    return;
                m_flushing = true;
                lower = m_lower;
                piece = std::move(m_out.front());
                m_out.pop_front();
            }
            lower->write(std::move(piece));
            const std::scoped_lock lock(m_mutex);
            m_flushing = false;
        }
    }

    void endWhenOver()
    {
        std::string failure;
        bool over = false;
        {
            const std::scoped_lock lock(m_mutex);
            failure = m_failure;
            over = m_over;
        }
        if (!failure.empty())
            end(fail(Reason::ServiceUnavailable, failure));
        else if (over)
            end(0);
    }

    void end(Result<int> result)
    {
        std::shared_ptr<client::PodStreamSink> sink;
        std::shared_ptr<client::PodStream> lower;
        {
            const std::scoped_lock lock(m_mutex);
            sink = std::move(m_sink);
            lower = std::move(m_lower);
        }
        if (sink)
            sink->ended(std::move(result));
    }

    std::mutex m_mutex;
    ConnectionPointer m_connection;
    BIO* m_incoming = nullptr;
    BIO* m_outgoing = nullptr;
    std::shared_ptr<client::PodStreamSink> m_sink; ///< Null once it has heard the end, or nobody listens.
    std::shared_ptr<client::PodStream> m_lower;
    std::vector<std::string> m_unsent; ///< Plain, until the handshake is done.
    std::string m_plain;               ///< Has come and is not told yet.
    std::deque<std::string> m_out;
    std::deque<std::pair<std::size_t, std::size_t>> m_underWay; ///< Encrypted bytes, and the payload in them.
    std::int64_t m_received = 0;  ///< Encrypted bytes that were neither told as payload nor granted again.
    std::size_t m_grantLater = 0; ///< Until there is a lower stream.
    std::string m_failure;
    bool m_ready = false;
    bool m_finishing = false;
    bool m_flushing = false;
    bool m_over = false; ///< The server has said goodbye.
};

class TlsStream : public client::PodStream {
public:
    explicit TlsStream(std::shared_ptr<TlsLink> link) : m_link(std::move(link)) {}
    ~TlsStream() override { m_link->drop(); }
    void write(std::string bytes) override { m_link->write(std::move(bytes)); }
    void closeInput() override { m_link->closeInput(); }
    void resize(int /*columns*/, int /*rows*/) override {}
    void grant(std::size_t bytes) override { m_link->grant(bytes); }

private:
    std::shared_ptr<TlsLink> m_link;
};

} // namespace

Result<Connect> throughTls(Connect lower, const TlsOptions& options)
{
    const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    const bool usable = context && SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1 &&
                        identify(*context, options) && (options.insecure || trust(*context, options.authorities));
    ERR_clear_error();
    if (!usable)
        return fail(Reason::Invalid, "the certificates to connect with cannot be used");
    SSL_CTX_set_verify(context.get(), options.insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
    return [context, lower = std::move(lower), name = options.serverName, verify = !options.insecure](
               std::shared_ptr<client::PodStreamSink> sink) -> Result<std::unique_ptr<client::PodStream>> {
        ConnectionPointer connection(SSL_new(context.get()));
        if (!connection || (!name.empty() && !nameServer(*connection, name, verify)))
            return fail(Reason::ServiceUnavailable, "TLS cannot be set up");
        auto link = std::make_shared<TlsLink>(std::move(connection), std::move(sink));
        TRY_ASSIGN(auto stream, lower(link));
        link->begin(std::move(stream));
        return std::make_unique<TlsStream>(std::move(link));
    };
}

} // namespace keelson::upstream
