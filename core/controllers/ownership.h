// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/core_v1.h"
#include "api/meta_v1.h"
#include "api/selector.h"
#include "trace/span.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::controllers {

/// The owner reference with `controller: true`, or null.
inline const api::OwnerReference* controllerOf(const api::ObjectMeta& meta)
{
    const auto found =
        std::ranges::find_if(meta.ownerReferences, [](const auto& owner) { return owner.controller.value_or(false); });
    return found == meta.ownerReferences.end() ? nullptr : &*found;
}

/// The object as a trace names it.
template <typename T>
trace::SubjectPtr subjectOf(const T& object)
{
    const auto* owner = controllerOf(object.metadata);
    return std::make_shared<const trace::Subject>(
        trace::Subject{.group = std::string(T::group),
                       .kind = std::string(T::kindName),
                       .nameSpace = object.metadata.namespace_,
                       .name = object.metadata.name,
                       .uid = object.metadata.uid,
                       .owner = owner != nullptr ? owner->uid : std::string()});
}

/// A reference that makes `owner` the controller of a dependent, and holds up a foreground deletion of the owner.
template <typename T>
api::OwnerReference controllerReferenceTo(const T& owner)
{
    api::OwnerReference reference;
    reference.apiVersion =
        T::group.empty() ? std::string(T::version) : std::string(T::group) + "/" + std::string(T::version);
    reference.kind = std::string(T::kindName);
    reference.name = owner.metadata.name;
    reference.uid = owner.metadata.uid;
    reference.controller = true;
    reference.blockOwnerDeletion = true;
    return reference;
}

/// Which dependents belong to an owner, by its selector and their references.
template <typename T>
struct Claim {
    using Ptr = std::shared_ptr<const T>;
    std::vector<Ptr> owned;   ///< Controlled by the owner, and selected.
    std::vector<Ptr> adopt;   ///< Selected, controlled by nobody.
    std::vector<Ptr> release; ///< Controlled by the owner, but not selected any more.
};

/// Pure. An owner that is being deleted neither adopts nor releases.
template <typename T>
Claim<T> planClaim(const api::ObjectMeta& owner, const api::LabelSelector& selector,
                   const std::vector<std::shared_ptr<const T>>& candidates)
{
    Claim<T> claim;
    const bool deleting = owner.deletionTimestamp.has_value();
    for (const auto& candidate : candidates) {
        const auto& meta = candidate->metadata;
        const auto* controller = controllerOf(meta);
        const bool selected = selector.matches(meta.labels);
        if (controller != nullptr) {
            if (controller->uid != owner.uid)
                continue;
            if (selected || deleting)
                claim.owned.push_back(candidate);
            else if (!meta.deletionTimestamp)
                claim.release.push_back(candidate);
        } else if (selected && !deleting && !meta.deletionTimestamp) {
            claim.adopt.push_back(candidate);
        }
    }
    return claim;
}

/// A merge patch that sets metadata.ownerReferences, guarded by uid.
api::Value adoptionPatch(const api::ObjectMeta& meta, const api::OwnerReference& owner);
api::Value releasePatch(const api::ObjectMeta& meta, std::string_view ownerUid);

/// The selector of a workload's spec. `Invalid` when it is missing, empty (it would select everything) or cannot be
/// read.
Result<api::LabelSelector> selectorFrom(const api::Boxed<api::LabelSelectorSpec>& selector);

} // namespace keelson::controllers
