// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "auth/certificate_authority.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace keelson::registry {

/// An HTTPS server on loopback that answers AdmissionReviews and ConversionReviews. Its certificate is for 127.0.0.1
/// and hook.default.svc.
class WebhookServer {
public:
    /// The response to the request of a review, with or without uid. Runs on the server's thread.
    using Handler = std::function<api::Value(const std::string& path, const api::Value& request)>;

    WebhookServer(const Clock& clock, Handler handler);
    ~WebhookServer();
    WebhookServer(const WebhookServer&) = delete;
    WebhookServer& operator=(const WebhookServer&) = delete;

    int port() const { return m_port; }
    const std::string& authority() const { return m_authority->certificate(); }
    /// "PATH OPERATION", or the version that is wanted, one for each question so far.
    std::vector<std::string> asked() const;

private:
    void serve();
    void answer(int connection);

    const Handler m_handler;
    std::filesystem::path m_folder;
    std::unique_ptr<auth::CertificateAuthority> m_authority;
    auth::KeyPair m_certificate;
    int m_listener = -1;
    int m_port = 0;
    mutable std::mutex m_mutex;
    std::vector<std::string> m_asked;
    std::thread m_thread; ///< Waits for connections; each is answered on a thread of its own.
};

} // namespace keelson::registry
