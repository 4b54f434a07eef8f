// SPDX-License-Identifier: Apache-2.0
#include "apiserver/status_document.h"

namespace keelson::apiserver {
namespace {

api::Object detailsOf(const Error& error)
{
    api::Object details;
    const auto put = [&](std::string_view key, const std::string& text) {
        if (!text.empty())
            details[key] = text;
    };
    put("name", error.name);
    put("group", error.group);
    put("kind", error.resource);
    if (!error.causes.empty()) {
        api::Array causes;
        for (const auto& cause : error.causes)
            causes.push_back(api::Object{{"reason", cause.reason}, {"message", cause.message}, {"field", cause.field}});
        details["causes"] = std::move(causes);
    }
    if (error.retryAfterSeconds > 0)
        details["retryAfterSeconds"] = error.retryAfterSeconds;
    return details;
}

} // namespace

api::Value statusDocument(const Error& error)
{
    api::Object status{{"kind", "Status"},    {"apiVersion", "v1"},       {"metadata", api::Object{}},
                       {"status", "Failure"}, {"message", error.message}, {"reason", reasonName(error.reason)}};
    // kubectl debug reads the details of a NotFound without asking whether there are any.
    if (auto details = detailsOf(error); !details.empty() || error.reason == Reason::NotFound)
        status["details"] = std::move(details);
    status["code"] = httpStatus(error.reason);
    return status;
}

api::Value successDocument(std::string_view group, std::string_view resource, std::string_view name,
                           std::string_view uid)
{
    api::Object details;
    if (!name.empty())
        details["name"] = name;
    if (!group.empty())
        details["group"] = group;
    if (!resource.empty())
        details["kind"] = resource;
    if (!uid.empty())
        details["uid"] = uid;
    return api::Object{{"kind", "Status"},
                       {"apiVersion", "v1"},
                       {"metadata", api::Object{}},
                       {"status", "Success"},
                       {"details", std::move(details)}};
}

Response statusResponse(const Error& error)
{
    auto response =
        Response::text(httpStatus(error.reason), "application/json", api::writeJson(statusDocument(error)) + "\n");
    if (error.retryAfterSeconds > 0)
        response.headers.add("Retry-After", std::to_string(error.retryAfterSeconds));
    return response;
}

} // namespace keelson::apiserver
