// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/user.h"
#include "client/client.h"
#include "registry/registry.h"

namespace keelson::controlplane {

/// The API without the wire, for one of our own parts: the same rights and refusals as over HTTPS.
///
/// Threads: any. Registry and authorizer outlive the client and the watches that it made.
class RegistryClient : public client::Client {
public:
    RegistryClient(registry::Registry& registry, const auth::Authorizer& authorizer, auth::User user,
                   client::DecodedObjects* decoded = nullptr);

    client::DecodedObjects* decodedObjects() override { return m_decoded; }
    std::shared_ptr<const api::Catalog> catalog() override { return m_registry.catalog(); }
    Result<api::Value> get(const api::Kind& kind, const api::ObjectKey& key) override;
    Result<client::List> list(const api::Kind& kind, const client::ListOptions& options) override;
    Result<std::unique_ptr<client::Watch>> watch(const api::Kind& kind, const client::ListOptions& options,
                                                 std::string_view resourceVersion,
                                                 std::function<void(client::WatchEvent)> handler,
                                                 std::function<void(Error)> ended) override;
    std::vector<Result<api::Value>> createEach(const api::Kind& kind, std::vector<api::Value> objects) override;
    Result<api::Value> update(const api::Kind& kind, api::Value object, std::string_view subresource) override;
    Result<api::Value> patch(const api::Kind& kind, const api::ObjectKey& key, api::PatchType type,
                             const api::Value& patch, std::string_view subresource) override;
    Result<Done> remove(const api::Kind& kind, const api::ObjectKey& key,
                        const client::DeleteOptions& options) override;
    std::vector<Result<Done>> bindEach(std::vector<Binding> bindings) override;
    std::vector<Result<api::Value>> updateStatusEach(const api::Kind& kind, std::vector<api::Value> objects) override;

private:
    Result<Done> allow(const api::Kind& kind, std::string_view verb, std::string_view subresource,
                       const api::ObjectKey& key) const;
    registry::WriteContext context() const;

    registry::Registry& m_registry;
    const auth::Authorizer& m_authorizer;
    auth::User m_user;
    client::DecodedObjects* const m_decoded;
};

} // namespace keelson::controlplane
