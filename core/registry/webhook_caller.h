// SPDX-License-Identifier: Apache-2.0
#pragma once

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
    WebhookCaller(const WebhookSources& sources, webhooks::Sort sort);

    /// What there is to ask about the write; nothing when it is none of the webhooks' business.
    std::optional<webhooks::Operation> operationOf(const Admission& admission) const;
    bool matches(const webhooks::Webhook& webhook, const webhooks::Operation& operation,
                 const Admission& admission) const;
    /// The answer, with its warnings and annotations passed on; nothing when the webhook may fail and did. `index`: the
    /// place of the webhook, for the audit log.
    Result<std::optional<webhooks::Answer>> ask(const webhooks::Webhook& webhook, const webhooks::Operation& operation,
                                                Admission& admission, std::size_t index) const;

private:
    Result<webhooks::Answer> call(const webhooks::Webhook& webhook, const webhooks::Operation& operation,
                                  const Admission& admission) const;
    /// Where a Service's port leads to: "HOST:PORT".
    Result<std::string> placeOf(const api::WebhookServiceReference& reference) const;
    Result<std::string> endpointOf(const api::WebhookServiceReference& reference, const std::string& portName) const;

    const WebhookSources m_sources;
    const webhooks::Sort m_sort;
    const Kind& m_namespaces;
    const Kind& m_services;
    const Kind& m_slices;
};

} // namespace keelson::registry
