// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <algorithm>
#include <array>

namespace keelson {
namespace {

struct ReasonRow {
    Reason reason;
    std::string_view name;
    int status;
};

constexpr std::array reasonRows{
    ReasonRow{Reason::BadRequest, "BadRequest", 400},
    ReasonRow{Reason::Unauthorized, "Unauthorized", 401},
    ReasonRow{Reason::Forbidden, "Forbidden", 403},
    ReasonRow{Reason::NotFound, "NotFound", 404},
    ReasonRow{Reason::MethodNotAllowed, "MethodNotAllowed", 405},
    ReasonRow{Reason::NotAcceptable, "NotAcceptable", 406},
    ReasonRow{Reason::Conflict, "Conflict", 409},
    ReasonRow{Reason::AlreadyExists, "AlreadyExists", 409},
    ReasonRow{Reason::Expired, "Expired", 410},
    ReasonRow{Reason::Gone, "Gone", 410},
    ReasonRow{Reason::RequestEntityTooLarge, "RequestEntityTooLarge", 413},
    ReasonRow{Reason::UnsupportedMediaType, "UnsupportedMediaType", 415},
    ReasonRow{Reason::Invalid, "Invalid", 422},
    ReasonRow{Reason::TooManyRequests, "TooManyRequests", 429},
    ReasonRow{Reason::InternalError, "InternalError", 500},
    ReasonRow{Reason::ServiceUnavailable, "ServiceUnavailable", 503},
    ReasonRow{Reason::Timeout, "Timeout", 504},
    ReasonRow{Reason::ServerTimeout, "ServerTimeout", 500},
};

} // namespace

std::string_view reasonName(Reason reason)
{
    return std::ranges::find(reasonRows, reason, &ReasonRow::reason)->name;
}

Reason reasonFromName(std::string_view name)
{
    const auto row = std::ranges::find(reasonRows, name, &ReasonRow::name);
    return row == reasonRows.end() ? Reason::InternalError : row->reason;
}

int httpStatus(Reason reason)
{
    return std::ranges::find(reasonRows, reason, &ReasonRow::reason)->status;
}

std::string_view reasonName(const Error& error)
{
    return error.told ? std::string_view(error.told->reason) : reasonName(error.reason);
}

int httpStatus(const Error& error)
{
    return error.told ? error.told->code : httpStatus(error.reason);
}

Reason reasonFromHttpStatus(int status)
{
    const auto row = std::ranges::find(reasonRows, status, &ReasonRow::status);
    if (row != reasonRows.end())
        return row->reason;
    return status >= 400 && status < 500 ? Reason::BadRequest : Reason::InternalError;
}

} // namespace keelson
