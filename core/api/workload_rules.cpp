// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/rules.h"
#include "api/selector.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace keelson::api {
namespace {

/// Words that refusals know the kinds by.
constexpr char deployment[] = "deployment";
constexpr char daemonSet[] = "daemonset";
constexpr char statefulSet[] = "statefulset";

template <const char* what>
void selectorMatchesTemplate(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto* selector = find(node, {"selector"});
    if (!selector || !selector->is_object())
        return;
    const auto compiled = LabelSelector::fromObject(*selector);
    if (compiled && compiled->empty())
        refusals.invalid(path.child("selector"), *selector, fmt::format("empty selector is invalid for {}", what));
    const auto pod = path.child("template");
    const auto metadata = pod.child("metadata");
    const auto* labels = find(node, {"template", "metadata", "labels"});
    if (compiled && !compiled->empty() && !compiled->matches(labels))
        refusals.invalid(metadata.child("labels"), labels ? *labels : Value(boost::json::object_kind),
                         "`selector` does not match template `labels`");
}

constexpr char replicaSetKind[] = "ReplicaSet";
constexpr char daemonSetKind[] = "DaemonSet";
constexpr char statefulSetKind[] = "StatefulSet";
constexpr char controllerKind[] = "ReplicationController";

/// Pods that a controller replaces restart their containers.
template <const char* what>
void templateRunsForEver(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto pod = path.child("template");
    const auto spec = pod.child("spec");
    const auto policy = stringAt(node, {"template", "spec", "restartPolicy"});
    if (!policy.empty() && policy != "Always")
        refusals.notSupported(spec.child("restartPolicy"), Value(policy), {"Always"});
    const auto* deadline = find(node, {"template", "spec", "activeDeadlineSeconds"});
    if (deadline && !deadline->is_null())
        refusals.forbidden(spec.child("activeDeadlineSeconds"),
                           fmt::format("activeDeadlineSeconds in {} is not Supported", what));
}

void progressDeadline(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto* deadline = find(node, {"progressDeadlineSeconds"});
    if (deadline && deadline->is_int64() && deadline->get_int64() >= 0 &&
        deadline->get_int64() <= integerAt(node, {"minReadySeconds"}))
        refusals.invalid(path.child("progressDeadlineSeconds"), *deadline, "must be greater than minReadySeconds");
}

/// The number, or that before the '%'; -1 when the value is neither.
std::int64_t amountOf(const Value* value)
{
    if (!value)
        return -1;
    if (value->is_int64())
        return value->get_int64();
    const auto text = textOf(*value);
    std::int64_t amount = -1;
    if (wrongPercent(text).empty())
        std::from_chars(text.data(), text.data() + text.size(), amount);
    return amount;
}

void rollingUpdateAmounts(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (!has(node, "rollingUpdate"))
        return;
    const auto rolling = path.child("rollingUpdate");
    if (stringAt(node, {"type"}) == "Recreate") {
        refusals.forbidden(rolling, "may not be specified when strategy `type` is 'Recreate'");
        return;
    }
    const auto* unavailable = find(node, {"rollingUpdate", "maxUnavailable"});
    if (unavailable) {
        checkAmount(*unavailable, rolling.child("maxUnavailable"), refusals);
        checkAtMostAll(*unavailable, rolling.child("maxUnavailable"), refusals);
    }
    if (const auto* surge = find(node, {"rollingUpdate", "maxSurge"}))
        checkAmount(*surge, rolling.child("maxSurge"), refusals);
    if (amountOf(unavailable) == 0 && amountOf(find(node, {"rollingUpdate", "maxSurge"})) == 0)
        refusals.invalid(rolling.child("maxUnavailable"), *unavailable, "may not be 0 when `maxSurge` is 0");
}

/// A DaemonSet has one pod a node: either the old one goes first, or the new one comes first.
void daemonSetStep(const Value& step, const FieldPath& path, Refusals& refusals)
{
    for (const auto* member : {"maxUnavailable", "maxSurge"})
        if (const auto* value = find(step, {member})) {
            checkAmount(*value, path.child(member), refusals);
            checkAtMostAll(*value, path.child(member), refusals);
        }
    const auto* surge = find(step, {"maxSurge"});
    const auto unavailable = amountOf(find(step, {"maxUnavailable"}));
    if (unavailable > 0 && amountOf(surge) > 0)
        refusals.invalid(path.child("maxSurge"), *surge, "may not be set when maxUnavailable is non-zero");
    if (unavailable == 0 && amountOf(surge) == 0)
        refusals.required(path.child("maxUnavailable"), "cannot be 0 when maxSurge is 0");
}

void statefulSetStrategy(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (stringAt(node, {"type"}) == "OnDelete" && has(node, "rollingUpdate"))
        refusals.invalid(path.child("rollingUpdate"), node.at("rollingUpdate"),
                         "only allowed for updateStrategy 'RollingUpdate'");
}

/// What the pods of a StatefulSet are bound to cannot change under them.
void statefulSetUpdate(const Value& spec, const Value& old, const FieldPath& path, Refusals& refusals)
{
    Value fixed = spec;
    for (const auto* member : {"replicas", "ordinals", "template", "updateStrategy",
                               "persistentVolumeClaimRetentionPolicy", "minReadySeconds"}) {
        fixed.get_object().stable_erase(member);
        if (const auto* before = find(old, {member}))
            fixed.get_object()[member] = *before;
    }
    if (fixed != old)
        refusals.forbidden(path,
                           "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
                           "'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are "
                           "forbidden");
}

/// The selector of a ReplicationController is the labels themselves.
void plainSelector(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto* selector = find(spec, {"selector"});
    if (!selector || !selector->is_object() || selector->get_object().empty())
        return refusals.required(path.child("selector"));
    if (!has(spec, "template"))
        return refusals.required(path.child("template"));
    const auto* labels = find(spec, {"template", "metadata", "labels"});
    const auto pod = path.child("template");
    const auto metadata = pod.child("metadata");
    if (const auto wanted = LabelSelector::fromObject(Value{{"matchLabels", *selector}});
        wanted && !wanted->matches(labels))
        refusals.invalid(metadata.child("labels"), labels ? *labels : Value(boost::json::object_kind),
                         "`selector` does not match template `labels`");
}

constexpr std::array table{
    Rule{"daemonSetStep", daemonSetStep},
    Rule{"plainSelector", plainSelector},
    Rule{"progressDeadline", progressDeadline},
    Rule{"rollingUpdateAmounts", rollingUpdateAmounts},
    Rule{"selectorOfDaemonSet", selectorMatchesTemplate<daemonSet>},
    Rule{"selectorOfDeployment", selectorMatchesTemplate<deployment>},
    Rule{"selectorOfStatefulSet", selectorMatchesTemplate<statefulSet>},
    Rule{"statefulSetStrategy", statefulSetStrategy},
    Rule{"statefulSetUpdate", nullptr, statefulSetUpdate},
    Rule{"templateOfController", templateRunsForEver<controllerKind>},
    Rule{"templateOfDaemonSet", templateRunsForEver<daemonSetKind>},
    Rule{"templateOfReplicaSet", templateRunsForEver<replicaSetKind>},
    Rule{"templateOfStatefulSet", templateRunsForEver<statefulSetKind>},
};

} // namespace

void checkAmount(const Value& value, const FieldPath& path, Refusals& refusals)
{
    if (value.is_string())
        refuse(wrongPercent(textOf(value)), path, value, refusals);
    else if (amountOf(&value) < 0)
        refusals.invalid(path, value, "must be greater than or equal to 0");
}

void checkAtMostAll(const Value& value, const FieldPath& path, Refusals& refusals)
{
    if (value.is_string() && amountOf(&value) > 100)
        refusals.invalid(path, value, "must not be greater than 100%");
}

std::span<const Rule> workloadRules()
{
    return table;
}

} // namespace keelson::api
