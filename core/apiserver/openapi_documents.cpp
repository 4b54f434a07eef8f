// SPDX-License-Identifier: Apache-2.0
#include "apiserver/openapi_documents.h"

#include "api/openapi.h"
#include "api/openapi_discovery.h"
#include "api/openapi_merge.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace keelson::apiserver {
namespace {

constexpr auto jsonType = "application/json";
constexpr std::string_view prefix = "/openapi/v3/";
/// Names of documents that no path has.
constexpr std::string_view versionTwoJson = "v2";
constexpr std::string_view versionTwoProtobuf = "v2 protobuf";
/// Clients ask for it with an '@', which no media type may hold: they refuse a reply of that type.
constexpr std::string_view versionTwoType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
constexpr std::string_view versionThreeType = "application/com.github.proto-openapi.spec.v3.v1.0+protobuf";
/// Behind the path of a document of version 3 that is kept as protobuf too.
constexpr std::string_view protobufSuffix = " protobuf";

std::string hashOf(std::string_view bytes)
{
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    std::string text;
    for (std::size_t i = 0; i < 16; ++i)
        text += fmt::format("{:02X}", digest[i]);
    return text;
}

bool wantsProtobuf(const Request& request, std::string_view version)
{
    const auto type = fmt::format("com.github.proto-openapi.spec.{}", version);
    return request.headers.get("Accept").find(type) != std::string_view::npos;
}

std::string pathOf(const api::GroupVersion& groupVersion)
{
    return groupVersion.group.empty() ? "api/" + groupVersion.version : "apis/" + groupVersion.text();
}

/// Who asks for a state that is past gets the present one: under its own name, since the old one is kept for good.
Response movedTo(std::string place)
{
    Response response;
    response.status = 301;
    response.headers.add("Location", std::move(place));
    return response;
}

} // namespace

OpenApi::Document OpenApi::document(std::string_view contentType, std::string bytes)
{
    auto etag = hashOf(bytes);
    return {.contentType = std::string(contentType),
            .bytes = std::make_shared<const std::string>(std::move(bytes)),
            .etag = std::move(etag)};
}

const OpenApi::Document& OpenApi::versionThree(const api::GroupVersion& groupVersion)
{
    auto& document = m_documents[pathOf(groupVersion)];
    if (!document.bytes)
        document = OpenApi::document(jsonType, api::writeJson(api::openApiV3(m_catalog, groupVersion)));
    return document;
}

const OpenApi::Document& OpenApi::discovery(const std::string& name)
{
    auto& document = m_documents[name];
    if (!document.bytes)
        document = OpenApi::document(jsonType, api::writeJson(api::openApiV3Discovery(name)));
    return document;
}

const OpenApi::Document& OpenApi::versionThreeOf(const RemoteOpenApi& remote)
{
    auto& document = m_documents[pathOf(remote.groupVersion)];
    if (!document.bytes)
        document = OpenApi::document(jsonType, api::writeJson(api::openApiThreeOf(*remote.versionTwo)));
    return document;
}

/// Under the tag of the JSON: it names the state, as in Kubernetes, not the form.
const OpenApi::Document& OpenApi::inProtobuf(const std::string& path, const Document& json)
{
    auto& document = m_documents[path + std::string(protobufSuffix)];
    if (document.bytes)
        return document;
    const auto value = api::parseJson(*json.bytes);
    document = OpenApi::document(versionThreeType, value ? api::openApiV3Protobuf(*value) : std::string());
    document.etag = json.etag;
    return document;
}

const OpenApi::Document& OpenApi::versionTwo(bool protobuf)
{
    auto& document = m_documents[std::string(protobuf ? versionTwoProtobuf : versionTwoJson)];
    if (document.bytes)
        return document;
    auto value = api::openApiV2(m_catalog);
    for (const auto& remote : m_remotes)
        api::mergeOpenApi(value, *remote.versionTwo);
    document = protobuf ? OpenApi::document(versionTwoType, api::openApiV2Protobuf(value))
                        : OpenApi::document(jsonType, api::writeJson(value));
    return document;
}

Response OpenApi::index()
{
    api::Object paths;
    const auto add = [&](const std::string& path, const Document& document) {
        paths[path] = api::Object{{"serverRelativeURL", fmt::format("{}{}?hash={}", prefix, path, document.etag)}};
    };
    for (const auto& name : api::openApiDiscoveryNames(m_catalog))
        add(name, discovery(name));
    for (const auto& groupVersion : api::openApiGroupVersions(m_catalog))
        add(pathOf(groupVersion), versionThree(groupVersion));
    for (const auto& remote : m_remotes)
        if (remote.lacksThree)
            add(pathOf(remote.groupVersion), versionThreeOf(remote));
    return Response::text(200, jsonType, api::writeJson(api::Object{{"paths", std::move(paths)}}) + "\n");
}

const OpenApi::Document* OpenApi::find(const Request& request)
{
    if (request.path == "/openapi/v2")
        return &versionTwo(wantsProtobuf(request, "v2"));
    if (!request.path.starts_with(prefix))
        return nullptr;
    const auto asked = request.path.substr(prefix.size());
    const Document* json = nullptr;
    for (const auto& name : api::openApiDiscoveryNames(m_catalog))
        if (asked == name)
            json = &discovery(name);
    for (const auto& groupVersion : api::openApiGroupVersions(m_catalog))
        if (asked == pathOf(groupVersion))
            json = &versionThree(groupVersion);
    for (const auto& remote : m_remotes)
        if (!json && remote.lacksThree && asked == pathOf(remote.groupVersion))
            json = &versionThreeOf(remote);
    return json && wantsProtobuf(request, "v3") ? &inProtobuf(asked, *json) : json;
}

std::optional<Response> OpenApi::respond(const Request& request, std::vector<RemoteOpenApi> remotes)
{
    const std::scoped_lock lock(m_mutex);
    if (remotes != m_remotes) { // What was made of the others is outdated.
        for (const auto& remote : m_remotes) {
            m_documents.erase(pathOf(remote.groupVersion));
            m_documents.erase(pathOf(remote.groupVersion) + std::string(protobufSuffix));
        }
        m_documents.erase(std::string(versionTwoJson));
        m_documents.erase(std::string(versionTwoProtobuf));
        m_remotes = std::move(remotes);
    }
    if (request.path == "/openapi/v3" || request.path == prefix)
        return index();
    const auto* document = find(request);
    if (!document)
        return std::nullopt;
    if (const auto asked = request.query.get("hash");
        !asked.empty() && asked != document->etag && request.path.starts_with(prefix))
        return movedTo(fmt::format("{}?hash={}", request.path, document->etag));
    Response response;
    const auto etag = "\"" + document->etag + "\"";
    response.headers.add("ETag", etag);
    response.headers.add("Vary", "Accept");
    if (request.query.get("hash") == document->etag)
        response.headers.add("Cache-Control", "public, immutable, max-age=31536000");
    if (request.headers.get("If-None-Match") == etag) {
        response.status = 304;
        return response;
    }
    response.contentType = document->contentType;
    response.body.push_back({*document->bytes, document->bytes});
    return response;
}

} // namespace keelson::apiserver
