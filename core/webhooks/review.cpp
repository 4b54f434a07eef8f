// SPDX-License-Identifier: Apache-2.0
#include "webhooks/review.h"

#include "api/base64.h"

#include <fmt/format.h>

namespace keelson::webhooks {
namespace {

using api::Array;
using api::Object;
using api::Value;

constexpr std::string_view reviewVersion = "admission.k8s.io/v1";
constexpr int firstFailure = 400; // Bad Request
constexpr int lastFailure = 999;

/// The details of a Status.
void readDetails(const Value& details, Error& error)
{
    error.name = api::stringAt(details, {"name"});
    error.group = api::stringAt(details, {"group"});
    error.resource = api::stringAt(details, {"kind"});
    error.retryAfterSeconds = static_cast<int>(api::integerAt(details, {"retryAfterSeconds"}));
    const auto* const causes = api::find(details, {"causes"});
    if (!causes || !causes->is_array())
        return;
    for (const auto& cause : causes->get_array())
        error.causes.push_back({std::string(api::stringAt(cause, {"reason"})),
                                std::string(api::stringAt(cause, {"message"})),
                                std::string(api::stringAt(cause, {"field"}))});
}

/// The Status that the webhook gave, as it is. Only its code must be that of a failure.
Error refusalOf(const Webhook& webhook, const Value& response)
{
    const Value none = Object{};
    const auto* const given = api::find(response, {"status"});
    const auto& status = given ? *given : none;
    const auto message = api::stringAt(status, {"message"});
    const auto reason = api::stringAt(status, {"reason"});
    const auto denied = fmt::format("admission webhook \"{}\" denied the request", webhook.name);
    const auto why = !message.empty()  ? fmt::format("{}: {}", denied, message)
                     : !reason.empty() ? fmt::format("{}: {}", denied, reason)
                                       : denied + " without explanation";
    const auto wanted = api::integerAt(status, {"code"});
    const int code = wanted < firstFailure || wanted > lastFailure ? firstFailure : static_cast<int>(wanted);
    const auto known = reasonFromName(reason);
    auto error = makeError(reasonName(known) == reason ? known : reasonFromHttpStatus(code), why);
    error.told = ToldStatus{code, std::string(reason)};
    if (const auto* const details = api::find(status, {"details"}))
        readDetails(*details, error);
    return error;
}

Result<std::optional<Value>> patchOf(const Value& response, Sort sort)
{
    const auto encoded = api::stringAt(response, {"patch"});
    const auto type = api::stringAt(response, {"patchType"});
    if (sort == Sort::Validating && !encoded.empty())
        return fail(Reason::InternalError, "validating webhook may not return response.patch");
    if (sort == Sort::Validating && !type.empty())
        return fail(Reason::InternalError, "validating webhook may not return response.patchType");
    if (!encoded.empty() && type.empty())
        return fail(Reason::InternalError, "webhook returned response.patch but not response.patchType");
    if (encoded.empty() && !type.empty())
        return fail(Reason::InternalError, "webhook returned response.patchType but not response.patch");
    if (encoded.empty())
        return std::nullopt;
    if (type != "JSONPatch")
        return fail(Reason::InternalError, fmt::format("webhook returned invalid response.patchType of \"{}\"", type));
    const auto text = api::decodeBase64(encoded);
    if (!text)
        return fail(Reason::InternalError, "webhook returned a response.patch that is not base64");
    auto patch = api::parseJson(*text);
    if (!patch)
        return fail(Reason::InternalError,
                    fmt::format("webhook returned a response.patch that is no JSON: {}", patch.error().message));
    return *std::move(patch);
}

} // namespace

std::string reviewText(const Request& request, std::string_view uid)
{
    Object members{{"uid", uid}};
    for (auto& member : policies::describe(request))
        members[member.key()] = std::move(member.value());
    members["object"] = request.object ? *request.object : Value{};
    members["oldObject"] = request.before ? *request.before : Value{};
    return api::writeJson(
        Object{{"kind", "AdmissionReview"}, {"apiVersion", reviewVersion}, {"request", std::move(members)}});
}

Result<Answer> readAnswer(std::string_view text, const Webhook& webhook, Sort sort, std::string_view uid)
{
    auto review = api::parseJson(text);
    if (!review)
        return fail(Reason::InternalError, fmt::format("the answer is no AdmissionReview: {}", review.error().message));
    const auto* const response = api::find(*review, {"response"});
    if (!response || !response->is_object())
        return fail(Reason::InternalError, "webhook response was absent");
    if (const auto given = api::stringAt(*response, {"uid"}); given != uid)
        return fail(Reason::InternalError, fmt::format("expected response.uid=\"{}\", got \"{}\"", uid, given));
    const auto version = api::stringAt(*review, {"apiVersion"});
    const auto kind = api::stringAt(*review, {"kind"});
    if (version != reviewVersion || kind != "AdmissionReview")
        return fail(Reason::InternalError, fmt::format("expected webhook response of {}, Kind=AdmissionReview, got {}, "
                                                       "Kind={}",
                                                       reviewVersion, version.empty() ? "/" : version, kind));
    Answer answer;
    TRY_ASSIGN(answer.patch, patchOf(*response, sort));
    answer.allowed = api::boolAt(*response, {"allowed"});
    if (!answer.allowed)
        answer.refusal = refusalOf(webhook, *response);
    if (const auto* const warnings = api::find(*response, {"warnings"}); warnings && warnings->is_array()) {
        for (const auto& each : warnings->get_array()) {
            if (each.is_string())
                answer.warnings.emplace_back(each.get_string());
        }
    }
    if (const auto* const notes = api::find(*response, {"auditAnnotations"}); notes && notes->is_object()) {
        for (const auto& [key, value] : notes->get_object()) {
            if (value.is_string())
                answer.auditAnnotations.emplace(webhook.name + "/" + std::string(key), value.get_string());
        }
    }
    return answer;
}

Error callFailure(const Webhook& webhook, std::string_view why)
{
    return makeError(Reason::InternalError,
                     fmt::format("Internal error occurred: failed calling webhook \"{}\": {}", webhook.name, why));
}

} // namespace keelson::webhooks
