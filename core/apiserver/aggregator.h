// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/apiregistration_v1.h"
#include "apiserver/call.h"
#include "apiserver/openapi_documents.h"
#include "apiserver/proxy_target.h"
#include "client/api_availability.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::apiserver {

/// The group versions that other servers serve, as APIServices say. Requests to them are carried on with the user's
/// name in headers, which the other server believes because of our client certificate. Source: Kubernetes, "Kubernetes
/// API Aggregation Layer".
///
/// Threads: any. `probe` blocks.
class Aggregator {
public:
    explicit Aggregator(Services& services) : m_services(services) {}

    /// Whether a request to that path is one for `serve`, as APIServices are now.
    bool servesPath(ServedKinds& kinds, std::string_view path) const { return serviceFor(kinds, path).has_value(); }

    /// Answers a request to a group version of another server; false when it is none. The caller has authorized it.
    bool serve(const std::shared_ptr<Call>& call) const;

    /// Asks the server what it serves; the answer goes into discovery from now on.
    client::ApiAvailability probe(const api::APIService& service);

    /// Our answer to a request for discovery or /openapi/v3, with the groups of other servers; to any other request as
    /// it is. Nothing: we have none.
    std::optional<Response> withOthers(Call& call, std::optional<Response> response) const;

    /// What other servers last said in OpenAPI v2, also when they are down now.
    std::vector<RemoteOpenApi> openApi(Call& call) const;

private:
    /// What a server said of its OpenAPI v2.
    struct VersionTwo {
        std::shared_ptr<const api::Value> document; ///< Null: it has none.
        std::string etag;
        int age = 0; ///< How often the server was asked for other things since.
    };
    /// What a server said of a group version when it last answered.
    struct Served {
        api::Value resources;   ///< APIResourceList
        std::string openApiUrl; ///< In the index of its /openapi/v3; empty: it is not there.
        VersionTwo versionTwo;
    };
    struct Remote {
        api::GroupVersion groupVersion;
        std::shared_ptr<const Served> served; ///< Null: it has not answered yet.
        bool available = false;
        int groupPriority = 0;
        int versionPriority = 0;
    };

    const api::Kind& kind(const api::Catalog& catalog) const;
    std::optional<api::APIService> serviceFor(ServedKinds& kinds, std::string_view path) const;
    std::optional<api::APIService> find(const api::GroupVersion& groupVersion) const;
    Result<ProxyTarget> target(const api::APIService& service) const;
    Result<upstream::Connect> connect(const api::APIService& service) const;
    std::shared_ptr<const Served> lastServed(const std::string& name) const;
    VersionTwo fetchVersionTwo(const upstream::Connect& way, const api::APIService& service) const;
    void forgetGone();
    bool showsThreeItself(const api::APIService& service) const;
    std::vector<Remote> remotes() const;
    bool isOurs(ServedKinds& kinds, const api::GroupVersion& groupVersion) const;

    Services& m_services;
    mutable std::mutex m_mutex;
    std::map<std::string, std::shared_ptr<const Served>> m_served; ///< By the APIService's name.
};

} // namespace keelson::apiserver
