// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/certificate_authority.h"

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace keelson::auth {

/// An HTTPS server on loopback that shows documents: an OpenID issuer as far as others see it.
class Issuer {
public:
    explicit Issuer(const Clock& clock);
    ~Issuer();
    Issuer(const Issuer&) = delete;
    Issuer& operator=(const Issuer&) = delete;

    /// "https://127.0.0.1:40123"
    std::string url() const;
    const std::string& authority() const { return m_authority->certificate(); }
    /// Shows its configuration and that set of keys.
    void showKeys(const std::string& jwks);
    void show(const std::string& path, const std::string& body);
    int requests() const { return m_requests; }

private:
    void serve();
    void answer(int connection);

    std::filesystem::path m_folder;
    std::unique_ptr<CertificateAuthority> m_authority;
    KeyPair m_certificate;
    int m_listener = -1;
    int m_port = 0;
    std::mutex m_mutex;
    std::map<std::string, std::string> m_documents;
    std::atomic<int> m_requests = 0;
    std::thread m_thread; ///< Serves one request after another.
};

} // namespace keelson::auth
