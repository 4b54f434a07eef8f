// SPDX-License-Identifier: Apache-2.0
#include "controllers/deployment_controller.h"

#include "client/event_recorder.h"
#include "client/typed.h"
#include "controllers/deployment_plan.h"
#include "controllers/ownership.h"
#include "controllers/pod_state.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace keelson::controllers {
namespace {

using client::EventType;

class DeploymentController : public KeyedController {
public:
    explicit DeploymentController(const Context& context)
        : KeyedController(context, "deployment",
                          {&context.informers.informer<api::Deployment>(),
                           &context.informers.informer<api::ReplicaSet>(), &context.informers.informer<api::Pod>()}),
          m_client(context.clientOf("deployment-controller")),
          m_deployments(context.informers.informer<api::Deployment>()),
          m_sets(context.informers.informer<api::ReplicaSet>()),
          m_pods(context.informers.informer<api::Pod>()),
          m_events(m_client, context.loop, context.executor, "deployment-controller")
    {
        m_deployments.onChange(
            [this](const auto& before, const auto& now) { m_runner.add(keyOf(now ? *now : *before)); });
        m_sets.onChange([this](const auto& before, const auto& now) {
            addOwner(before);
            addOwner(now);
            if (now && controllerOf(now->metadata) == nullptr)
                addSelecting(*now);
        });
        m_pods.onChange([this](const auto& before, const auto& now) {
            if (before && (!now || isFinished(*now)))
                podEnded(*before); // Recreate waits for the last one
        });
    }

    void stop() override
    {
        KeyedController::stop();
        m_events.stop();
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto deployment = m_deployments.find(key);
        if (!deployment)
            return Done{}; // Deleted meanwhile: the garbage collector takes the sets.
        TRY_ASSIGN(const auto sets, claimSets(*deployment, pass));
        TRY_ASSIGN(auto plan, planDeployment({.deployment = *deployment,
                                              .sets = sets,
                                              .oldPodsRunning = oldPodsRunning(*deployment, sets),
                                              .now = clock().wall()}));
        if (plan.lookAgain)
            pass.lookAgainAfter(*plan.lookAgain);
        if (const auto why = describe(plan); !why.empty())
            pass.does({.subject = subjectOf(*deployment), .why = why, .related = {}});
        TRY_OK(carryOut(*deployment, plan, pass));
        if (!(plan.status == deployment->status)) {
            TRY_ASSIGN(const auto written,
                       m_client.update(m_deployments.kind(), statusDocument(*deployment, plan.status), "status"));
            pass.wrote(m_deployments, written);
        }
        return Done{};
    }

private:
    /// What the plan changes, in a sentence; empty: nothing.
    static std::string describe(const DeploymentPlan& plan)
    {
        std::vector<std::string> parts;
        if (plan.create) {
            const auto pods = plan.create->spec.replicas.value_or(1);
            parts.push_back(fmt::format("no ReplicaSet has this template: creates {} with {} {}",
                                        plan.create->metadata.name, pods, pods == 1 ? "pod" : "pods"));
        }
        for (const auto& change : plan.change) {
            if (const auto before = change.set->spec.replicas.value_or(1); before != change.replicas)
                parts.push_back(
                    fmt::format("scales {} from {} to {}", change.set->metadata.name, before, change.replicas));
        }
        for (const auto& set : plan.remove)
            parts.push_back(fmt::format("deletes {}, which is older than the history kept", set->metadata.name));
        return fmt::format("{}", fmt::join(parts, "; "));
    }

    void addOwner(const api::ReplicaSetPtr& set)
    {
        const auto* owner = set ? controllerOf(set->metadata) : nullptr;
        if (owner != nullptr && owner->kind == api::Deployment::kindName)
            m_runner.add({set->metadata.namespace_, owner->name});
    }

    void addSelecting(const api::ReplicaSet& set)
    {
        for (const auto& deployment : m_deployments.inNamespace(set.metadata.namespace_)) {
            const auto selector = selectorFrom(deployment->spec.selector);
            if (selector && selector->matches(set.metadata.labels))
                m_runner.add(keyOf(*deployment));
        }
    }

    void podEnded(const api::Pod& pod)
    {
        const auto* owner = controllerOf(pod.metadata);
        if (owner != nullptr && owner->kind == api::ReplicaSet::kindName)
            addOwner(m_sets.find({pod.metadata.namespace_, owner->name}));
    }

    Result<std::vector<api::ReplicaSetPtr>> claimSets(const api::Deployment& deployment, Pass& pass)
    {
        TRY_ASSIGN(const auto selector, selectorFrom(deployment.spec.selector));
        auto claim = planClaim(deployment.metadata, selector, m_sets.inNamespace(deployment.metadata.namespace_));
        if (!claim.adopt.empty()) {
            TRY_ASSIGN(const auto fresh, client::get<api::Deployment>(m_client, keyOf(deployment)));
            if (fresh.metadata.uid != deployment.metadata.uid || fresh.metadata.deletionTimestamp)
                return fail(Reason::Conflict, "the Deployment is being deleted or was replaced");
        }
        for (const auto& set : claim.adopt) {
            const auto patch = adoptionPatch(set->metadata, controllerReferenceTo(deployment));
            TRY_ASSIGN(const auto written, client::mergePatch<api::ReplicaSet>(m_client, keyOf(*set), patch));
            pass.wrote(m_sets, written);
        }
        for (const auto& set : claim.release) {
            const auto patch = releasePatch(set->metadata, deployment.metadata.uid);
            TRY_ASSIGN(const auto written, client::mergePatch<api::ReplicaSet>(m_client, keyOf(*set), patch));
            pass.wrote(m_sets, written);
        }
        if (!claim.adopt.empty())
            return fail(Reason::Conflict, "ReplicaSets were adopted; the next pass sees them as they are now");
        return std::move(claim.owned);
    }

    bool oldPodsRunning(const api::Deployment& deployment, const std::vector<api::ReplicaSetPtr>& sets) const
    {
        if (deployment.spec.strategy.type != "Recreate")
            return false;
        const auto newSet = findNewReplicaSet(deployment, sets);
        return std::ranges::any_of(sets, [&](const auto& set) {
            if (set == newSet)
                return false;
            const auto pods = m_pods.ownedBy(set->metadata.uid);
            return std::ranges::any_of(pods, [](const auto& pod) { return !isFinished(*pod); });
        });
    }

    Result<Done> carryOut(const api::Deployment& deployment, DeploymentPlan& plan, Pass& pass)
    {
        if (plan.create)
            TRY_OK(createSet(deployment, plan, pass));
        for (const auto& change : plan.change)
            TRY_OK(changeSet(deployment, change, pass));
        for (const auto& set : plan.remove) {
            auto removed = client::remove(m_client, *set);
            if (!removed && removed.error().reason != Reason::NotFound)
                return fail(removed.error());
            pass.removed(m_sets, keyOf(*set), set->metadata.uid);
        }
        if (plan.revision.empty())
            return Done{};
        // Not a patch: Kubernetes' role for this controller has update, not patch, on Deployments.
        TRY_ASSIGN(auto fresh, m_client.get(m_deployments.kind(), keyOf(deployment)));
        api::objectAt(fresh, {"metadata", "annotations"})[revisionAnnotation] = plan.revision;
        TRY_ASSIGN(const auto written, m_client.update(m_deployments.kind(), std::move(fresh)));
        pass.wrote(m_deployments, written);
        return Done{};
    }

    Result<Done> createSet(const api::Deployment& deployment, DeploymentPlan& plan, Pass& pass)
    {
        const auto& set = *plan.create;
        const auto created = m_client.create(m_sets.kind(), toJson(set));
        if (created) {
            pass.wrote(m_sets, *created);
            if (const auto replicas = set.spec.replicas.value_or(1); replicas > 0)
                m_events.record(deployment, EventType::Normal, "ScalingReplicaSet",
                                fmt::format("Scaled up replica set {} from 0 to {}", set.metadata.name, replicas));
            return Done{};
        }
        if (created.error().reason != Reason::AlreadyExists)
            return fail(created.error());
        TRY_ASSIGN(const auto other, client::get<api::ReplicaSet>(m_client, keyOf(set)));
        const auto* owner = controllerOf(other.metadata);
        const auto shared = std::make_shared<const api::ReplicaSet>(other);
        if (owner != nullptr && owner->uid == deployment.metadata.uid &&
            findNewReplicaSet(deployment, std::span(&shared, 1)))
            return fail(Reason::Conflict, "the ReplicaSet is there already; waiting to see it");
        // Another set has this name: the next hash is another one.
        plan.status.collisionCount = deployment.status.collisionCount.value_or(0) + 1;
        TRY_ASSIGN(const auto written,
                   m_client.update(m_deployments.kind(), statusDocument(deployment, plan.status), "status"));
        pass.wrote(m_deployments, written);
        return fail(Reason::Conflict, "the ReplicaSet's name is taken; trying the next one");
    }

    Result<Done> changeSet(const api::Deployment& deployment, const ReplicaSetChange& change, Pass& pass)
    {
        const auto& set = *change.set;
        api::Object annotations;
        for (const auto& [name, value] : change.annotations)
            annotations.emplace(name, value);
        const Value patch = api::Object{{"metadata", api::Object{{"uid", set.metadata.uid},
                                                                 {"resourceVersion", set.metadata.resourceVersion},
                                                                 {"annotations", std::move(annotations)}}},
                                        {"spec", api::Object{{"replicas", change.replicas}}}};
        TRY_ASSIGN(const auto written, client::mergePatch<api::ReplicaSet>(m_client, keyOf(set), patch));
        pass.wrote(m_sets, written);
        const auto before = set.spec.replicas.value_or(1);
        if (change.replicas != before)
            m_events.record(deployment, EventType::Normal, "ScalingReplicaSet",
                            fmt::format("Scaled {} replica set {} from {} to {}",
                                        change.replicas > before ? "up" : "down", set.metadata.name, before,
                                        change.replicas));
        return Done{};
    }

    client::Client& m_client;
    client::Informer<api::Deployment>& m_deployments;
    client::Informer<api::ReplicaSet>& m_sets;
    client::Informer<api::Pod>& m_pods;
    client::EventRecorder m_events;
};

} // namespace

std::unique_ptr<Controller> makeDeploymentController(const Context& context)
{
    return std::make_unique<DeploymentController>(context);
}

} // namespace keelson::controllers
