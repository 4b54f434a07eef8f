// SPDX-License-Identifier: Apache-2.0
#include "controllers/deployment_plan.h"

#include "controllers/deployment_status.h"
#include "controllers/ownership.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace keelson::controllers {
namespace {

using Annotations = std::map<std::string, std::string, std::less<>>;

std::int64_t integerFrom(const Annotations& annotations, std::string_view name, std::int64_t otherwise)
{
    const auto found = annotations.find(name);
    if (found == annotations.end())
        return otherwise;
    std::int64_t value = otherwise;
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
    return value;
}

std::int64_t revisionOf(const api::ReplicaSet& set)
{
    return integerFrom(set.metadata.annotations, revisionAnnotation, 0);
}

std::int32_t sizeOf(const api::ReplicaSet& set)
{
    return set.spec.replicas.value_or(1);
}

/// Available pods that will stay: the status may lag behind a smaller size.
std::int32_t availableOf(const api::ReplicaSet& set)
{
    return std::min(set.status.availableReplicas, sizeOf(set));
}

bool olderFirst(const api::ReplicaSetPtr& a, const api::ReplicaSetPtr& b)
{
    return std::tie(a->metadata.creationTimestamp, a->metadata.name) <
           std::tie(b->metadata.creationTimestamp, b->metadata.name);
}

class Planner {
public:
    Planner(const DeploymentState& state, RollingLimits limits)
        : m_state(state),
          m_deployment(state.deployment),
          m_wanted(m_deployment.spec.replicas.value_or(1)),
          m_limits(limits),
          m_new(findNewReplicaSet(m_deployment, state.sets))
    {
        for (const auto& set : state.sets) {
            m_sizes[set.get()] = sizeOf(*set);
            if (set != m_new)
                m_old.push_back(set);
        }
        std::ranges::sort(m_old, olderFirst);
    }

    DeploymentPlan plan()
    {
        if (!m_deployment.metadata.deletionTimestamp) {
            if (m_deployment.spec.paused || isScalingEvent()) {
                scale();
                if (m_deployment.spec.paused)
                    cleanUp();
            } else if (m_deployment.spec.strategy.type == "Recreate") {
                recreate();
            } else {
                roll();
            }
            adoptRevision();
            collectChanges();
        }
        finishStatus();
        return std::move(m_plan);
    }

private:
    std::int32_t total() const
    {
        std::int32_t sum = 0;
        for (const auto& [set, size] : m_sizes)
            sum += size;
        return sum;
    }
    std::int32_t totalOld() const
    {
        std::int32_t sum = 0;
        for (const auto& set : m_old)
            sum += m_sizes.at(set.get());
        return sum;
    }

    /// Somebody changed spec.replicas since the sets were sized last.
    bool isScalingEvent() const
    {
        return std::ranges::any_of(m_state.sets, [this](const auto& set) {
            if (sizeOf(*set) == 0)
                return false;
            const auto desired = integerFrom(set->metadata.annotations, desiredReplicasAnnotation, -1);
            return desired >= 0 && desired != m_wanted;
        });
    }

    /// How large the new set may be now.
    std::int32_t nextSizeOfNew(std::int32_t present) const
    {
        if (m_deployment.spec.strategy.type == "Recreate")
            return m_wanted;
        const auto most = m_wanted + m_limits.surge;
        const auto room = most - total();
        if (room <= 0)
            return present;
        return present + std::clamp(m_wanted - present, 0, room);
    }

    void createNew(std::int32_t replicas)
    {
        api::ReplicaSet set;
        const auto hash = templateHash(m_deployment.spec.template_, m_deployment.status.collisionCount);
        set.metadata.name = m_deployment.metadata.name + "-" + hash;
        set.metadata.namespace_ = m_deployment.metadata.namespace_;
        set.metadata.labels = m_deployment.spec.template_.metadata.labels;
        set.metadata.labels[std::string(templateHashLabel)] = hash;
        set.metadata.annotations = annotationsFor({});
        set.metadata.annotations[std::string(revisionAnnotation)] = std::to_string(nextRevision());
        set.metadata.ownerReferences = {controllerReferenceTo(m_deployment)};
        set.spec.replicas = replicas;
        set.spec.minReadySeconds = m_deployment.spec.minReadySeconds;
        set.spec.selector = m_deployment.spec.selector;
        if (set.spec.selector)
            set.spec.selector->matchLabels[std::string(templateHashLabel)] = hash;
        set.spec.template_ = m_deployment.spec.template_;
        set.spec.template_.metadata.labels[std::string(templateHashLabel)] = hash;
        m_plan.revision = set.metadata.annotations[std::string(revisionAnnotation)];
        m_plan.create = std::move(set);
    }

    std::int64_t nextRevision() const
    {
        std::int64_t highest = 0;
        for (const auto& set : m_old)
            highest = std::max(highest, revisionOf(*set));
        return highest + 1;
    }

    /// The Deployment's annotations as they are handed down, with the sizes of now.
    Annotations annotationsFor(Annotations present) const
    {
        constexpr std::array<std::string_view, 7> own{"kubectl.kubernetes.io/last-applied-configuration",
                                                      "deprecated.deployment.rollback.to",
                                                      revisionAnnotation,
                                                      revisionHistoryAnnotation,
                                                      desiredReplicasAnnotation,
                                                      maxReplicasAnnotation,
                                                      "kubernetes.io/change-source"};
        for (const auto& [name, value] : m_deployment.metadata.annotations) {
            if (std::ranges::find(own, name) == own.end())
                present[name] = value;
        }
        present[std::string(desiredReplicasAnnotation)] = std::to_string(m_wanted);
        present[std::string(maxReplicasAnnotation)] = std::to_string(m_wanted + m_limits.surge);
        return present;
    }

    void roll()
    {
        if (!m_new)
            return createNew(nextSizeOfNew(0));
        auto& size = m_sizes[m_new.get()];
        const auto next = size > m_wanted ? m_wanted : nextSizeOfNew(size);
        if (next != size) {
            size = next;
            return; // one direction in a pass
        }
        if (!shrinkOld())
            cleanUp();
    }

    /// Takes from the old sets what the rollout does not need any more; the unavailable first.
    bool shrinkOld()
    {
        if (totalOld() == 0)
            return false;
        const auto least = m_wanted - m_limits.unavailable;
        const auto newUnavailable = m_sizes.at(m_new.get()) - availableOf(*m_new);
        auto budget = total() - least - newUnavailable;
        if (budget <= 0)
            return false;
        bool shrunk = false;
        for (const auto& set : m_old) {
            auto& size = m_sizes[set.get()];
            const auto unhealthy = std::clamp(size - availableOf(*set), 0, budget);
            size -= unhealthy;
            budget -= unhealthy;
            shrunk |= unhealthy > 0;
        }
        std::int32_t available = availableOf(*m_new);
        for (const auto& set : m_old)
            available += std::min(availableOf(*set), m_sizes.at(set.get()));
        budget = std::min(budget, available - least);
        for (const auto& set : m_old) {
            auto& size = m_sizes[set.get()];
            const auto taken = std::clamp(size, 0, std::max(0, budget));
            size -= taken;
            budget -= taken;
            shrunk |= taken > 0;
        }
        return shrunk;
    }

    void recreate()
    {
        if (totalOld() > 0) {
            for (const auto& set : m_old)
                m_sizes[set.get()] = 0;
            return;
        }
        if (m_state.oldPodsRunning)
            return;
        if (!m_new)
            return createNew(m_wanted);
        if (m_sizes[m_new.get()] != m_wanted)
            m_sizes[m_new.get()] = m_wanted;
        else
            cleanUp();
    }

    /// Follows a change of spec.replicas without moving the rollout on: the sets keep their shares.
    void scale()
    {
        std::vector<api::ReplicaSetPtr> active;
        std::ranges::copy_if(m_state.sets, std::back_inserter(active),
                             [this](const auto& set) { return m_sizes.at(set.get()) > 0; });
        if (active.size() <= 1) {
            const auto only = active.empty() ? latest() : active.front();
            if (only)
                m_sizes[only.get()] = m_wanted;
            return;
        }
        if (m_new && m_sizes.at(m_new.get()) == m_wanted && m_new->status.availableReplicas == m_wanted) {
            for (const auto& set : m_old)
                m_sizes[set.get()] = 0;
            return;
        }
        if (m_deployment.spec.strategy.type != "Recreate")
            scaleInProportion(std::move(active));
    }

    api::ReplicaSetPtr latest() const
    {
        if (m_new)
            return m_new;
        return m_old.empty() ? nullptr : m_old.back();
    }

    void scaleInProportion(std::vector<api::ReplicaSetPtr> active)
    {
        const auto allowed = m_wanted > 0 ? m_wanted + m_limits.surge : 0;
        const auto toAdd = allowed - total();
        // Large sets bear the rounding; of equals the newer grows and the older shrinks.
        std::ranges::sort(active, [&](const auto& a, const auto& b) {
            if (sizeOf(*a) != sizeOf(*b))
                return sizeOf(*a) > sizeOf(*b);
            return toAdd > 0 ? olderFirst(b, a) : olderFirst(a, b);
        });
        std::int32_t added = 0;
        for (const auto& set : active) {
            const auto share = shareOf(*set, toAdd, added);
            m_sizes[set.get()] += share;
            added += share;
        }
        auto& largest = m_sizes[active.front().get()];
        largest = std::max(0, largest + toAdd - added);
    }

    std::int32_t shareOf(const api::ReplicaSet& set, std::int32_t toAdd, std::int32_t added) const
    {
        if (toAdd == 0 || toAdd == added)
            return 0;
        std::int32_t share = -sizeOf(set);
        if (m_wanted > 0) {
            auto most = integerFrom(set.metadata.annotations, maxReplicasAnnotation, m_deployment.status.replicas);
            most = std::max<std::int64_t>(most, 1);
            const double size =
                static_cast<double>(sizeOf(set)) * (m_wanted + m_limits.surge) / static_cast<double>(most);
            share = static_cast<std::int32_t>(std::lround(size)) - sizeOf(set);
        }
        return toAdd > 0 ? std::min(share, toAdd - added) : std::max(share, toAdd - added);
    }

    /// Drops old sets beyond the history limit, the lowest revision first, once the rollout is complete.
    void cleanUp()
    {
        const auto limit = m_deployment.spec.revisionHistoryLimit.value_or(10);
        if (!m_deployment.spec.paused && !isComplete(m_deployment, statusOf(m_deployment, m_state.sets, m_new)))
            return;
        std::vector<api::ReplicaSetPtr> removable;
        std::ranges::copy_if(m_old, std::back_inserter(removable),
                             [](const auto& set) { return !set->metadata.deletionTimestamp; });
        const auto surplus = static_cast<std::int64_t>(removable.size()) - limit;
        std::ranges::sort(removable, {}, [](const auto& set) {
            return std::pair(revisionOf(*set), std::string_view(set->metadata.name));
        });
        for (std::int64_t i = 0; i < surplus; ++i) {
            const auto& set = *removable[static_cast<std::size_t>(i)];
            if (set.status.replicas == 0 && sizeOf(set) == 0 &&
                set.status.observedGeneration >= set.metadata.generation)
                m_plan.remove.push_back(removable[static_cast<std::size_t>(i)]);
        }
    }

    /// The set of the present template has the highest revision, also when it is an old one again (rollout undo).
    void adoptRevision()
    {
        if (!m_new)
            return;
        const auto next = std::max(revisionOf(*m_new), nextRevision());
        m_plan.revision = std::to_string(next);
    }

    void collectChanges()
    {
        for (const auto& set : m_state.sets) {
            const auto size = m_sizes.at(set.get());
            auto annotations = set->metadata.annotations;
            if (set == m_new) {
                annotations = annotationsFor(std::move(annotations));
                auto& revision = annotations[std::string(revisionAnnotation)];
                if (revision != m_plan.revision && !revision.empty()) {
                    auto& history = annotations[std::string(revisionHistoryAnnotation)];
                    history += (history.empty() ? "" : ",") + revision;
                }
                revision = m_plan.revision;
            } else if (size > 0 || size != sizeOf(*set)) {
                annotations[std::string(desiredReplicasAnnotation)] = std::to_string(m_wanted);
                annotations[std::string(maxReplicasAnnotation)] = std::to_string(m_wanted + m_limits.surge);
            }
            if (size != sizeOf(*set) || annotations != set->metadata.annotations)
                m_plan.change.push_back({.set = set, .replicas = size, .annotations = std::move(annotations)});
        }
        const auto present = m_deployment.metadata.annotations.find(revisionAnnotation);
        if (present != m_deployment.metadata.annotations.end() && present->second == m_plan.revision)
            m_plan.revision.clear();
    }

    void finishStatus()
    {
        m_plan.status = statusOf(m_deployment, m_state.sets, m_new);
        m_plan.lookAgain = setConditions(m_plan.status, {.deployment = m_deployment,
                                                         .sets = m_state.sets,
                                                         .newSet = m_new.get(),
                                                         .created = m_plan.create ? &*m_plan.create : nullptr,
                                                         .unavailableMax = m_limits.unavailable,
                                                         .now = m_state.now});
    }

    const DeploymentState& m_state;
    const api::Deployment& m_deployment;
    const std::int32_t m_wanted;
    const RollingLimits m_limits;
    api::ReplicaSetPtr m_new;
    std::vector<api::ReplicaSetPtr> m_old; ///< The oldest first.
    std::map<const api::ReplicaSet*, std::int32_t> m_sizes;
    DeploymentPlan m_plan;
};

} // namespace

Result<DeploymentPlan> planDeployment(const DeploymentState& state)
{
    TRY_ASSIGN(const auto limits, rollingLimits(state.deployment));
    return Planner(state, limits).plan();
}

} // namespace keelson::controllers
