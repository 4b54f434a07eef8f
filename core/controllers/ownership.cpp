// SPDX-License-Identifier: Apache-2.0
#include "controllers/ownership.h"

namespace keelson::controllers {
namespace {

api::Value ownersPatch(const api::ObjectMeta& meta, api::Array owners)
{
    return api::Object{{"metadata", api::Object{{"uid", meta.uid},
                                                {"resourceVersion", meta.resourceVersion},
                                                {"ownerReferences", std::move(owners)}}}};
}

} // namespace

Result<api::LabelSelector> selectorFrom(const api::Boxed<api::LabelSelectorSpec>& selector)
{
    if (!selector || (selector->matchLabels.empty() && selector->matchExpressions.empty()))
        return fail(Reason::Invalid, "spec.selector selects everything");
    return api::LabelSelector::fromObject(toJson(*selector));
}

api::Value adoptionPatch(const api::ObjectMeta& meta, const api::OwnerReference& owner)
{
    api::Array owners;
    for (const auto& other : meta.ownerReferences) {
        if (other.uid != owner.uid)
            owners.push_back(toJson(other));
    }
    owners.push_back(toJson(owner));
    return ownersPatch(meta, std::move(owners));
}

api::Value releasePatch(const api::ObjectMeta& meta, std::string_view ownerUid)
{
    api::Array owners;
    for (const auto& other : meta.ownerReferences) {
        if (other.uid != ownerUid)
            owners.push_back(toJson(other));
    }
    return ownersPatch(meta, std::move(owners));
}

} // namespace keelson::controllers
