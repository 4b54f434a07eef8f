// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/catalog.h"
#include "api/patch.h"
#include "api/selector.h"
#include "auth/user.h"
#include "base/clock.h"
#include "client/client.h"
#include "store/store.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace keelson::registry {

using api::Kind;
using api::ObjectKey;
using api::Value;
using client::DeleteOptions;
using store::Revision;

enum class FieldValidation { Ignore, Warn, Strict };

/// How a request came to be allowed, for those who want to know what became of it.
struct RequestStory {
    WallTime received;
    Duration authentication{0};
    std::string credential; ///< "client certificate", "bearer token", "none"
    Duration authorization{0};
    std::string rule;    ///< Which one allowed it, in words.
    std::string traceId; ///< The client's, of W3C Trace Context; mostly empty.
};

/// Who writes, and how.
struct WriteContext {
    /// Asked about each object before it is stored, once it is complete, with what it was before (null: it is created).
    /// Its error ends the write. On the writer's thread; again when the write is planned anew.
    using Approve = std::function<Result<Done>(const Value& object, const Value* before)>;

    auth::User user;
    bool dryRun = false;
    FieldValidation fieldValidation = FieldValidation::Warn;
    std::string fieldManager;      ///< Whose fields they are in metadata.managedFields; empty: "unknown".
    bool force = false;            ///< Server-side apply: take conflicting fields.
    const Kind* version = nullptr; ///< That the client writes in; null: the one that the kind is stored in.
    std::vector<std::string>* warnings = nullptr; ///< Receives texts for Warning headers.
    /// Receives what admission has to say in the audit log, by name. Null: there is none.
    std::map<std::string, std::string>* auditAnnotations = nullptr;
    bool auditsBodies = false; ///< What is written may stand in the audit log: it is no secret.
    /// Members that occurred twice in the body, found by its parser; reported like unknown fields.
    std::vector<std::string> duplicateFields;
    Approve approve;     ///< May be empty.
    bool evicts = false; ///< The deletion is an eviction, about which webhooks and policies have been asked.
    std::shared_ptr<const RequestStory> story; ///< Null for our own parts.
};

/// A write of one object that is asked for, with all it needs.
struct ObjectWrite {
    enum class Verb { Create, Update, Patch };
    Verb verb = Verb::Create;
    WriteContext context;
    const Kind& kind;
    ObjectKey key; ///< For Create the namespace alone.
    std::string subresource;
    Value document;                                   ///< Or the patch,
    api::PatchType patchType = api::PatchType::Merge; ///< of this type.
};

/// An object as it is stored and served: its JSON with resourceVersion, encoded once, and what selectors need.
/// Immutable and shared by the cache, lists and watch streams.
struct StoredObject {
    std::string json;
    Revision revision = 0;
    ObjectKey key;
    std::string uid;
    api::Labels labels;
    std::vector<std::string> fields; ///< Values of kind.fieldSelectors, in that order.
    /// Of custom kinds, where it is not what `json` shows but for the version: what the store keeps.
    std::shared_ptr<const std::string> stored;
    /// `json` is of the version that it was stored in, another than the kind's; a webhook has to convert it.
    bool otherVersion = false;
};
using StoredObjectPtr = std::shared_ptr<const StoredObject>;

struct ListOptions {
    std::string nameSpace; ///< Empty: all.
    api::LabelSelector labels;
    api::FieldSelector fields;
    std::size_t limit = 0;
    std::string continueToken;
    std::string resourceVersion;
    std::string resourceVersionMatch;
};

struct ObjectList {
    std::vector<StoredObjectPtr> objects; ///< By namespace, then name.
    Revision revision = 0;
    std::string continueToken; ///< Empty: complete.
    std::optional<std::int64_t> remaining;
};

struct WatchOptions {
    std::string nameSpace;
    api::LabelSelector labels;
    api::FieldSelector fields;
    Revision after = 0;   ///< 0: begin with synthetic Added events of the present state.
    bool fromNow = false; ///< With `after` 0: begin with what comes, without the present state.
    /// Streaming list: the present state, at least as new as `after`; then, with `bookmarks`, a bookmark annotated
    /// k8s.io/initial-events-end.
    bool sendInitialEvents = false;
    bool bookmarks = false;
};

struct WatchEvent {
    client::WatchEvent::Type type;
    StoredObjectPtr object; ///< Null for a bookmark.
    Revision revision = 0;
    bool initialEventsEnd = false;
    const StoredObjectPtr* before = nullptr; ///< What it was before a change, during the call; null where unknown.
};

/// Receives the events of a watch in order. Runs on the cache's thread: must not block, must not call the registry.
class WatchSink {
public:
    virtual ~WatchSink() = default;
    /// False: the sink is full or gone; the watch ends with `Expired` and `ended` is called.
    virtual bool event(const WatchEvent& event) = 0;
    virtual void ended(const Error& error) = 0;
};

/// What a verb means: create, update, patch and delete a kind, with admission and subresources, on top of a store, with
/// reads from the watch cache. Knows nothing of HTTP and does not authorize (the caller does, before).
///
/// Kinds may be of any version that is served (`Kind::storedAs`): documents go in and come out in that version. Of
/// those that `api::isShownConverted` names, reads take longer, and block when their conversion does.
///
/// Threads: any thread. Reads never block on writes; writes block until the commit is durable, but for `submit`.
/// Errors carry group, resource and name, so that the API server can fill `Status.details`.
class Registry {
public:
    virtual ~Registry() = default;

    /// The kinds as they are now; custom kinds come and go. Whoever works with a kind holds on to its catalog.
    virtual std::shared_ptr<const api::Catalog> catalog() const = 0;
    /// True once the caches show the store's state at start.
    virtual bool ready() const = 0;

    virtual Result<StoredObjectPtr> get(const Kind& kind, const ObjectKey& key) = 0;
    /// Whether reads show a state at least as new as `resourceVersion` (empty or "0": any). `Timeout` when they do not,
    /// `BadRequest` when it is no version.
    virtual Result<Done> reached(std::string_view resourceVersion) = 0;
    /// `Invalid` for options that exclude one another; `Expired` when the state asked for is no longer kept.
    virtual Result<ObjectList> list(const Kind& kind, const ListOptions& options) = 0;
    /// For who was told that a continue token has expired: goes on from the same place in the present state. Empty when
    /// the token is none of ours.
    virtual std::string inconsistentContinue(const std::string& continueToken) const = 0;
    virtual Result<std::unique_ptr<client::Watch>> watch(const Kind& kind, const WatchOptions& options,
                                                         std::shared_ptr<WatchSink> sink) = 0;

    Result<StoredObjectPtr> create(const WriteContext& context, const Kind& kind, const std::string& nameSpace,
                                   Value object)
    {
        std::vector<Value> one;
        one.push_back(std::move(object));
        return std::move(createEach(context, kind, nameSpace, std::move(one)).front());
    }
    /// Independent creates that share disk transactions. `nameSpace` empty: each object's own.
    virtual std::vector<Result<StoredObjectPtr>> createEach(const WriteContext& context, const Kind& kind,
                                                            const std::string& nameSpace,
                                                            std::vector<Value> objects) = 0;
    /// `subresource`: "", "status", or a name from the kind (scale gives and takes autoscaling/v1 Scale documents).
    virtual Result<StoredObjectPtr> update(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                           std::string_view subresource, Value object) = 0;
    /// Retries by itself on a concurrent write, unless the patch names a resourceVersion. A patch of the type Apply is
    /// a configuration (server-side apply): it creates the object that does not exist, and is refused with `Conflict`
    /// and a cause FieldManagerConflict for each field that another manager set to something else.
    virtual Result<StoredObjectPtr> patch(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                          std::string_view subresource, api::PatchType type, const Value& patch) = 0;
    using Answer = std::move_only_function<void(Result<StoredObjectPtr> written)>;
    /// `create`, `update` or `patch` for who does not wait for the commit: it is planned inside the call, which blocks
    /// when webhooks have to be asked. `answer` is called once: inside the call, or on a thread on which others'
    /// commits wait meanwhile, so it must not block. What the write refers to lives until then.
    virtual void submit(ObjectWrite write, Answer answer) = 0;
    struct Removed {
        StoredObjectPtr object; ///< The last state, or the state that waits for its finalizers or its grace period.
        bool gone = false;      ///< Removed at once.
    };
    virtual Result<Removed> remove(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                   const DeleteOptions& options) = 0;
    virtual Result<ObjectList> removeCollection(const WriteContext& context, const Kind& kind, const ListOptions& which,
                                                const DeleteOptions& options) = 0;

    /// autoscaling/v1 Scale of an object, for kinds with that subresource.
    virtual Result<Value> scale(const Kind& kind, const ObjectKey& key) = 0;
    virtual Result<Value> updateScale(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                      Value scale) = 0;
    virtual Result<Value> patchScale(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                     api::PatchType type, const Value& patch) = 0;
    /// Whether there are webhooks or policies at all that a connection has to wait for.
    virtual bool asksAboutConnections() const = 0;
    /// Asks webhooks and policies about a connection: exec, attach, portforward, proxy. `options`: what the request
    /// asks for (PodExecOptions and the like).
    virtual Result<Done> admitConnection(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                         std::string_view subresource, Value options) = 0;
    /// How a pod is deleted, read from its Eviction.
    using EvictionOptions = std::function<Result<DeleteOptions>(const Value& eviction)>;
    /// POST pods/NAME/eviction: removes the pod once admission has seen the Eviction. `options`: asked about the
    /// Eviction as admission left it; empty: the pod's own.
    virtual Result<Removed> evict(const WriteContext& context, const ObjectKey& pod, Value eviction,
                                  const EvictionOptions& options) = 0;
    /// POST pods/NAME/binding; independent, sharing disk transactions.
    virtual std::vector<Result<Done>> bindEach(const WriteContext& context,
                                               std::vector<client::Client::Binding> bindings) = 0;
    virtual std::vector<Result<StoredObjectPtr>> updateStatusEach(const WriteContext& context, const Kind& kind,
                                                                  std::vector<Value> objects) = 0;
};

} // namespace keelson::registry
