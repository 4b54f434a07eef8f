// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/catalog.h"
#include "api/codec.h"
#include "client/client.h"

namespace keelson::client {

/// The verbs of `Client` over typed structs. Errors as the client's; `InternalError` when an answer cannot be read.

template <typename T>
Result<T> get(Client& client, const ObjectKey& key)
{
    TRY_ASSIGN(const auto document, client.get(api::kindOf<T>(), key));
    return api::fromJson<T>(document);
}

template <typename T>
Result<T> create(Client& client, const T& object)
{
    TRY_ASSIGN(const auto document, client.create(api::kindOf<T>(), toJson(object)));
    return api::fromJson<T>(document);
}

/// Writes the whole object; only for one that was read whole.
template <typename T>
Result<T> update(Client& client, const T& object)
{
    TRY_ASSIGN(const auto document, client.update(api::kindOf<T>(), toJson(object)));
    return api::fromJson<T>(document);
}

/// Writes `status` alone. `Conflict` when metadata.resourceVersion is set and not current.
template <typename T>
Result<Value> updateStatus(Client& client, const T& object)
{
    return client.update(api::kindOf<T>(), toJson(object), "status");
}

/// RFC 7396.
template <typename T>
Result<Value> mergePatch(Client& client, const ObjectKey& key, const Value& patch, std::string_view subresource = {})
{
    return client.patch(api::kindOf<T>(), key, api::PatchType::Merge, patch, subresource);
}

template <typename T>
Result<Done> remove(Client& client, const T& object, DeleteOptions options = {})
{
    if (options.uid.empty())
        options.uid = object.metadata.uid;
    return client.remove(api::kindOf<T>(), {object.metadata.namespace_, object.metadata.name}, options);
}

} // namespace keelson::client
