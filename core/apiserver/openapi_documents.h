// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/catalog.h"
#include "apiserver/http_message.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace keelson::apiserver {

/// What another server says of its group version in OpenAPI v2.
struct RemoteOpenApi {
    api::GroupVersion groupVersion;
    std::shared_ptr<const api::Value> versionTwo; ///< As `api::openApiOfGroup` makes it.
    bool lacksThree = false;                      ///< We show its v3, made of the v2.

    bool operator==(const RemoteOpenApi&) const = default;
};

/// The OpenAPI documents under /openapi, made when first asked for and kept as bytes. Any thread; the first call for a
/// document takes some tens of milliseconds.
class OpenApi {
public:
    explicit OpenApi(const api::Catalog& catalog) : m_catalog(catalog) {}

    /// With what other servers say. Empty for a path that is none of the documents.
    std::optional<Response> respond(const Request& request, std::vector<RemoteOpenApi> remotes);

private:
    struct Document {
        std::string contentType;
        std::shared_ptr<const std::string> bytes;
        std::string etag;
    };

    static Document document(std::string_view contentType, std::string bytes);
    // With the lock held.
    const Document& versionTwo(bool protobuf);
    const Document& versionThree(const api::GroupVersion& groupVersion);
    const Document& discovery(const std::string& name);
    const Document& versionThreeOf(const RemoteOpenApi& remote);
    const Document& inProtobuf(const std::string& path, const Document& json);
    const Document* find(const Request& request);
    Response index();

    const api::Catalog& m_catalog;
    std::mutex m_mutex;
    std::map<std::string, Document> m_documents;
    std::vector<RemoteOpenApi> m_remotes; ///< Those that are in the documents.
};

} // namespace keelson::apiserver
