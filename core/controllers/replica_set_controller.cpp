// SPDX-License-Identifier: Apache-2.0
#include "controllers/replica_set_controller.h"

#include "client/event_recorder.h"
#include "client/typed.h"
#include "controllers/ownership.h"
#include "controllers/replica_set_plan.h"

#include <algorithm>

namespace keelson::controllers {
namespace {

using client::EventType;

class ReplicaSetController : public KeyedController {
public:
    explicit ReplicaSetController(const Context& context)
        : KeyedController(context, "replicaset",
                          {&context.informers.informer<api::ReplicaSet>(), &context.informers.informer<api::Pod>()}),
          m_client(context.clientOf("replicaset-controller")),
          m_sets(context.informers.informer<api::ReplicaSet>()),
          m_pods(context.informers.informer<api::Pod>()),
          m_events(m_client, context.loop, context.executor, "replicaset-controller")
    {
        m_orphans = m_pods.addIndex([](const api::Pod& pod) {
            return controllerOf(pod.metadata) == nullptr ? std::vector{pod.metadata.namespace_}
                                                         : std::vector<std::string>{};
        });
        m_sets.onChange([this](const auto& before, const auto& now) { m_runner.add(keyOf(now ? *now : *before)); });
        m_pods.onChange([this](const auto& before, const auto& now) { podChanged(before, now); });
    }

    void stop() override
    {
        KeyedController::stop();
        m_events.stop();
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto set = m_sets.find(key);
        if (!set)
            return Done{}; // Deleted meanwhile: the garbage collector takes the pods.
        TRY_ASSIGN(const auto owned, claimPods(*set, pass));
        auto plan = planReplicaSet(*set, owned, clock().wall());
        tell(*set, owned.size(), plan, pass);
        Result<Done> carried = Done{};
        if (plan.create > 0)
            carried = createPods(*set, plan.create, pass);
        else if (!plan.remove.empty())
            carried = removePods(*set, plan.remove, pass);
        noteFailure(plan, carried);
        if (plan.lookAgain)
            pass.lookAgainAfter(*plan.lookAgain);
        if (!(plan.status == set->status)) {
            TRY_ASSIGN(const auto written, m_client.update(m_sets.kind(), statusDocument(*set, plan.status), "status"));
            pass.wrote(m_sets, written);
        }
        return carried;
    }

private:
    void podChanged(const api::PodPtr& before, const api::PodPtr& now)
    {
        const auto addOwner = [this](const api::PodPtr& pod) {
            if (!pod)
                return;
            const auto* owner = controllerOf(pod->metadata);
            if (owner != nullptr && owner->kind == api::ReplicaSet::kindName)
                m_runner.add({pod->metadata.namespace_, owner->name});
        };
        addOwner(before);
        addOwner(now);
        if (!now || controllerOf(now->metadata) != nullptr)
            return;
        for (const auto& set : m_sets.inNamespace(now->metadata.namespace_)) {
            const auto selector = selectorFrom(set->spec.selector);
            if (selector && selector->matches(now->metadata.labels))
                m_runner.add(keyOf(*set));
        }
    }

    static void tell(const api::ReplicaSet& set, std::size_t owned, const ReplicaSetPlan& plan, Pass& pass)
    {
        if (plan.create == 0 && plan.remove.empty())
            return;
        const auto act =
            plan.create > 0 ? fmt::format("creates {}", plan.create) : fmt::format("deletes {}", plan.remove.size());
        const auto wanted = set.spec.replicas.value_or(1);
        pass.does({.subject = subjectOf(set),
                   .why = fmt::format("{} {} wanted, {} {} there: {}", wanted, wanted == 1 ? "pod is" : "pods are",
                                      owned, owned == 1 ? "is" : "are", act),
                   .related = {}});
    }

    Result<std::vector<api::PodPtr>> claimPods(const api::ReplicaSet& set, Pass& pass)
    {
        TRY_ASSIGN(const auto selector, selectorFrom(set.spec.selector));
        auto candidates = m_pods.ownedBy(set.metadata.uid);
        std::ranges::move(m_pods.select(m_orphans, set.metadata.namespace_), std::back_inserter(candidates));
        auto claim = planClaim(set.metadata, selector, candidates);
        if (!claim.adopt.empty()) {
            // The copy may be older than a deletion of the set: ask once more before taking pods.
            TRY_ASSIGN(const auto fresh, client::get<api::ReplicaSet>(m_client, keyOf(set)));
            if (fresh.metadata.uid != set.metadata.uid || fresh.metadata.deletionTimestamp)
                return fail(Reason::Conflict, "the ReplicaSet is being deleted or was replaced");
        }
        for (const auto& pod : claim.adopt) {
            const auto patch = adoptionPatch(pod->metadata, controllerReferenceTo(set));
            TRY_ASSIGN(const auto written, client::mergePatch<api::Pod>(m_client, keyOf(*pod), patch));
            pass.wrote(m_pods, written);
            claim.owned.push_back(pod);
        }
        for (const auto& pod : claim.release) {
            const auto patch = releasePatch(pod->metadata, set.metadata.uid);
            TRY_ASSIGN(const auto written, client::mergePatch<api::Pod>(m_client, keyOf(*pod), patch));
            pass.wrote(m_pods, written);
        }
        return std::move(claim.owned);
    }

    /// In batches that double, so that a refusal that meets every pod is met by few.
    Result<Done> createPods(const api::ReplicaSet& set, int count, Pass& pass)
    {
        const auto document = toJson(podFor(set));
        for (int batch = 1; count > 0; batch *= 2) {
            batch = std::min(batch, count);
            const auto results =
                m_client.createEach(m_pods.kind(), std::vector<Value>(static_cast<std::size_t>(batch), document));
            const Error* failed = nullptr;
            for (const auto& result : results) {
                if (result) {
                    pass.wrote(m_pods, *result);
                    m_events.record(set, EventType::Normal, "SuccessfulCreate",
                                    fmt::format("Created pod: {}", api::stringAt(*result, {"metadata", "name"})));
                } else {
                    failed = &result.error();
                }
            }
            if (failed != nullptr) {
                m_events.record(set, EventType::Warning, "FailedCreate", "Error creating: " + failed->message);
                return fail(*failed);
            }
            count -= batch;
        }
        return Done{};
    }

    Result<Done> removePods(const api::ReplicaSet& set, const std::vector<api::PodPtr>& pods, Pass& pass)
    {
        Result<Done> all = Done{};
        for (const auto& pod : pods) {
            auto removed = client::remove(m_client, *pod);
            if (removed)
                m_events.record(set, EventType::Normal, "SuccessfulDelete", "Deleted pod: " + pod->metadata.name);
            if (removed || removed.error().reason == Reason::NotFound) {
                pass.removed(m_pods, keyOf(*pod), pod->metadata.uid);
                continue;
            }
            m_events.record(set, EventType::Warning, "FailedDelete", "Error deleting: " + removed.error().message);
            all = std::move(removed);
        }
        return all;
    }

    void noteFailure(ReplicaSetPlan& plan, const Result<Done>& carried) const
    {
        auto& conditions = plan.status.conditions;
        const auto found = std::ranges::find(conditions, "ReplicaFailure", &api::ReplicaSetCondition::type);
        if (carried) {
            if (found != conditions.end())
                conditions.erase(found);
            return;
        }
        if (found != conditions.end())
            return; // the first failure stays
        api::ReplicaSetCondition condition;
        condition.type = "ReplicaFailure";
        condition.status = "True";
        condition.reason = plan.create > 0 ? "FailedCreate" : "FailedDelete";
        condition.message = carried.error().message;
        condition.lastTransitionTime = std::chrono::floor<std::chrono::seconds>(clock().wall());
        conditions.push_back(std::move(condition));
    }

    client::Client& m_client;
    client::Informer<api::ReplicaSet>& m_sets;
    client::Informer<api::Pod>& m_pods;
    client::EventRecorder m_events;
    client::InformerBase::IndexId m_orphans = 0; ///< Pods without a controller, by namespace.
};

} // namespace

std::unique_ptr<Controller> makeReplicaSetController(const Context& context)
{
    return std::make_unique<ReplicaSetController>(context);
}

} // namespace keelson::controllers
