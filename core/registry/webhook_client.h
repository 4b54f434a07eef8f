// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/admissionregistration_v1.h"
#include "auth/https_client.h"
#include "base/random.h"
#include "registry/watch_cache.h"

#include <chrono>
#include <functional>
#include <string>

namespace keelson::registry {

/// Sends to a webhook; blocks until it answers. As `auth::httpsPost`.
using HttpsPoster = std::function<Result<std::string>(const auth::HttpsPost&)>;

/// Finds webhooks by URL or Service and sends to them. Threads: any; blocks until they answer.
class WebhookClient {
public:
    /// All outlive it. `post` empty: no webhook can be reached.
    WebhookClient(const WatchCache& cache, const api::Catalog& catalog, Random& random, const HttpsPoster& post);

    /// What comes back. `ServiceUnavailable`: `Post "URL": WHY`.
    Result<std::string> post(const api::WebhookClientConfig& client, std::string text,
                             std::chrono::seconds timeout) const;
    /// To a webhook of conversion, which has 30 seconds. `client`: as a CustomResourceDefinition has it.
    Result<std::string> postConversion(const Value& client, std::string text) const;

private:
    /// Where a Service's port leads to: "HOST:PORT".
    Result<std::string> placeOf(const api::WebhookServiceReference& reference) const;
    Result<std::string> endpointOf(const api::WebhookServiceReference& reference, const std::string& portName) const;

    const WatchCache& m_cache;
    Random& m_random;
    const HttpsPoster& m_post;
    const Kind& m_services;
    const Kind& m_slices;
};

} // namespace keelson::registry
