// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::customresources {

/// How webhooks of conversion are asked.
struct ConversionWebhooks {
    /// Posts the text to the place that a `WebhookClientConfig` names; what comes back. Blocks.
    std::function<Result<std::string>(const api::Value& client, const std::string& text)> post;
    std::function<std::string()> newUid;
};

/// A question of a webhook: `objects` as those of another version.
struct ConversionQuestion {
    std::string_view reviewVersion; ///< "v1": of the ConversionReview.
    std::string uid;
    std::string apiVersion; ///< The wanted one: "example.org/v2".
    std::span<const api::Value> objects;
};

/// The first version of ConversionReview that this server knows; empty when it knows none.
std::string_view knownReviewVersion(const api::Array& versions);
/// The ConversionReview to send.
std::string conversionReview(const ConversionQuestion& question);
/// The converted objects of the ConversionReview that came back. A webhook may change labels and annotations, and
/// nothing else of metadata, which is taken from the question. `InternalError` in Kubernetes' words: `conversion
/// webhook for example.org/v1, Kind=Widget failed: WHY`. Source: Kubernetes, "Versions in CustomResourceDefinitions",
/// section "Webhook conversion".
Result<std::vector<api::Value>> readConversion(std::string_view text, const ConversionQuestion& question);
/// The same error, for a webhook that did not answer.
Error conversionFailure(const ConversionQuestion& question, std::string_view why);

} // namespace keelson::customresources
