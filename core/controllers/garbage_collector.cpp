// SPDX-License-Identifier: Apache-2.0
#include "controllers/garbage_collector.h"

#include "controllers/collected_kinds.h"
#include "controllers/garbage_collector_plan.h"
#include "controllers/ownership.h"

#include <algorithm>

namespace keelson::controllers {
namespace {

using client::CachedPtr;
using client::InformerBase;

/// Keys of the queue: the resource, and namespace/name.
ObjectKey queueKey(const InformerBase& informer, const ObjectKey& key)
{
    return {informer.kind().resourceName(), key.nameSpace + "/" + key.name};
}

class GarbageCollector : public KeyedController {
public:
    explicit GarbageCollector(const Context& context)
        : KeyedController(context, "garbage-collector", CollectedKinds::builtIn(context)),
          m_client(context.clientOf("generic-garbage-collector")),
          m_kinds(context, m_client,
                  [this](auto& informer, const auto& before, const auto& now) { changed(informer, before, now); })
    {
    }

    void stop() override
    {
        KeyedController::stop();
        m_kinds.stop();
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto* const place = m_kinds.named(key.nameSpace);
        if (!place)
            return Done{}; // a custom kind that is gone
        const auto& informer = *place;
        const auto slash = key.name.find('/');
        const auto object = informer.find({key.name.substr(0, slash), key.name.substr(slash + 1)});
        if (!object)
            return Done{};
        if (object->deleting) {
            if (hasFinalizer(*object->meta, orphanFinalizer))
                return orphanDependents(informer, *object, pass);
            if (hasFinalizer(*object->meta, foregroundFinalizer))
                return awaitDependents(informer, *object, pass);
            return Done{};
        }
        return followOwners(informer, *object, pass);
    }

private:
    struct Dependent {
        InformerBase* informer;
        CachedPtr object;
    };

    void changed(const InformerBase& informer, const CachedPtr& before, const CachedPtr& now)
    {
        const auto addDependents = [this](const std::string& uid) {
            for (const auto& dependent : dependentsOf(uid))
                m_runner.add(queueKey(*dependent.informer, dependent.object->key));
        };
        if (before && (!now || now->uid != before->uid)) {
            addDependents(before->uid);
            // Owners that are deleted in the foreground may have waited for this one.
            for (const auto& owner : before->meta->ownerReferences) {
                if (const auto* place = m_kinds.ofOwner(owner); place != nullptr)
                    m_runner.add(queueKey(*place, ownerKey(*place, owner, before->key.nameSpace)));
            }
        }
        if (!now)
            return;
        if (now->deleting) {
            m_runner.add(queueKey(informer, now->key));
            addDependents(now->uid);
        } else if (!now->meta->ownerReferences.empty() && !ownersShown(*now)) {
            m_runner.add(queueKey(informer, now->key));
        }
    }

    static ObjectKey ownerKey(const InformerBase& informer, const api::OwnerReference& owner,
                              const std::string& nameSpace)
    {
        return {informer.kind().namespaced ? nameSpace : "", owner.name};
    }

    /// All owners are in the copies, alive: nothing to do.
    bool ownersShown(const client::CachedObject& object) const
    {
        return std::ranges::all_of(object.meta->ownerReferences, [&](const auto& owner) {
            const auto* informer = m_kinds.ofOwner(owner);
            const auto shown =
                informer != nullptr ? informer->find(ownerKey(*informer, owner, object.key.nameSpace)) : nullptr;
            return shown && shown->uid == owner.uid && !shown->deleting;
        });
    }

    std::vector<Dependent> dependentsOf(const std::string& uid) const
    {
        std::vector<Dependent> dependents;
        for (auto* informer : m_kinds.all()) {
            for (auto& object : informer->select(InformerBase::byOwnerUid, uid))
                dependents.push_back({.informer = informer, .object = std::move(object)});
        }
        return dependents;
    }

    /// Asks the server before it believes that an owner is gone.
    Result<OwnerState> stateOf(const api::OwnerReference& owner, const std::string& nameSpace)
    {
        const auto* informer = m_kinds.ofOwner(owner);
        if (informer == nullptr || (informer->kind().namespaced && nameSpace.empty()))
            return OwnerState::Present; // a kind that we cannot ask about: hands off
        const auto key = ownerKey(*informer, owner, nameSpace);
        const auto shown = informer->find(key);
        if (shown && shown->uid == owner.uid)
            return shown->deleting && hasFinalizer(*shown->meta, foregroundFinalizer) ? OwnerState::WaitsForDependents
                                                                                      : OwnerState::Present;
        const auto live = m_client.get(informer->kind(), key);
        if (!live && live.error().reason != Reason::NotFound)
            return fail(live.error());
        const bool there = live && api::stringAt(*live, {"metadata", "uid"}) == owner.uid;
        return there ? OwnerState::Present : OwnerState::Absent;
    }

    Result<Done> followOwners(const InformerBase& informer, const client::CachedObject& object, Pass& pass)
    {
        std::vector<OwnerState> states;
        for (const auto& owner : object.meta->ownerReferences) {
            TRY_ASSIGN(const auto state, stateOf(owner, object.key.nameSpace));
            states.push_back(state);
        }
        switch (planFate(*object.meta, states, !dependentsOf(object.uid).empty())) {
        case Fate::Stay:
            return Done{};
        case Fate::DropReferences:
            return dropReferences(informer, object, states, pass);
        case Fate::DeleteBackground:
            return remove(informer, object, client::Propagation::Background, pass);
        case Fate::DeleteForeground:
            return remove(informer, object, client::Propagation::Foreground, pass);
        case Fate::DeleteOrphaning:
            return remove(informer, object, client::Propagation::Orphan, pass);
        }
        return Done{};
    }

    Result<Done> dropReferences(const InformerBase& informer, const client::CachedObject& object,
                                const std::vector<OwnerState>& states, Pass& pass)
    {
        api::Array owners;
        for (std::size_t i = 0; i < states.size(); ++i) {
            if (states[i] == OwnerState::Present)
                owners.push_back(toJson(object.meta->ownerReferences[i]));
        }
        return patch(informer, object, api::Object{{"ownerReferences", std::move(owners)}}, pass);
    }

    Result<Done> remove(const InformerBase& informer, const client::CachedObject& object,
                        client::Propagation propagation, Pass& pass)
    {
        const auto removed =
            m_client.remove(informer.kind(), object.key, {.propagation = propagation, .uid = object.uid});
        if (!removed && removed.error().reason != Reason::NotFound && removed.error().reason != Reason::Conflict)
            return fail(removed.error());
        pass.removed(informer, object.key, object.uid);
        return Done{};
    }

    /// Deletes what the object owns; lets it go when nothing that blocks is left.
    Result<Done> awaitDependents(const InformerBase& informer, const client::CachedObject& object, Pass& pass)
    {
        bool blocked = false;
        for (const auto& dependent : dependentsOf(object.uid)) {
            const auto& references = dependent.object->meta->ownerReferences;
            blocked |= std::ranges::any_of(references, [&](const auto& owner) {
                return owner.uid == object.uid && owner.blockOwnerDeletion.value_or(false);
            });
            if (!dependent.object->deleting)
                TRY_OK(followOwners(*dependent.informer, *dependent.object, pass));
        }
        return blocked ? Result<Done>(Done{}) : dropFinalizer(informer, object, foregroundFinalizer, pass);
    }

    Result<Done> orphanDependents(const InformerBase& informer, const client::CachedObject& object, Pass& pass)
    {
        for (const auto& dependent : dependentsOf(object.uid)) {
            const auto change = releasePatch(*dependent.object->meta, object.uid);
            const auto written =
                m_client.patch(dependent.informer->kind(), dependent.object->key, api::PatchType::Merge, change);
            if (!written && written.error().reason != Reason::NotFound)
                return fail(written.error());
            if (written)
                pass.wrote(*dependent.informer, *written);
        }
        return dropFinalizer(informer, object, orphanFinalizer, pass);
    }

    Result<Done> dropFinalizer(const InformerBase& informer, const client::CachedObject& object,
                               std::string_view finalizer, Pass& pass)
    {
        api::Array others;
        for (const auto& other : object.meta->finalizers) {
            if (other != finalizer)
                others.emplace_back(other);
        }
        return patch(informer, object, api::Object{{"finalizers", std::move(others)}}, pass);
    }

    /// Writes parts of the metadata, only to the object as it was seen.
    Result<Done> patch(const InformerBase& informer, const client::CachedObject& object, api::Object metadata,
                       Pass& pass)
    {
        metadata["uid"] = object.uid;
        metadata["resourceVersion"] = object.meta->resourceVersion;
        const auto written = m_client.patch(informer.kind(), object.key, api::PatchType::Merge,
                                            api::Object{{"metadata", std::move(metadata)}});
        if (!written)
            return written.error().reason == Reason::NotFound ? Result<Done>(Done{}) : fail(written.error());
        pass.wrote(informer, *written);
        return Done{};
    }

    client::Client& m_client;
    CollectedKinds m_kinds;
};

} // namespace

std::unique_ptr<Controller> makeGarbageCollector(const Context& context)
{
    return std::make_unique<GarbageCollector>(context);
}

} // namespace keelson::controllers
