// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/admission.h"
#include "registry/make_registry.h"
#include "registry/past_states.h"
#include "registry/quota_ledger.h"
#include "registry/service_addresses.h"
#include "registry/watch_cache.h"
#include "registry/webhook_client.h"

namespace keelson::registry {

/// The registry over a `Store`. Reads come from the watch cache; a write is planned on the cache's state, committed
/// under the expectation that this is still the store's, and planned anew when it is not.
class StoreRegistry : public Registry {
public:
    StoreRegistry(store::Store& store, const api::Catalog& catalog, const Clock& clock, Random& random,
                  AddressRange services, const RegistryOptions& options);
    /// Fills the cache; call once, before anything else.
    Result<Done> start();

    std::shared_ptr<const api::Catalog> catalog() const override { return m_cache->catalog(); }
    bool ready() const override { return m_cache != nullptr; }

    Result<StoredObjectPtr> get(const Kind& kind, const ObjectKey& key) override;
    Result<Done> reached(std::string_view resourceVersion) override;
    Result<ObjectList> list(const Kind& kind, const ListOptions& options) override;
    std::string inconsistentContinue(const std::string& continueToken) const override;
    Result<std::unique_ptr<client::Watch>> watch(const Kind& kind, const WatchOptions& options,
                                                 std::shared_ptr<WatchSink> sink) override;

    std::vector<Result<StoredObjectPtr>> createEach(const WriteContext& context, const Kind& kind,
                                                    const std::string& nameSpace, std::vector<Value> objects) override;
    Result<StoredObjectPtr> update(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                   std::string_view subresource, Value object) override;
    Result<StoredObjectPtr> patch(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                  std::string_view subresource, api::PatchType type, const Value& patch) override;
    void submit(ObjectWrite write, Answer answer) override;
    Result<Removed> remove(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                           const DeleteOptions& options) override;
    Result<ObjectList> removeCollection(const WriteContext& context, const Kind& kind, const ListOptions& which,
                                        const DeleteOptions& options) override;
    Result<Value> scale(const Kind& kind, const ObjectKey& key) override;
    Result<Value> updateScale(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                              Value scale) override;
    Result<Value> patchScale(const WriteContext& context, const Kind& kind, const ObjectKey& key, api::PatchType type,
                             const Value& patch) override;
    bool asksAboutConnections() const override;
    Result<Done> admitConnection(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                 std::string_view subresource, Value options) override;
    Result<Removed> evict(const WriteContext& context, const ObjectKey& pod, Value eviction,
                          const EvictionOptions& options) override;
    std::vector<Result<Done>> bindEach(const WriteContext& context,
                                       std::vector<client::Client::Binding> bindings) override;
    std::vector<Result<StoredObjectPtr>> updateStatusEach(const WriteContext& context, const Kind& kind,
                                                          std::vector<Value> objects) override;

private:
    /// A planned write of one object.
    struct Change {
        enum class Effect { Nothing, Put, Remove };
        Effect effect = Effect::Nothing;
        std::shared_ptr<const KindCache> cache;
        /// Of a custom kind the version that the client writes in, otherwise that of the cache. From the commit on the
        /// object is of that of the cache.
        std::shared_ptr<const Kind> kind;
        ObjectKey key;
        Value object;              ///< For Put: what is to be stored.
        bool isUpdate = false;     ///< Its writer wants to see `object`, even where it takes the object away.
        std::string managedFields; ///< Of it, as text.
        StoredObjectPtr before;    ///< Null: created.
        std::string storeKey;
        std::string stored;
        std::vector<store::Expectation> expectations; ///< Besides that on the object itself.
        std::vector<std::shared_ptr<void>> holds;
        std::vector<Cause> refusals; ///< Of admission.
        // For the observer.
        std::string subresource;
        std::vector<Mutation> mutations;
        SteadyTime planned;
        Duration admission{0};
    };
    struct Written {
        Result<StoredObjectPtr> object;
        bool removed = false;
    };
    /// What is there before an update.
    struct Present {
        std::shared_ptr<const Kind> kind;
        std::shared_ptr<KindCache> cache;
        StoredObjectPtr object;
        Value document;                 ///< As one of the kind, without resourceVersion and managedFields.
        std::string_view managedFields; ///< Their text, in `object`.
    };
    /// What decides the managedFields of a write.
    struct Tracking {
        std::string subresource;            ///< As they name it.
        Value sent;                         ///< Their list as the client sent it; null: it did not.
        std::optional<std::string> decided; ///< Of an apply: their text.
    };
    using Plan = std::function<Result<Change>(std::size_t index)>;
    /// Independent writes on their way through planning and commits.
    struct Batch {
        Batch(const WriteContext& context, std::size_t count, const Plan& plan, SteadyTime began);

        const WriteContext& context;
        const Plan& plan;
        const SteadyTime began;
        std::vector<std::optional<Written>> results;
        std::vector<std::size_t> open;                       ///< To be planned.
        std::vector<std::pair<std::size_t, Change>> changes; ///< Planned; then those that met another write.
        SteadyTime submitted;
    };
    struct Submitted;

    Result<WatchCache::Present> resourceOf(const Kind& kind) const;
    Result<Present> present(const Kind& kind, const ObjectKey& key) const;
    using AdmissionPhase = Result<Done> (AdmissionStep::*)(Admission&) const;
    Result<Done> admit(Change& change, const WriteContext& context, AdmissionPhase phase, Verb verb,
                       std::string_view subresource, const Value* before);
    /// Asks webhooks and policies about a request on a subresource with a kind of its own; webhooks may change `sent`.
    Result<Done> admitSent(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                           std::string_view subresource, Verb verb, Value& sent) const;
    Result<Done> admitBinding(const WriteContext& context, const Kind& pods, client::Client::Binding& binding) const;
    /// Defaults, managed fields, admission, validation and normal form. `before` null: it is created.
    Result<Done> complete(Change& change, const WriteContext& context, std::string_view subresource,
                          const Present* before, const Tracking& tracking);
    Result<Done> track(Change& change, const WriteContext& context, const Present* before,
                       const Tracking& tracking) const;
    Result<Change> planCreate(const WriteContext& context, const Kind& kind, const std::string& nameSpace, Value object,
                              Tracking tracking = {});
    Result<Change> planUpdate(const WriteContext& context, const Present& before, std::string_view subresource,
                              Value object, Tracking tracking);
    Result<Change> planPatch(const WriteContext& context, const Present& before, std::string_view subresource,
                             api::PatchType type, const Value& patch);
    Result<Change> planApply(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                             std::string_view subresource, const Value& configuration);
    /// The plans of whole requests; what they are given outlives them.
    Result<Change> planNamed(const WriteContext& context, const Kind& kind, const std::string& nameSpace,
                             const Value& object);
    Plan updatePlan(const WriteContext& context, const Kind& kind, const ObjectKey& key, std::string_view subresource,
                    const Value& object);
    Result<Plan> patchPlan(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                           std::string_view subresource, api::PatchType type, const Value& patch);
    Result<Plan> applyPlan(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                           std::string_view subresource, const Value& configuration);
    Result<Plan> planOf(const ObjectWrite& write);
    Result<Change> planRemove(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                              const DeleteOptions& options);
    Result<Change> planBinding(const WriteContext& context, const Kind& pods, const client::Client::Binding& binding);
    Result<Change> planScale(const WriteContext& context, const Kind& kind, const Present& before, Value scale);
    static Result<Value> scaleIn(const Kind& kind, const StoredObject& object);
    Result<Value> writeScale(const WriteContext& context, const Kind& kind, const Plan& plan);

    /// Plans and commits `count` independent writes, those that met another write again.
    std::vector<Written> writeEach(const WriteContext& context, std::size_t count, const Plan& plan);
    void tell(const WriteContext& context, const Change& change, const StoredObjectPtr& object,
              SteadyTime submitted) const;
    Result<Done> admitBy(const AdmissionStep& step, Change& change, Admission& admission, AdmissionPhase phase,
                         std::optional<Value>& known) const;
    Written write(const WriteContext& context, const Plan& plan);
    /// The three steps of a batch, again and again until nothing is open. False: nothing is left to be committed.
    bool planOpen(Batch& batch);
    std::vector<store::Transaction> transactionsOf(Batch& batch);
    void settle(Batch& batch, std::vector<Result<Revision>> committed);
    std::optional<Written> planOne(Batch& batch, std::size_t index);
    static std::vector<Written> resultsOf(Batch& batch);
    void carryOn(const std::shared_ptr<Submitted>& submitted);
    static Result<Done> store(Change& change);
    Result<StoredObjectPtr> shown(const Change& change, Revision revision) const;

    Result<ObjectTree> stateOf(KindCache& cache, const ListOptions& options, Revision& revision);
    Result<ObjectTree> continuedState(KindCache& cache, Revision from, Revision& revision);
    Result<ObjectTree> pastState(KindCache& cache, Revision revision);

    store::Store& m_store;
    const api::Catalog& m_catalog; ///< The built-in kinds.
    const Clock& m_clock;
    Random& m_random;
    const Kind& m_services;
    const auth::RbacAuthorizer* m_roles;
    const auth::Authorizer* const m_authorizer;
    const podsecurity::Configuration m_podSecurity;
    WriteObserver* const m_observer;
    const HttpsPoster m_post;
    Executor* const m_executor;
    std::unique_ptr<WebhookClient> m_webhooks;
    ServiceAddresses m_addresses;
    QuotaLedger m_quotas;
    PastStates m_past;
    std::vector<std::unique_ptr<AdmissionStep>> m_admission; ///< In their order; fixed after `start`.
    std::unique_ptr<AdmissionStep> m_addressing;             ///< Behind them, once.
    std::unique_ptr<WatchCache> m_cache;                     ///< Ends first: its watch calls back.
};

} // namespace keelson::registry
