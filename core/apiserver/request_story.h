// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/http_message.h"
#include "base/clock.h"
#include "registry/registry.h"

#include <memory>
#include <string>

namespace keelson::apiserver {

/// Notes how long it takes to know who asks and whether they may.
class RequestTimes {
public:
    explicit RequestTimes(const Clock& clock) : m_clock(clock), m_received(clock.steady()), m_authenticated(m_received)
    {
    }
    void authenticated() { m_authenticated = m_clock.steady(); }
    /// Call when `rule` has allowed the request.
    std::shared_ptr<const registry::RequestStory> story(const Request& request, const std::string& rule) const;

private:
    const Clock& m_clock;
    const SteadyTime m_received;
    SteadyTime m_authenticated;
};

/// The trace id of a header `traceparent` (W3C Trace Context, version 00), or "" when it is none.
std::string traceIdIn(std::string_view traceparent);

} // namespace keelson::apiserver
