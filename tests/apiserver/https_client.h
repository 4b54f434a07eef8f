// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/http_message.h"
#include "auth/certificate_authority.h"

#include <memory>
#include <string>
#include <vector>

namespace keelson::apiserver {

/// A blocking HTTPS client for tests: raw bytes over OpenSSL, one connection.
class HttpsClient {
public:
    /// `identity` null: no client certificate.
    HttpsClient(const std::string& address, const std::string& authority, const auth::KeyPair* identity);
    ~HttpsClient();
    HttpsClient(const HttpsClient&) = delete;
    HttpsClient& operator=(const HttpsClient&) = delete;

    struct Reply {
        int status = 0; ///< 0: the connection ended.
        Headers headers;
        std::string body;
    };
    /// `headers`: lines such as "Accept: application/json".
    Reply ask(const std::string& method, const std::string& target, const std::string& body = {},
              const std::vector<std::string>& headers = {});

    void send(const std::string& bytes);
    /// Nothing more will be sent; what the server says can still be read.
    void endInput();
    static std::string requestText(const std::string& method, const std::string& target, const std::string& body,
                                   const std::vector<std::string>& headers);
    /// Status line and headers; the body is left for `readChunk` or `readBytes`.
    Reply readHead();
    Reply readReply();
    /// One chunk of a chunked body; empty at its end, or when the connection ended.
    std::string readChunk();
    std::string readBytes(std::size_t count);
    bool connected() const;

private:
    std::string readLine();
    bool fill();

    struct Data;
    std::unique_ptr<Data> m_data;
};

} // namespace keelson::apiserver
