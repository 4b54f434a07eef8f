// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/http_message.h"
#include "base/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace keelson::apiserver {

/// Reads one HTTP/1.1 reply from bytes as they come: of known length, in chunks, or until the connection ends. Replies
/// before the reply (100 Continue) are passed over. One thread at a time.
class HttpReplyReader {
public:
    /// `headOnly`: the request was a HEAD, whose reply has no body.
    explicit HttpReplyReader(bool headOnly);
    ~HttpReplyReader();
    HttpReplyReader(const HttpReplyReader&) = delete;
    HttpReplyReader& operator=(const HttpReplyReader&) = delete;

    /// `InternalError` says what makes it no HTTP.
    Result<Done> take(std::string_view bytes);
    /// The connection has ended. `InternalError` when the reply has not.
    Result<Done> end();

    bool hasHead() const;
    /// Status, Content-Type and the other headers that mean the reply, not the connection; of 101 all. With
    /// Content-Length only when there is no body that has it. Once `hasHead`.
    Response head() const;
    /// What has come of the body since the last call.
    std::string takeBody();
    /// What has come behind the reply: after 101 it is of the other protocol.
    std::string takeRest();
    bool complete() const;

private:
    struct Data;
    std::unique_ptr<Data> m_data;
};

/// Whether a header is about one connection and does not go on to the next.
/// Source: RFC 9110, section 7.6.1.
bool isConnectionHeader(std::string_view name);

} // namespace keelson::apiserver
