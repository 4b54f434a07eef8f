// SPDX-License-Identifier: Apache-2.0
#include "node/pod_tokens.h"

#include "base/log.h"

#include <algorithm>

namespace keelson::node {
namespace {

using std::chrono::seconds;

constexpr std::chrono::hours ageMax{24};
constexpr int leftShare = 5; ///< The part of its time that is left when a token is renewed: a fifth.
/// Nodes that were started together do not ask together.
constexpr std::uint64_t jitterMaxMs = 10'000;
constexpr seconds askAgainAfterRefusal{10};

} // namespace

WallTime renewalTime(WallTime now, WallTime expires)
{
    return now + std::min<Duration>((expires - now) / leftShare * (leftShare - 1), ageMax);
}

PodTokens::PodTokens(Loop& loop, Random& random, Callbacks callbacks)
    : m_loop(loop), m_random(random), m_callbacks(std::move(callbacks))
{
}

PodTokens::~PodTokens()
{
    m_loop.cancel(m_timer);
}

void PodTokens::want(const api::Pod& pod)
{
    const api::ObjectKey key{pod.metadata.namespace_, pod.metadata.name};
    const auto wanted = pods::wantedTokens(pod);
    if (wanted.empty())
        return forget(key);
    auto& entry = m_pods[key];
    if (entry.uid != pod.metadata.uid)
        entry = {.uid = pod.metadata.uid, .tokens = {}};
    for (const auto& spec : wanted) {
        auto& token = entry.tokens[spec];
        if (!token.token && !token.asked)
            ask(key, entry, spec, token);
    }
}

void PodTokens::forget(const api::ObjectKey& pod)
{
    m_pods.erase(pod);
}

bool PodTokens::settled(const api::Pod& pod) const
{
    return of(pod).size() == pods::wantedTokens(pod).size();
}

std::map<pods::TokenSpec, Result<std::string>> PodTokens::of(const api::Pod& pod) const
{
    std::map<pods::TokenSpec, Result<std::string>> tokens;
    const auto found = m_pods.find({pod.metadata.namespace_, pod.metadata.name});
    if (found == m_pods.end() || found->second.uid != pod.metadata.uid)
        return tokens;
    for (const auto& [spec, entry] : found->second.tokens) {
        if (entry.token)
            tokens.emplace(spec, *entry.token);
    }
    return tokens;
}

void PodTokens::ask(const api::ObjectKey& pod, const PodEntry& owner, const pods::TokenSpec& spec, Entry& entry)
{
    entry.asked = true;
    wire::FromAgent message;
    auto& request = *message.mutable_token_request();
    request.set_name_space(pod.nameSpace);
    request.set_pod(pod.name);
    request.set_uid(owner.uid);
    request.set_audience(spec.audience);
    request.set_expiration_seconds(spec.expirationSeconds);
    m_callbacks.send(std::move(message));
}

void PodTokens::connected()
{
    for (auto& [key, pod] : m_pods) {
        for (auto& [spec, entry] : pod.tokens) {
            if (entry.asked)
                ask(key, pod, spec, entry);
        }
    }
    renew();
}

void PodTokens::received(const wire::TokenReply& reply)
{
    const auto& request = reply.request();
    const api::ObjectKey key{request.name_space(), request.pod()};
    const auto pod = m_pods.find(key);
    if (pod == m_pods.end() || pod->second.uid != request.uid())
        return; // gone meanwhile
    const auto found = pod->second.tokens.find({request.audience(), request.expiration_seconds()});
    if (found == pod->second.tokens.end())
        return;
    auto& entry = found->second;
    entry.asked = false;
    const auto now = m_loop.clock().wall();
    if (!reply.error().empty()) {
        log::warning("agent", "a token for pod {}: {}", key.text(), reply.error());
        if (!entry.token || !*entry.token)
            entry.token = fail(Reason::Forbidden, reply.error());
        entry.renewAt = now + askAgainAfterRefusal;
    } else {
        entry.token = reply.token();
        entry.renewAt = renewalTime(now, WallTime{seconds{reply.expires()}});
    }
    entry.renewAt += Milliseconds{static_cast<std::int64_t>(m_random.below(jitterMaxMs))};
    arm();
    m_callbacks.changed(key);
}

/// Asks for all whose time has come.
void PodTokens::renew()
{
    const auto now = m_loop.clock().wall();
    for (auto& [key, pod] : m_pods) {
        for (auto& [spec, entry] : pod.tokens) {
            if (entry.token && !entry.asked && entry.renewAt <= now)
                ask(key, pod, spec, entry);
        }
    }
    arm();
}

void PodTokens::arm()
{
    std::optional<WallTime> next;
    for (const auto& [key, pod] : m_pods) {
        for (const auto& [spec, entry] : pod.tokens) {
            if (entry.token && !entry.asked && (!next || entry.renewAt < *next))
                next = entry.renewAt;
        }
    }
    m_loop.cancel(m_timer);
    m_timer = 0;
    if (next)
        m_timer =
            m_loop.after(std::max<Duration>(*next - m_loop.clock().wall(), Duration::zero()), [this] { renew(); });
}

} // namespace keelson::node
