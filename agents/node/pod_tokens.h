// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "base/loop.h"
#include "base/random.h"
#include "node/session_client.h"
#include "pods/pod_objects.h"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace keelson::node {

/// The tokens of this node's pods: asks the control plane for those that their volumes want, and again in time before
/// they end. Holds them in memory only.
///
/// Threads: the loop's.
class PodTokens {
public:
    struct Callbacks {
        std::function<void(wire::FromAgent)> send;          ///< Lost when there is no session.
        std::function<void(const api::ObjectKey&)> changed; ///< The pod has a token that it had not, or a refusal.
    };
    PodTokens(Loop& loop, Random& random, Callbacks callbacks);
    ~PodTokens();
    PodTokens(const PodTokens&) = delete;
    PodTokens& operator=(const PodTokens&) = delete;

    /// A pod has come or changed: asks for what it wants and has not.
    void want(const api::Pod& pod);
    void forget(const api::ObjectKey& pod);
    /// Each token of the pod has come or is refused.
    bool settled(const api::Pod& pod) const;
    std::map<pods::TokenSpec, Result<std::string>> of(const api::Pod& pod) const;

    /// A session has begun: what was asked before is asked again.
    void connected();
    void received(const wire::TokenReply& reply);

private:
    struct Entry {
        bool asked = false;
        std::optional<Result<std::string>> token;
        WallTime renewAt{};
    };
    struct PodEntry {
        std::string uid;
        std::map<pods::TokenSpec, Entry> tokens;
    };

    void ask(const api::ObjectKey& pod, const PodEntry& owner, const pods::TokenSpec& spec, Entry& entry);
    void renew();
    void arm();

    Loop& m_loop;
    Random& m_random;
    Callbacks m_callbacks;
    std::map<api::ObjectKey, PodEntry> m_pods;
    Loop::TimerId m_timer = 0;
};

/// When a token that was got now and ends then is asked for anew: when a fifth of its time is left, and at the latest
/// after a day. Pure. Source: Kubernetes, kubelet's token manager.
WallTime renewalTime(WallTime now, WallTime expires);

} // namespace keelson::node
