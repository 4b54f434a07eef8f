// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/user.h"
#include "webhooks/webhook.h"

#include <map>
#include <optional>

namespace keelson::webhooks {

/// What a webhook is asked about.
struct Question {
    const Operation& operation;
    std::string uid; ///< Of the question.
    std::string name;
    const auth::User& user;
    const api::Value* object = nullptr; ///< Null for DELETE.
    const api::Value* before = nullptr; ///< Null for CREATE.
    bool dryRun = false;
    std::string fieldManager;
};

/// The AdmissionReview to send.
std::string reviewText(const Question& question);

struct Answer {
    bool allowed = false;
    Error refusal;                   ///< When it is not: with the webhook's code and words.
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
