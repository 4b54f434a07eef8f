// SPDX-License-Identifier: Apache-2.0
#include "apiserver/openapi_documents.h"

#include "api/openapi.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace keelson::apiserver {
namespace {

constexpr std::string_view prefix = "/openapi/v3/";
/// Clients ask for it with an '@', which no media type may hold: they refuse a reply of that type.
constexpr std::string_view versionTwoType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

std::string hashOf(std::string_view bytes)
{
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    std::string text;
    for (std::size_t i = 0; i < 16; ++i)
        text += fmt::format("{:02X}", digest[i]);
    return text;
}

std::string pathOf(const api::GroupVersion& groupVersion)
{
    return groupVersion.group.empty() ? "api/" + groupVersion.version : "apis/" + groupVersion.text();
}

} // namespace

const OpenApi::Document& OpenApi::versionThree(const api::GroupVersion& groupVersion)
{
    const std::scoped_lock lock(m_mutex);
    auto& document = m_documents[pathOf(groupVersion)];
    if (!document.bytes) {
        document.contentType = "application/json";
        document.bytes = std::make_shared<const std::string>(api::writeJson(api::openApiV3(m_catalog, groupVersion)));
        document.etag = hashOf(*document.bytes);
    }
    return document;
}

const OpenApi::Document& OpenApi::versionTwo(bool protobuf)
{
    const std::scoped_lock lock(m_mutex);
    auto& document = m_documents[protobuf ? "v2 protobuf" : "v2"];
    if (!document.bytes) {
        const auto value = api::openApiV2(m_catalog);
        document.contentType = protobuf ? std::string(versionTwoType) : "application/json";
        document.bytes =
            std::make_shared<const std::string>(protobuf ? api::openApiV2Protobuf(value) : api::writeJson(value));
        document.etag = hashOf(*document.bytes);
    }
    return document;
}

Response OpenApi::index()
{
    api::Object paths;
    for (const auto& groupVersion : m_catalog.groupVersions()) {
        const auto path = pathOf(groupVersion);
        paths[path] = api::Object{
            {"serverRelativeURL", fmt::format("{}{}?hash={}", prefix, path, versionThree(groupVersion).etag)}};
    }
    return Response::text(200, "application/json", api::writeJson(api::Object{{"paths", std::move(paths)}}) + "\n");
}

std::optional<Response> OpenApi::respond(const Request& request)
{
    const Document* document = nullptr;
    if (request.path == "/openapi/v3" || request.path == prefix)
        return index();
    if (request.path == "/openapi/v2") {
        const bool protobuf =
            request.headers.get("Accept").find("com.github.proto-openapi.spec.v2") != std::string_view::npos;
        document = &versionTwo(protobuf);
    }
    for (const auto& groupVersion : m_catalog.groupVersions()) {
        if (request.path.starts_with(prefix) &&
            std::string_view(request.path).substr(prefix.size()) == pathOf(groupVersion))
            document = &versionThree(groupVersion);
    }
    if (!document)
        return std::nullopt;
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
