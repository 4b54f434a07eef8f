// SPDX-License-Identifier: Apache-2.0
#include "api/defaulters.h"
#include "api/object_members.h"

#include <algorithm>
#include <array>
#include <limits>

namespace keelson::api {
namespace {

bool isEmptyAt(const Object& object, std::string_view name)
{
    const auto* value = object.if_contains(name);
    return !value || value->is_null() || (value->is_object() && value->get_object().empty()) ||
           (value->is_array() && value->get_array().empty());
}

/// The labels that a template of pods, if there is one, gives them.
Value templateLabels(const Object& spec)
{
    const auto* pod = spec.if_contains("template");
    const auto* labels = pod ? find(*pod, {"metadata", "labels"}) : nullptr;
    return labels && labels->is_object() ? *labels : Value(boost::json::object_kind);
}

/// An object without labels has those of its pods.
void labelsOfTemplate(Object& object)
{
    const auto* spec = objectIn(object, "spec");
    const auto labels = spec ? templateLabels(*spec) : Value(boost::json::object_kind);
    if (labels.get_object().empty())
        return;
    auto& metadata = object["metadata"];
    if (!metadata.is_object())
        metadata.emplace_object();
    if (isEmptyAt(metadata.get_object(), "labels"))
        metadata.get_object()["labels"] = labels;
}

void jobSpec(Object& object)
{
    if (isUnset(object, "completions") && isUnset(object, "parallelism"))
        object["completions"] = 1;
    setIfUnset(object, "parallelism", 1);
    const bool perIndex = !isUnset(object, "backoffLimitPerIndex");
    setIfUnset(object, "backoffLimit", perIndex ? std::numeric_limits<std::int32_t>::max() : 6);
    const bool hasPolicy = !isUnset(object, "podFailurePolicy");
    setIfUnset(object, "podReplacementPolicy", hasPolicy ? "Failed" : "TerminatingOrFailed");
}

void replicationController(Object& object)
{
    labelsOfTemplate(object);
    auto* spec = objectIn(object, "spec");
    if (!spec)
        return;
    const auto labels = templateLabels(*spec);
    if (!labels.get_object().empty() && isEmptyAt(*spec, "selector"))
        (*spec)["selector"] = labels;
}

/// Claims within a StatefulSet say of which kind they are.
void claimTemplates(Object& object)
{
    auto* claims = object.if_contains("volumeClaimTemplates");
    if (!claims || !claims->is_array())
        return;
    for (auto& item : claims->get_array())
        if (auto* claim = item.if_object()) {
            setIfUnset(*claim, "apiVersion", "v1");
            setIfUnset(*claim, "kind", "PersistentVolumeClaim");
        }
}

/// Without metrics the CPU counts, at 80 per cent of the request.
void scaleByCpu(Object& object)
{
    if (isEmptyAt(object, "metrics"))
        object["metrics"] = Array{
            Object{{"type", "Resource"},
                   {"resource",
                    Object{{"name", "cpu"}, {"target", Object{{"type", "Utilization"}, {"averageUtilization", 80}}}}}}};
}

void scaleRules(Object& behavior, std::string_view direction, Array policies)
{
    auto& rules = behavior[direction];
    if (!rules.is_object())
        rules.emplace_object();
    if (direction == "scaleUp")
        setIfUnset(rules.get_object(), "stabilizationWindowSeconds", 0);
    setIfUnset(rules.get_object(), "selectPolicy", "Max");
    if (isEmptyAt(rules.get_object(), "policies"))
        rules.get_object()["policies"] = std::move(policies);
}

void scaleBehavior(Object& object)
{
    const auto policy = [](std::string_view type, int value) {
        return Object{{"type", type}, {"value", value}, {"periodSeconds", 15}};
    };
    scaleRules(object, "scaleUp", Array{policy("Pods", 4), policy("Percent", 100)});
    scaleRules(object, "scaleDown", Array{policy("Percent", 100)});
}

/// A policy is about traffic to the pods, and about traffic from them when it has rules for that.
void policyTypes(Object& object)
{
    if (!isEmptyAt(object, "policyTypes"))
        return;
    Array types{"Ingress"};
    if (!isEmptyAt(object, "egress"))
        types.emplace_back("Egress");
    object["policyTypes"] = std::move(types);
}

/// Adds the members of `from` that `to` does not have.
void fillFrom(Object& object, std::string_view to, std::string_view from)
{
    const auto* source = objectIn(object, from);
    if (!source || source->empty())
        return;
    const Object copy = *source; // The reference does not survive a new member.
    auto& target = object[to];
    if (!target.is_object())
        target.emplace_object();
    for (const auto& member : copy)
        target.get_object().insert(member);
}

/// For containers the usual limit is the highest one, and the usual request the usual limit, else the lowest request.
void limitRangeItem(Object& object)
{
    if (textIn(object, "type") != "Container")
        return;
    fillFrom(object, "default", "max");
    fillFrom(object, "defaultRequest", "default");
    fillFrom(object, "defaultRequest", "min");
}

void definitionNames(Object& object)
{
    auto* names = objectIn(object, "names");
    const auto kind = names ? std::string(textIn(*names, "kind")) : std::string();
    if (kind.empty())
        return;
    auto lower = kind;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    setIfUnset(*names, "singular", Value(lower));
    setIfUnset(*names, "listKind", Value(kind + "List"));
}

void limitResponse(Object& object)
{
    if (textIn(object, "type") == "Queue")
        setIfUnset(object, "queuing", Object{});
}

void priorityLevel(Object& object)
{
    if (textIn(object, "type") == "Exempt")
        setIfUnset(object, "exempt", Object{});
}

constexpr std::array table{
    Defaulter{"claimTemplates", claimTemplates},
    Defaulter{"definitionNames", definitionNames},
    Defaulter{"jobSpec", jobSpec},
    Defaulter{"labelsOfTemplate", labelsOfTemplate},
    Defaulter{"limitRangeItem", limitRangeItem},
    Defaulter{"limitResponse", limitResponse},
    Defaulter{"policyTypes", policyTypes},
    Defaulter{"priorityLevel", priorityLevel},
    Defaulter{"replicationController", replicationController},
    Defaulter{"scaleBehavior", scaleBehavior},
    Defaulter{"scaleByCpu", scaleByCpu},
};

} // namespace

std::span<const Defaulter> workloadDefaulters()
{
    return table;
}

} // namespace keelson::api
