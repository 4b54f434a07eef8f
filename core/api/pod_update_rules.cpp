// SPDX-License-Identifier: Apache-2.0
#include "api/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::api {
namespace {

/// A pod's spec without what an update may change.
Value fixedPart(const Value& spec)
{
    Value rest = spec;
    for (const auto* member : {"activeDeadlineSeconds", "tolerations", "schedulingGates"})
        rest.get_object().stable_erase(member);
    for (const auto* list : {"containers", "initContainers"})
        if (auto* containers = find(rest, {list}); containers && containers->is_array())
            for (auto& item : containers->get_array())
                if (item.is_object())
                    item.get_object().stable_erase("image");
    return rest;
}

/// Whether the labels have all of `old`, as they were.
bool keepsLabels(const Value* old, const Value* labels)
{
    if (!old || !old->is_object())
        return true;
    return labels && labels->is_object() && std::ranges::all_of(old->get_object(), [&](const auto& label) {
               const auto* now = labels->get_object().if_contains(label.key());
               return now && *now == label.value();
           });
}

/// All that was there is there still.
bool isContained(const Array& old, const Array& list)
{
    return std::ranges::all_of(old, [&](const Value& item) { return std::ranges::find(list, item) != list.end(); });
}

/// Each of the terms must ask for at least what it asked for before.
void checkTerms(const Value& now, const Value& before, const FieldPath& path, Refusals& refusals)
{
    const auto& terms = itemsAt(now, {"nodeSelectorTerms"});
    const auto& old = itemsAt(before, {"nodeSelectorTerms"});
    const auto list = path.child("nodeSelectorTerms");
    if (!old.empty() && terms.size() != old.size())
        return refusals.invalid(list, Value(terms),
                                "no additions/deletions to non-empty NodeSelectorTerms list are allowed");
    for (std::size_t index = 0; index < old.size(); ++index)
        for (const auto* member : {"matchExpressions", "matchFields"})
            if (!isContained(itemsAt(old[index], {member}), itemsAt(terms[index], {member})))
                refusals.invalid(list.index(index), terms[index],
                                 "only additions are allowed (no mutations or deletions)");
}

/// While a pod is held back by gates, fewer nodes may be asked for; what it asks for so goes into `before`, the old
/// spec that the new one is compared with.
void narrowNodes(const Value& now, Value& before, const FieldPath& path, Refusals& refusals)
{
    const auto takeOver = [](Value& to, const Value& from, std::string_view member) {
        if (const auto* value = find(from, {member}))
            to.get_object()[member] = *value;
        else
            to.get_object().stable_erase(member);
    };
    if (!keepsLabels(find(before, {"nodeSelector"}), find(now, {"nodeSelector"})))
        refusals.invalid(path.child("nodeSelector"), find(now, {"nodeSelector"}) ? now.at("nodeSelector") : Value(),
                         "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
    takeOver(before, now, "nodeSelector");
    constexpr std::string_view wanted = "requiredDuringSchedulingIgnoredDuringExecution";
    const auto* required = find(now, {"affinity", "nodeAffinity", wanted});
    if (const auto* old = find(before, {"affinity", "nodeAffinity", wanted})) {
        const auto affinity = path.child("affinity");
        const auto node = affinity.child("nodeAffinity");
        checkTerms(required ? *required : Value(), *old, node.child(wanted), refusals);
    }
    if (const auto* affinity = find(now, {"affinity"}); affinity && find(*affinity, {"nodeAffinity"})) {
        objectAt(before, {"affinity"});
        takeOver(before.at("affinity"), *affinity, "nodeAffinity");
    } else if (auto* old = find(before, {"affinity"}); old && old->is_object()) {
        old->get_object().stable_erase("nodeAffinity");
        if (!affinity)
            takeOver(before, now, "affinity");
    }
}

/// Tolerations stay, but for how long they hold.
void checkTolerations(const Value& now, const Value& before, const FieldPath& path, Refusals& refusals)
{
    const auto lasting = [](const Array& list) {
        Array without = list;
        for (auto& item : without)
            if (item.is_object())
                item.get_object().stable_erase("tolerationSeconds");
        return without;
    };
    if (!isContained(lasting(itemsAt(before, {"tolerations"})), lasting(itemsAt(now, {"tolerations"}))))
        refusals.forbidden(path.child("tolerations"),
                           "existing toleration can not be modified except its tolerationSeconds");
}

void checkGates(const Value& now, const Value& before, const FieldPath& path, Refusals& refusals)
{
    const auto& old = itemsAt(before, {"schedulingGates"});
    for (const auto& gate : itemsAt(now, {"schedulingGates"}))
        if (std::ranges::find(old, gate) == old.end())
            refusals.forbidden(
                path.child("schedulingGates"),
                fmt::format("only deletion is allowed, but found new scheduling gate '{}'", stringAt(gate, {"name"})));
}

void checkDeadline(const Value& now, const Value& before, const FieldPath& path, Refusals& refusals)
{
    const auto* deadline = find(now, {"activeDeadlineSeconds"});
    const auto* old = find(before, {"activeDeadlineSeconds"});
    const auto at = path.child("activeDeadlineSeconds");
    if (old && !deadline)
        refusals.invalid(at, Value(), "must not update from a positive integer to nil value");
    else if (old && integerAt(now, {"activeDeadlineSeconds"}) > integerAt(before, {"activeDeadlineSeconds"}))
        refusals.invalid(at, *deadline, "must be less than or equal to previous value");
}

void podUpdate(const Value& node, const Value& old, const FieldPath& root, Refusals& refusals)
{
    const auto* now = find(node, {"spec"});
    const auto* was = find(old, {"spec"});
    if (!now || !was || !now->is_object() || !was->is_object())
        return;
    const auto path = root.child("spec");
    const auto* metadata = find(node, {"metadata"});
    const auto* oldMetadata = find(old, {"metadata"});
    if (metadata && oldMetadata)
        checkPodAnnotationsUpdate(*metadata, *oldMetadata, root.child("metadata"), refusals);
    checkTolerations(*now, *was, path, refusals);
    checkGates(*now, *was, path, refusals);
    checkDeadline(*now, *was, path, refusals);
    for (const auto* list : {"containers", "initContainers"})
        if (itemsAt(*now, {list}).size() != itemsAt(*was, {list}).size())
            return refusals.forbidden(path.child(list), "pod updates may not add or remove containers");
    Value before = fixedPart(*was);
    if (!itemsAt(*was, {"schedulingGates"}).empty())
        narrowNodes(*now, before, path, refusals);
    if (fixedPart(*now) != before)
        refusals.forbidden(path,
                           "pod updates may not change fields other than `spec.containers[*].image`,"
                           "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
                           "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be "
                           "set to 1 if it was previously negative)");
}

void gatedPod(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto spec = path.child("spec");
    if (!stringAt(node, {"spec", "nodeName"}).empty() && !itemsAt(node, {"spec", "schedulingGates"}).empty())
        refusals.forbidden(spec.child("nodeName"), "cannot be set until all schedulingGates have been cleared");
}

constexpr std::array table{Rule{"gatedPod", gatedPod, podUpdate}};

} // namespace

std::span<const Rule> podUpdateRules()
{
    return table;
}

} // namespace keelson::api
