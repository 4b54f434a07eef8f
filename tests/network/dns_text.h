// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace keelson::network::test {

/// The bytes of a question: "A web.default.svc.cluster.local". `ednsSize` 0: without EDNS.
std::string dnsQuestion(std::string_view typeAndName, int ednsSize = 0);
/// A resolver's answer to a question that is ours to invent: one A record with that TTL.
std::string dnsAnswerTo(std::string_view question, const std::string& ip, int ttl);

/// A reply in words: "NOERROR aa: A 10.96.0.5 A ... | SOA cluster.local 5 | +A ...": code, flags (aa, tc), answers,
/// authority, additional. Empty for what is no reply.
std::string dnsText(std::string_view reply);

} // namespace keelson::network::test
