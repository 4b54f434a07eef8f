// SPDX-License-Identifier: Apache-2.0
#include "apiserver/read_options.h"

#include "registry/list_rules.h"

#include <fmt/format.h>

namespace keelson::apiserver {
namespace {

Cause forbidden(std::string_view field, std::string_view why)
{
    return {"FieldValueForbidden", fmt::format("Forbidden: {}", why), std::string(field)};
}

Result<Done> checkWatch(const Query& query)
{
    constexpr std::string_view field = "resourceVersionMatch";
    constexpr std::string_view wanted = "NotOlderThan";
    const auto match = query.get(field);
    const bool streaming = query.has("sendInitialEvents");
    std::vector<Cause> causes;
    if (streaming && match != wanted)
        causes.push_back(forbidden(field, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
    if (!match.empty()) {
        if (!streaming)
            causes.push_back(
                forbidden(field, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
        if (match != wanted)
            causes.push_back({"FieldValueNotSupported",
                              fmt::format(R"(Unsupported value: "{}": supported values: "{}")", match, wanted),
                              std::string(field)});
        if (!query.get("continue").empty())
            causes.push_back(forbidden(field, "resourceVersionMatch is forbidden when continue is provided"));
    }
    if (!causes.empty())
        return fail(registry::invalidOptions("ListOptions", std::move(causes)));
    return Done{};
}

} // namespace

Result<registry::ListOptions> listOptions(const Request& request, const RequestInfo& info)
{
    const auto& query = request.query;
    registry::ListOptions options;
    options.nameSpace = info.nameSpace;
    TRY_ASSIGN(options.labels, api::LabelSelector::parse(query.get("labelSelector")));
    TRY_ASSIGN(options.fields, api::FieldSelector::parse(query.get("fieldSelector")));
    TRY_ASSIGN(const auto limit, query.number("limit"));
    if (limit && *limit < 0)
        return fail(Reason::BadRequest, "the parameter limit must not be negative");
    options.limit = static_cast<std::size_t>(limit.value_or(0));
    options.continueToken = query.get("continue");
    options.resourceVersion = query.get("resourceVersion");
    options.resourceVersionMatch = query.get("resourceVersionMatch");
    if (query.has("sendInitialEvents"))
        return fail(registry::invalidOptions(
            "ListOptions", {forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list")}));
    return options;
}

Result<registry::WatchOptions> watchOptions(const Request& request, const RequestInfo& info)
{
    const auto& query = request.query;
    TRY_OK(checkWatch(query));
    registry::WatchOptions options;
    options.nameSpace = info.nameSpace;
    TRY_ASSIGN(options.labels, api::LabelSelector::parse(query.get("labelSelector")));
    auto fields = std::string(query.get("fieldSelector"));
    if (!info.name.empty()) // A watch of one object by its path.
        fields += fmt::format("{}metadata.name={}", fields.empty() ? "" : ",", info.name);
    TRY_ASSIGN(options.fields, api::FieldSelector::parse(fields));
    TRY_ASSIGN(options.after, registry::parseVersion(query.get("resourceVersion")));
    options.sendInitialEvents = query.flag("sendInitialEvents");
    options.fromNow = query.has("sendInitialEvents") && !options.sendInitialEvents;
    options.bookmarks = query.flag("allowWatchBookmarks");
    return options;
}

} // namespace keelson::apiserver
