// SPDX-License-Identifier: Apache-2.0
#include "docker/engine.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <array>

namespace keelson::docker {
namespace {

namespace json = boost::json;

Result<json::value> parsed(std::string_view text)
{
    if (text.find_first_not_of(" \r\n") == std::string_view::npos)
        return json::value(nullptr);
    json::error_code error;
    auto value = json::parse(json::string_view(text.data(), text.size()), error);
    if (error)
        return fail(Reason::ServiceUnavailable, "the container engine's reply is no JSON: " + error.message());
    return value;
}

Reason reasonOf(int status)
{
    switch (status) {
    case 400:
        return Reason::BadRequest;
    case 401:
        return Reason::Unauthorized;
    case 403:
        return Reason::Forbidden;
    case 404:
        return Reason::NotFound;
    case 409:
        return Reason::Conflict;
    case 503:
        return Reason::ServiceUnavailable;
    default:
        return Reason::InternalError;
    }
}

Error refusal(int status, const std::string& body)
{
    std::string message;
    if (const auto value = parsed(body); value && value->is_object()) {
        if (const auto* said = value->as_object().if_contains("message"); said != nullptr && said->is_string())
            message = said->as_string().c_str();
    }
    if (message.empty())
        message = fmt::format("the container engine answered {}", status);
    return makeError(reasonOf(status), std::move(message));
}

} // namespace

std::string progressError(const json::value& line)
{
    if (!line.is_object())
        return {};
    if (const auto* detail = line.as_object().if_contains("errorDetail"); detail != nullptr && detail->is_object()) {
        if (const auto* message = detail->as_object().if_contains("message"); message && message->is_string())
            return std::string(message->as_string());
    }
    const auto* error = line.as_object().if_contains("error");
    return error != nullptr && error->is_string() ? std::string(error->as_string()) : std::string();
}

Result<OpenCall> Engine::start(HttpRequest request, Milliseconds silenceMax) const
{
    OpenCall open;
    TRY_ASSIGN(open.connection, Connection::open(m_address));
    open.connection->setReadTimeout(silenceMax);
    request.target = fmt::format("/{}{}", apiVersion, request.target);
    TRY_OK(open.connection->write(httpText(request)));
    open.reply = std::make_unique<HttpReply>(
        [connection = open.connection.get()](char* into, std::size_t size) { return connection->read(into, size); });
    TRY_ASSIGN(open.head, open.reply->readHead());
    if (open.head.status >= 400) {
        TRY_ASSIGN(const auto body, open.reply->readAll(replyBytesMax));
        return fail(refusal(open.head.status, body));
    }
    return open;
}

Result<json::value> Engine::call(HttpRequest request, Milliseconds silenceMax) const
{
    TRY_ASSIGN(const auto open, start(std::move(request), silenceMax));
    TRY_ASSIGN(const auto body, open.reply->readAll(replyBytesMax));
    return parsed(body);
}

Result<json::value> Engine::get(std::string target) const
{
    return call({.method = "GET", .target = std::move(target)});
}

Result<json::value> Engine::post(std::string target, const json::value& body, Milliseconds silenceMax) const
{
    HttpRequest request{.method = "POST", .target = std::move(target)};
    if (!body.is_null()) {
        request.contentType = "application/json";
        request.body = json::serialize(body);
    }
    return call(std::move(request), silenceMax);
}

Result<Done> Engine::remove(std::string target) const
{
    TRY_OK(call({.method = "DELETE", .target = std::move(target)}));
    return Done{};
}

Result<OpenCall> Engine::open(HttpRequest request) const
{
    TRY_ASSIGN(auto open, start(std::move(request), defaultSilence));
    open.connection->setReadTimeout(Milliseconds{0});
    return open;
}

Result<Done> Engine::progress(HttpRequest request, Milliseconds silenceMax,
                              const std::function<void(const json::value&)>& line) const
{
    TRY_ASSIGN(const auto open, start(std::move(request), silenceMax));
    std::string pending;
    std::array<char, 16384> bytes{};
    for (;;) {
        TRY_ASSIGN(const auto count, open.reply->readBody(bytes.data(), bytes.size()));
        pending.append(bytes.data(), count);
        if (count == 0)
            pending += '\n';
        for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
            TRY_ASSIGN(const auto value, parsed(std::string_view(pending).substr(0, end)));
            pending.erase(0, end + 1);
            if (const auto error = progressError(value); !error.empty())
                return fail(Reason::InternalError, error);
            if (line && !value.is_null())
                line(value);
        }
        if (count == 0)
            return Done{};
        if (pending.size() > replyBytesMax)
            return fail(Reason::RequestEntityTooLarge, "a progress line of the container engine has no end");
    }
}

} // namespace keelson::docker
