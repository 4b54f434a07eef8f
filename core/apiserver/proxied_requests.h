// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apiserver/limits.h"

#include <map>
#include <memory>
#include <mutex>

namespace keelson::apiserver {

/// A request that is being carried on to another server.
class ProxiedRequest {
public:
    virtual ~ProxiedRequest() = default;
    /// The server stops: the request lets go of all that is the server's. Any thread.
    virtual void abandon() = 0;
};

/// All of them, so that none outlives the server. Any thread.
class ProxiedRequests {
public:
    /// False when there are `proxiedMax`, or the server stops.
    bool add(const std::shared_ptr<ProxiedRequest>& request)
    {
        const std::scoped_lock lock(m_mutex);
        if (m_stopped || m_requests.size() >= proxiedMax)
            return false;
        m_requests.emplace(request.get(), request);
        return true;
    }
    void remove(ProxiedRequest& request)
    {
        const std::scoped_lock lock(m_mutex);
        m_requests.erase(&request);
    }
    void stop()
    {
        std::map<ProxiedRequest*, std::weak_ptr<ProxiedRequest>> requests;
        {
            const std::scoped_lock lock(m_mutex);
            m_stopped = true;
            requests = m_requests;
        }
        for (const auto& [key, request] : requests) {
            if (const auto alive = request.lock())
                alive->abandon();
        }
    }

private:
    std::mutex m_mutex;
    std::map<ProxiedRequest*, std::weak_ptr<ProxiedRequest>> m_requests;
    bool m_stopped = false;
};

} // namespace keelson::apiserver
