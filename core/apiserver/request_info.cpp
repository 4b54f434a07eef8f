// SPDX-License-Identifier: Apache-2.0
#include "apiserver/request_info.h"

#include "api/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace keelson::apiserver {
namespace {

std::vector<std::string_view> segmentsOf(std::string_view path)
{
    std::vector<std::string_view> segments;
    while (!path.empty()) {
        const auto slash = path.find('/');
        if (slash != 0)
            segments.push_back(path.substr(0, slash));
        path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    }
    return segments;
}

/// What is left of a target behind so many segments of its path.
std::string_view behindSegments(std::string_view target, std::size_t count)
{
    const auto pathEnd = std::min(target.find('?'), target.size());
    std::size_t at = 0;
    for (; count > 0; --count) {
        at = target.find_first_not_of('/', at);
        at = std::min(target.find('/', std::min(at, pathEnd)), pathEnd);
    }
    return target.substr(at);
}

/// The name that "metadata.name=NAME" asks for, so that rules with resourceNames hold for lists and watches of one
/// object.
std::string nameInSelector(const Query& query)
{
    constexpr std::string_view prefix = "metadata.name=";
    const auto selector = query.get("fieldSelector");
    if (!selector.starts_with(prefix) || selector.find(',') != std::string_view::npos)
        return {};
    auto name = selector.substr(prefix.size());
    if (name.starts_with('='))
        name.remove_prefix(1);
    return std::string(name);
}

std::string verbOf(const Request& request, const RequestInfo& info)
{
    const auto& method = request.method;
    if (method == "GET" || method == "HEAD") {
        if (info.name.empty() || info.subresource.empty()) {
            if (request.query.flag("watch"))
                return "watch";
        }
        return info.name.empty() ? "list" : "get";
    }
    if (method == "POST")
        return "create";
    if (method == "PUT")
        return "update";
    if (method == "PATCH")
        return "patch";
    if (method == "DELETE")
        return info.name.empty() ? "deletecollection" : "delete";
    return {};
}

bool isUtf8(const Request& request, const RequestInfo& info)
{
    const auto good = [](std::string_view text) { return api::utf8Prefix(text) == text.size(); };
    if (info.subresource == "proxy")
        return good(info.nameSpace) && good(info.name);
    const std::string_view target = request.target;
    return good(request.path) && good(percentDecoded(target.substr(std::min(target.find('?'), target.size()))));
}

} // namespace

RequestInfo readRequest(const Request& request)
{
    RequestInfo info;
    info.path = request.path;
    auto segments = segmentsOf(request.path);
    if (segments.size() > 2 && segments[0] == "trace" && segments[1] == "v1") {
        info.isTrace = true;
        segments.erase(segments.begin(), segments.begin() + 2);
    }
    const bool legacy = !segments.empty() && segments[0] == "api";
    const std::size_t first = legacy ? 2 : 3; // Of the part behind the group version.
    const bool api = legacy || (!segments.empty() && segments[0] == "apis");
    if (!api || segments.size() <= first) {
        info.verb = lowered(request.method == "HEAD" ? "GET" : request.method);
        return info;
    }
    info.isResource = true;
    info.groupVersion = legacy ? api::GroupVersion{"", std::string(segments[1])}
                               : api::GroupVersion{std::string(segments[1]), std::string(segments[2])};
    std::vector<std::string_view> rest(segments.begin() + static_cast<std::ptrdiff_t>(first), segments.end());
    // "watch/namespaces/NS/pods" is how clients watched before there was the parameter.
    const bool isWatchPath = rest[0] == "watch" && rest.size() > 1 && request.method == "GET";
    if (isWatchPath)
        rest.erase(rest.begin());
    // "namespaces/NS/pods" lies in a namespace; "namespaces/NS", "namespaces/NS/status" and "/finalize" are the
    // namespace itself.
    const bool inside = rest[0] == "namespaces" && rest.size() > 2 && rest[2] != "status" && rest[2] != "finalize";
    if (inside) {
        info.nameSpace = rest[1];
        rest.erase(rest.begin(), rest.begin() + 2);
    }
    info.resource = rest[0];
    if (rest.size() > 1)
        info.name = rest[1];
    if (rest.size() > 2)
        info.subresource = rest[2];
    if (info.subresource == "proxy") {
        const auto skipped = segments.size() - rest.size() + 3;
        info.proxyPath = behindSegments(request.target, skipped);
    } else {
        for (std::size_t i = 3; i < rest.size(); ++i) // "log/a": no resource has such; it stays unknown.
            info.subresource.append("/").append(rest[i]);
    }
    info.verb = isWatchPath ? "watch" : verbOf(request, info);
    if (info.name.empty() && request.method != "POST")
        info.fieldSelector = request.query.get("fieldSelector");
    if (info.verb == "list" || info.verb == "watch")
        info.selectedName = info.name.empty() ? nameInSelector(request.query) : std::string();
    return info;
}

auth::Attributes RequestInfo::attributes() const
{
    if (!isResource)
        return {verb, {}, {}, {}, {}, {}, {}, path};
    // Whoever may do something inside a namespace may be given rights on the namespace object by the same role.
    const bool isNamespace = resource == "namespaces" && groupVersion.group.empty();
    return {verb,
            groupVersion.group,
            groupVersion.version,
            resource,
            subresource,
            isNamespace ? name : nameSpace,
            name.empty() ? selectedName : name,
            {},
            fieldSelector};
}

Result<Done> checkHead(const Request& request, const RequestInfo& info)
{
    if (!isUtf8(request, info))
        return fail(Reason::BadRequest, "the path and the query of a request must be UTF-8");
    if (request.headers.all("Host").size() > 1)
        return fail(Reason::BadRequest, "too many Host headers");
    for (const auto coding : request.headers.listed("Transfer-Encoding")) {
        if (!equalIgnoringCase(coding, "chunked"))
            return fail(Reason::BadRequest, fmt::format("unsupported transfer encoding: \"{}\"", coding));
    }
    return Done{};
}

} // namespace keelson::apiserver
