// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/catalog.h"
#include "api/patch.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace keelson::client {

using api::Kind;
using api::ObjectKey;
using api::Value;

enum class Propagation { Default, Orphan, Background, Foreground };

struct DeleteOptions {
    std::optional<std::int64_t> gracePeriodSeconds; ///< Empty: the object's own.
    Propagation propagation = Propagation::Default;
    std::string uid;             ///< Precondition; empty: any.
    std::string resourceVersion; ///< Precondition; empty: any.
};

struct ListOptions {
    std::string nameSpace; ///< Empty: all namespaces.
    std::string labelSelector;
    std::string fieldSelector;
};

/// Objects as the server encodes them: JSON text, shared, immutable.
using Encoded = std::shared_ptr<const std::string>;

struct List {
    std::vector<Encoded> objects;
    std::string resourceVersion; ///< To watch from.
};

struct WatchEvent {
    enum class Type { Added, Modified, Deleted, Bookmark };
    Type type = Type::Added;
    Encoded object;              ///< For Deleted: the last state. For Bookmark: null.
    std::string resourceVersion; ///< Of the event.
};

class DecodedObjects;

/// Ends the watch when destroyed; the handler does not run after that. Not to be destroyed inside the handler.
class Watch {
public:
    virtual ~Watch() = default;
};

/// How the control plane's own parts see the cluster: the same verbs, rights and refusals as over HTTPS, without the
/// wire.
///
/// Each client acts for one identity, which RBAC holds to its role. Threads: any thread; calls block until the write is
/// durable. Errors: as the API server's `Status`, among them `Conflict`, `NotFound`, `AlreadyExists`, `Forbidden`,
/// `Invalid`.
class Client {
public:
    virtual ~Client() = default;

    /// What informers over the same server share; null: each decodes for itself. Outlives the client's informers.
    virtual DecodedObjects* decodedObjects() { return nullptr; }

    /// The kinds that the server serves now. Whoever works with a custom kind holds on to its catalog.
    virtual std::shared_ptr<const api::Catalog> catalog() = 0;

    virtual Result<Value> get(const Kind& kind, const ObjectKey& key) = 0;
    virtual Result<List> list(const Kind& kind, const ListOptions& options) = 0;

    /// Starts behind `resourceVersion`. `handler` runs on a thread of the server and must not block or call back: post
    /// to your loop. `ended` runs once when the server ends the watch: list again and watch anew. `Expired` when the
    /// version is too old.
    virtual Result<std::unique_ptr<Watch>> watch(const Kind& kind, const ListOptions& options,
                                                 std::string_view resourceVersion,
                                                 std::function<void(WatchEvent)> handler,
                                                 std::function<void(Error)> ended) = 0;

    /// The object's own namespace and name (or generateName) say where. Returns what was stored.
    Result<Value> create(const Kind& kind, Value object)
    {
        std::vector<Value> one;
        one.push_back(std::move(object));
        return std::move(createEach(kind, std::move(one)).front());
    }
    /// Independent creates that share disk transactions; a result for each.
    virtual std::vector<Result<Value>> createEach(const Kind& kind, std::vector<Value> objects) = 0;
    /// `subresource`: "", "status" or "scale". `Conflict` when metadata.resourceVersion is set and not current.
    virtual Result<Value> update(const Kind& kind, Value object, std::string_view subresource = {}) = 0;
    virtual Result<Value> patch(const Kind& kind, const ObjectKey& key, api::PatchType type, const Value& patch,
                                std::string_view subresource = {}) = 0;
    virtual Result<Done> remove(const Kind& kind, const ObjectKey& key, const DeleteOptions& options = {}) = 0;

    struct Binding {
        ObjectKey pod;
        std::string uid; ///< Of the pod that was looked at; refused with `Conflict` when it is another.
        std::string node;
    };
    /// POST pods/NAME/binding for each, sharing disk transactions.
    virtual std::vector<Result<Done>> bindEach(std::vector<Binding> bindings) = 0;
    /// Status writes that share disk transactions: whole objects, of which only `status` counts. No version check where
    /// metadata.resourceVersion is absent.
    virtual std::vector<Result<Value>> updateStatusEach(const Kind& kind, std::vector<Value> objects) = 0;
};

} // namespace keelson::client
