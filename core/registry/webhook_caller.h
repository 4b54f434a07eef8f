// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/asked_write.h"
#include "registry/webhook_admission.h"
#include "webhooks/review.h"

#include <mutex>
#include <optional>

namespace keelson::registry {

/// The webhooks of all configurations of a kind, read anew when these change. Threads: any.
class WebhookList {
public:
    WebhookList(const WatchCache& cache, const Kind& configurations);

    /// In the order of the configurations' names. A configuration that cannot be read is logged and passed over.
    webhooks::Webhooks all() const;

private:
    const KindCache& m_configurations;
    const webhooks::Sort m_sort;
    mutable std::mutex m_mutex; ///< Guards the next.
    mutable webhooks::Webhooks m_webhooks;
    mutable Revision m_revision = -1; ///< That they were read at.
};

/// Asks webhooks about writes. Threads: any; blocks until they answer.
class WebhookCaller {
public:
    /// A webhook and its place in the list, for the audit log.
    struct Asked {
        const webhooks::Webhook& webhook;
        std::size_t index = 0;
    };

    WebhookCaller(const WebhookSources& sources, webhooks::Sort sort);

    /// Whether rules, selectors and match conditions take the write. `Forbidden` when a condition cannot be evaluated
    /// and the webhook may not fail, `BadRequest` for a dry run that it does not bear.
    Result<bool> concerns(const webhooks::Webhook& webhook, const AskedWrite& write, const Admission& admission) const;
    /// Its answer. Blocks; several threads may ask about one request.
    Result<webhooks::Answer> call(const webhooks::Webhook& webhook, const policies::Request& request) const;
    /// What the answer means for the write, its warnings and annotations passed on; nothing when the webhook may fail
    /// and did.
    Result<std::optional<webhooks::Answer>> settle(const Asked& asked, Result<webhooks::Answer> answer,
                                                   Admission& admission) const;

private:
    const WebhookSources m_sources;
    const webhooks::Sort m_sort;
};

} // namespace keelson::registry
