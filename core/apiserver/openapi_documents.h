// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/catalog.h"
#include "apiserver/http_message.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace keelson::apiserver {

/// The OpenAPI documents under /openapi, made when first asked for and kept as bytes. Any thread; the first call for a
/// document takes some tens of milliseconds.
class OpenApi {
public:
    explicit OpenApi(const api::Catalog& catalog) : m_catalog(catalog) {}

    /// Empty for a path that is none of them.
    std::optional<Response> respond(const Request& request);

private:
    struct Document {
        std::string contentType;
        std::shared_ptr<const std::string> bytes;
        std::string etag;
    };

    const Document& versionTwo(bool protobuf);
    const Document& versionThree(const api::GroupVersion& groupVersion);
    Response index();

    const api::Catalog& m_catalog;
    std::mutex m_mutex;
    std::map<std::string, Document> m_documents;
};

} // namespace keelson::apiserver
