// SPDX-License-Identifier: Apache-2.0
#include "registry/list_rules.h"

#include "api/validation.h"

#include <fmt/format.h>

#include <charconv>

namespace keelson::registry {

Error invalidOptions(std::string_view what, std::vector<Cause> causes)
{
    Kind kind;
    kind.groupVersion = {"meta.k8s.io", "v1"};
    kind.kind = what;
    return api::invalidError(kind, "", std::move(causes));
}

Result<Revision> parseVersion(std::string_view text)
{
    if (text.empty())
        return Revision{0};
    Revision revision = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), revision);
    if (error != std::errc{} || end != text.data() + text.size() || revision < 0)
        return fail(Reason::BadRequest,
                    fmt::format("Invalid value: \"{}\": resourceVersion is not a version of this server", text));
    return revision;
}

Result<Done> checkListOptions(const ListOptions& options)
{
    const std::string_view version = options.resourceVersion;
    const std::string_view match = options.resourceVersionMatch;
    std::vector<Cause> causes;
    const auto forbid = [&](std::string_view why) {
        causes.push_back({"FieldValueForbidden", fmt::format("Forbidden: {}", why), "resourceVersionMatch"});
    };
    if (!match.empty()) {
        if (version.empty())
            forbid("resourceVersionMatch is forbidden unless resourceVersion is provided");
        if (!options.continueToken.empty())
            forbid("resourceVersionMatch is forbidden when continue is provided");
        if (match != "Exact" && match != "NotOlderThan")
            causes.push_back(
                {"FieldValueNotSupported",
                 fmt::format(R"(Unsupported value: "{}": supported values: "Exact", "NotOlderThan", "")", match),
                 "resourceVersionMatch"});
        if (match == "Exact" && version == "0")
            forbid(R"(resourceVersionMatch "exact" is forbidden for resourceVersion "0")");
    }
    if (!causes.empty())
        return fail(invalidOptions("ListOptions", std::move(causes)));
    if (!options.continueToken.empty() && !version.empty() && version != "0")
        return fail(Reason::BadRequest, "specifying resource version is not allowed when using continue");
    TRY_OK(parseVersion(version));
    return Done{};
}

Error tooLargeVersion(Revision asked, Revision current)
{
    auto error =
        makeError(Reason::Timeout, fmt::format("Timeout: Too large resource version: {}, current: {}", asked, current));
    error.causes.push_back({"ResourceVersionTooLarge", "Too large resource version", ""});
    error.retryAfterSeconds = 1;
    return error;
}

ListState listState(const ListOptions& options)
{
    if (options.resourceVersion.empty() || options.resourceVersion == "0")
        return ListState::Latest;
    const auto paged = options.resourceVersionMatch.empty() && options.limit > 0;
    return paged || options.resourceVersionMatch == "Exact" ? ListState::Exact : ListState::Latest;
}

} // namespace keelson::registry
