// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/user.h"
#include "base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keelson::apiserver {

/// Bytes that somebody keeps alive: parts of stored objects go into replies without a copy.
struct Chunk {
    std::string_view bytes;
    std::shared_ptr<const void> owner; ///< Null: static text.

    static Chunk literal(std::string_view text) { return {text, nullptr}; }
    static Chunk own(std::string text);
};

/// Name and value pairs; names are compared without case.
class Headers {
public:
    void add(std::string_view name, std::string value) { m_items.emplace_back(std::string(name), std::move(value)); }
    /// The first of that name; empty when there is none.
    std::string_view get(std::string_view name) const;
    bool has(std::string_view name) const;
    std::vector<std::string_view> all(std::string_view name) const;
    /// The items of all lists "a, b" of that name, without blanks around them.
    std::vector<std::string_view> listed(std::string_view name) const;
    const std::vector<std::pair<std::string, std::string>>& items() const { return m_items; }

private:
    std::vector<std::pair<std::string, std::string>> m_items;
};

bool equalIgnoringCase(std::string_view left, std::string_view right);
/// In lower case, of ASCII letters.
std::string lowered(std::string_view text);

/// The decoded parameters of a query, in their order.
class Query {
public:
    Query() = default;
    /// Reads "a=1&b=x%20y".
    static Query parse(std::string_view text);
    /// The first of that name; empty when there is none.
    std::string_view get(std::string_view name) const;
    bool has(std::string_view name) const;
    std::vector<std::string> all(std::string_view name) const;
    /// "1", "true", "t", "yes"; a name without value is true too.
    bool flag(std::string_view name) const;
    /// Empty when absent; `BadRequest` names the parameter when it is no whole number.
    Result<std::optional<std::int64_t>> number(std::string_view name) const;

private:
    std::vector<std::pair<std::string, std::string>> m_items;
};

/// Decodes %XX (and, where `plusIsSpace`, "+").
std::string percentDecoded(std::string_view text, bool plusIsSpace = false);

struct Request {
    std::string method; ///< "GET"
    std::string target; ///< As sent: path and query.
    std::string path;   ///< Decoded, without the query.
    Query query;
    Headers headers;
    std::string body;
    bool bodyComes = false;                 ///< It is not in `body`, but comes in pieces (`Exchange::watch`).
    std::optional<std::uint64_t> bodyBytes; ///< How long one is that comes; nothing: the client has not said.
    std::string remoteAddress;
    /// Whom the connection's client certificate speaks for, or why it is refused; null without a certificate.
    std::shared_ptr<const Result<auth::User>> peer;
};

struct Response {
    int status = 200;
    std::string contentType;
    Headers headers;
    std::vector<Chunk> body;

    static Response text(int status, std::string contentType, std::string body);
    std::size_t bodyBytes() const;
};

/// "OK", "Not Found".
std::string_view statusText(int status);

} // namespace keelson::apiserver
