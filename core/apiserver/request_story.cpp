// SPDX-License-Identifier: Apache-2.0
#include "apiserver/request_story.h"

#include <algorithm>

namespace keelson::apiserver {
namespace {

bool isHex(std::string_view text)
{
    return std::ranges::all_of(
        text, [](char letter) { return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f'); });
}

} // namespace

std::string traceIdIn(std::string_view traceparent)
{
    // VERSION-TRACEID-PARENTID-FLAGS, all in lower case hex.
    constexpr std::size_t length = 55;
    constexpr std::size_t idAt = 3;
    constexpr std::size_t idLength = 32;
    if (traceparent.size() != length || !traceparent.starts_with("00-") || traceparent[idAt + idLength] != '-')
        return {};
    const auto id = traceparent.substr(idAt, idLength);
    const bool zero = id.find_first_not_of('0') == std::string_view::npos; // which the standard calls invalid
    return isHex(id) && !zero ? std::string(id) : std::string();
}

std::shared_ptr<const registry::RequestStory> RequestTimes::story(const Request& request, const std::string& rule) const
{
    const auto now = m_clock.steady();
    const bool token = request.headers.has("Authorization");
    return std::make_shared<const registry::RequestStory>(
        registry::RequestStory{.received = m_clock.wall() - (now - m_received),
                               .authentication = m_authenticated - m_received,
                               .credential = request.peer ? "client certificate"
                                             : token      ? "bearer token"
                                                          : "none",
                               .authorization = now - m_authenticated,
                               .rule = rule,
                               .traceId = traceIdIn(request.headers.get("traceparent"))});
}

} // namespace keelson::apiserver
