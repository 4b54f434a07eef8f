// SPDX-License-Identifier: Apache-2.0
#include "apiserver/status_document.h"

namespace keelson::apiserver {
namespace {

api::Object detailsOf(const Error& error)
{
    const auto put = [](api::Object& object, std::string_view key, const std::string& text) {
        if (!text.empty())
            object[key] = text;
    };
    api::Object details;
    put(details, "name", error.name);
    put(details, "group", error.group);
    put(details, "kind", error.resource);
    if (!error.causes.empty()) {
        api::Array causes;
        for (const auto& each : error.causes) {
            api::Object cause;
            put(cause, "reason", each.reason);
            put(cause, "message", each.message);
            put(cause, "field", each.field);
            causes.push_back(std::move(cause));
        }
        details["causes"] = std::move(causes);
    }
    if (error.retryAfterSeconds > 0)
        details["retryAfterSeconds"] = error.retryAfterSeconds;
    return details;
}

} // namespace

api::Value statusDocument(const Error& error)
{
    api::Object status{{"kind", "Status"},
                       {"apiVersion", "v1"},
                       {"metadata", api::Object{}},
                       {"status", "Failure"},
                       {"message", error.message}};
    if (const auto reason = reasonName(error); !reason.empty())
        status["reason"] = reason;
    // kubectl debug reads the details of a NotFound without asking whether there are any.
    if (auto details = detailsOf(error); !details.empty() || error.reason == Reason::NotFound)
        status["details"] = std::move(details);
    status["code"] = httpStatus(error);
    return status;
}

api::Value successDocument(std::string_view group, std::string_view resource, std::string_view name,
                           std::string_view uid)
{
    api::Object details{{"name", name}};
    if (!group.empty())
        details["group"] = group;
    details["kind"] = resource;
    details["uid"] = uid;
    return api::Object{{"kind", "Status"},
                       {"apiVersion", "v1"},
                       {"metadata", api::Object{}},
                       {"status", "Success"},
                       {"details", std::move(details)}};
}

api::Value createdDocument()
{
    constexpr int created = 201;
    return api::Object{{"kind", "Status"},
                       {"apiVersion", "v1"},
                       {"metadata", api::Object{}},
                       {"status", "Success"},
                       {"code", created}};
}

Response statusResponse(const Error& error)
{
    auto response = Response::text(httpStatus(error), "application/json", api::writeJson(statusDocument(error)) + "\n");
    if (error.retryAfterSeconds > 0)
        response.headers.add("Retry-After", std::to_string(error.retryAfterSeconds));
    return response;
}

} // namespace keelson::apiserver
