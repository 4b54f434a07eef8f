// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "webhooks/webhook.h"

#include <map>
#include <optional>

namespace keelson::webhooks {

/// The AdmissionReview to send; `uid`: of the question.
std::string reviewText(const Request& request, std::string_view uid);

struct Answer {
    bool allowed = false;
    Error refusal;                   ///< When it is not: with the Status that the webhook gave.
    std::optional<api::Value> patch; ///< JSON patch.
    std::vector<std::string> warnings;
    std::map<std::string, std::string> auditAnnotations; ///< By the webhook's name and theirs.
};

enum class Sort { Mutating, Validating };

/// Reads the AdmissionReview that came back. An error says what is wrong with it.
Result<Answer> readAnswer(std::string_view text, const Webhook& webhook, Sort sort, std::string_view uid);

/// `Internal error occurred: failed calling webhook "x": WHY`
Error callFailure(const Webhook& webhook, std::string_view why);

} // namespace keelson::webhooks
