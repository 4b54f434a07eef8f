// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/rules.h"
#include "api/selector.h"

#include <array>
#include <charconv>

namespace keelson::api {
namespace {

void selectorMatchesTemplate(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto* selector = find(node, {"selector"});
    if (!selector || !selector->is_object())
        return;
    const auto compiled = LabelSelector::fromObject(*selector);
    if (compiled && compiled->empty())
        refusals.invalid(path.child("selector"), *selector, "empty selector is invalid");
    const auto pod = path.child("template");
    const auto metadata = pod.child("metadata");
    const auto* labels = find(node, {"template", "metadata", "labels"});
    checkLabels(labels, metadata.child("labels"), refusals);
    if (compiled && !compiled->empty() && !compiled->matches(labels))
        refusals.invalid(metadata.child("labels"), labels ? *labels : Value(boost::json::object_kind),
                         "`selector` does not match template `labels`");
}

/// Pods that a controller replaces restart their containers.
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
                           "activeDeadlineSeconds in the template of a workload is not supported");
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

void checkAmount(const Value& node, std::string_view member, const FieldPath& path, Refusals& refusals)
{
    const auto* value = find(node, {"rollingUpdate", member});
    if (!value || value->is_null())
        return;
    const auto rolling = path.child("rollingUpdate");
    if (value->is_string())
        refuse(wrongPercent(textOf(*value)), rolling.child(member), *value, refusals);
    else if (amountOf(value) < 0)
        refusals.invalid(rolling.child(member), *value, "must be greater than or equal to 0");
    if (value->is_string() && member == "maxUnavailable" && amountOf(value) > 100)
        refusals.invalid(rolling.child(member), *value, "must not be greater than 100%");
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
    checkAmount(node, "maxUnavailable", path, refusals);
    checkAmount(node, "maxSurge", path, refusals);
    const auto* unavailable = find(node, {"rollingUpdate", "maxUnavailable"});
    if (amountOf(unavailable) == 0 && amountOf(find(node, {"rollingUpdate", "maxSurge"})) == 0)
        refusals.invalid(rolling.child("maxUnavailable"), *unavailable, "may not be 0 when `maxSurge` is 0");
}

constexpr std::array table{
    Rule{"progressDeadline", progressDeadline},
    Rule{"rollingUpdateAmounts", rollingUpdateAmounts},
    Rule{"selectorMatchesTemplate", selectorMatchesTemplate},
    Rule{"templateRunsForEver", templateRunsForEver},
};

} // namespace

std::span<const Rule> workloadRules()
{
    return table;
}

} // namespace keelson::api
