// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keelson {

/// Why something failed, in the vocabulary of Kubernetes' `Status.reason`, from the disk to the dialog.
/// Source: Kubernetes API conventions, "Response Status Kind".
enum class Reason {
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    AlreadyExists,
    Conflict,
    Gone,
    Expired,
    Invalid,
    Timeout,
    ServerTimeout,
    TooManyRequests,
    MethodNotAllowed,
    NotAcceptable,
    RequestEntityTooLarge,
    UnsupportedMediaType,
    InternalError,
    ServiceUnavailable,
};

/// "NotFound": the word that travels in `Status.reason`.
std::string_view reasonName(Reason reason);
/// The reason of that name; `InternalError` for a word that we do not know.
Reason reasonFromName(std::string_view name);
/// The HTTP status code that Kubernetes sends for the reason: 404 for NotFound, 422 for Invalid.
int httpStatus(Reason reason);
/// The reason that fits a bare HTTP status code.
Reason reasonFromHttpStatus(int status);

/// One field that is wrong, as in `Status.details.causes`.
struct Cause {
    std::string reason;  ///< "FieldValueInvalid", "FieldValueRequired", ... (Kubernetes' CauseType).
    std::string message; ///< "Invalid value: -1: must be greater than or equal to 0", without the field.
    std::string field;   ///< "spec.replicas".

    bool operator==(const Cause&) const = default;
};

/// What another server said in place of a reason of ours.
struct ToldStatus {
    int code = 0;       ///< Of HTTP; 400 or more.
    std::string reason; ///< Any word; empty: it gave none.
};

/// A failure as a value: what failed and why, in words that can be shown to the user as they are.
struct Error {
    Reason reason = Reason::InternalError;
    std::string message;
    std::vector<Cause> causes;      ///< Only for `Invalid`, `Conflict` and `BadRequest`; may be empty.
    int retryAfterSeconds = 0;      ///< 0: nothing is known about when to try again.
    std::string group;              ///< The API group of the object that failed; empty when unknown or core.
    std::string resource;           ///< Its plural resource ("pods"), or its kind for `Invalid`; may be empty.
    std::string name;               ///< Its name; may be empty.
    std::optional<ToldStatus> told; ///< Stands in `Status` instead of what belongs to `reason`; mostly nothing.
};

/// As they stand in `Status`.
std::string_view reasonName(const Error& error);
int httpStatus(const Error& error);

inline Error makeError(Reason reason, std::string message)
{
    Error error;
    error.reason = reason;
    error.message = std::move(message);
    return error;
}

} // namespace keelson
