// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/certificate_authority.h"

#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace keelson::support {

/// A small HTTP/1.1 server, over TLS with a certificate of its own authority, or plain. Each connection
/// carries one request and closes behind the answer.
class TlsListener {
public:
    struct Options {
        std::vector<std::string> names{"127.0.0.1"}; ///< In its certificate.
        std::string clientAuthority;                 ///< PEM: clients have to show a certificate of it; empty: none.
        bool plain = false;                          ///< No TLS.
        bool anyAddress = false;                     ///< Not on loopback alone.
    };
    struct Request {
        std::string head; ///< Request line and headers.
        std::string body;
        std::string client; ///< The common name in the client's certificate; empty without.
        /// The path and query of the request line.
        std::string target() const;
    };
    /// All bytes of the answer. Runs on the connection's thread, several at the same time.
    using Handler = std::function<std::string(const Request&)>;

    TlsListener(const Clock& clock, Options options, Handler handler);
    ~TlsListener();
    TlsListener(const TlsListener&) = delete;
    TlsListener& operator=(const TlsListener&) = delete;

    std::uint16_t port() const { return m_port; }
    const std::string& authority() const { return m_authority->certificate(); }

    static std::string json(int status, const std::string& body);

private:
    void serve();
    void answer(int connection) const;

    const Options m_options;
    const Handler m_handler;
    std::filesystem::path m_folder;
    std::unique_ptr<auth::CertificateAuthority> m_authority;
    auth::KeyPair m_certificate;
    int m_listener = -1;
    std::uint16_t m_port = 0;
    std::list<std::thread> m_connections; ///< Of the thread that accepts, until it has ended.
    std::thread m_thread;
};

} // namespace keelson::support
