// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/quantity.h"
#include "api/resource_names.h"
#include "api/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <set>

namespace keelson::api {
namespace {

std::optional<Quantity> amountAt(const Value& item, std::string_view list, std::string_view resource)
{
    const auto* value = find(item, {list, resource});
    if (!value)
        return std::nullopt;
    const auto parsed = Quantity::parse(value->is_string() ? std::string(textOf(*value)) : numberText(*value));
    return parsed ? std::optional(*parsed) : std::nullopt;
}

/// Two amounts of a limit of which the first must not be above the second.
struct Order {
    std::string_view low;
    std::string_view high;
    std::string_view place; ///< Which of the two is to blame.
    std::string_view shown; ///< Whose amount the refusal shows.
    std::string_view words;
};

/// To the thousandth, where that many fit.
double numberOf(const Quantity& amount)
{
    constexpr auto exactMax = std::numeric_limits<std::int64_t>::max() / 1000;
    return amount.units() < exactMax ? static_cast<double>(amount.milli()) / 1000 : static_cast<double>(amount.units());
}

/// A limit may be so many times the request: at least once, and not more than the largest is of the smallest.
void checkRatio(const Value& item, std::string_view resource, const FieldPath& path, Refusals& refusals)
{
    const auto ratio = amountAt(item, "maxLimitRequestRatio", resource);
    if (!ratio)
        return;
    const auto list = path.child("maxLimitRequestRatio");
    if (*ratio < Quantity::fromUnits(1))
        refusals.invalid(list.key(resource), Value(ratio->text()),
                         fmt::format("ratio {} is less than 1", ratio->text()));
    const auto least = amountAt(item, "min", resource);
    const auto most = amountAt(item, "max", resource);
    if (!least || !most || least->isZero())
        return;
    const auto possible = numberOf(*most) / numberOf(*least);
    if (numberOf(*ratio) > possible)
        refusals.invalid(list.key(resource), Value(ratio->text()),
                         fmt::format("ratio {} is greater than max/min = {:.6f}", ratio->text(), possible));
}

void checkOrder(const Value& item, std::string_view resource, const FieldPath& path, Refusals& refusals)
{
    constexpr std::array orders{
        Order{"min", "max", "min", "min", "min value {} is greater than max value {}"},
        Order{"min", "defaultRequest", "defaultRequest", "defaultRequest",
              "min value {} is greater than default request value {}"},
        Order{"defaultRequest", "max", "defaultRequest", "defaultRequest",
              "default request value {} is greater than max value {}"},
        Order{"defaultRequest", "default", "defaultRequest", "defaultRequest",
              "default request value {} is greater than default limit value {}"},
        Order{"min", "default", "default", "min", "min value {} is greater than default value {}"},
        Order{"default", "max", "default", "max", "default value {} is greater than max value {}"},
    };
    for (const auto& order : orders) {
        const auto low = amountAt(item, order.low, resource);
        const auto high = amountAt(item, order.high, resource);
        const auto shown = amountAt(item, order.shown, resource);
        const auto list = path.child(order.place);
        if (low && high && *low > *high)
            refusals.invalid(list.key(resource), Value(shown->text()),
                             fmt::format(fmt::runtime(order.words), low->text(), high->text()));
    }
    checkRatio(item, resource, path, refusals);
    const auto limit = amountAt(item, "default", resource);
    const auto request = amountAt(item, "defaultRequest", resource);
    const auto list = path.child("defaultRequest");
    if (limit && request && *limit != *request && !isOvercommitAllowed(resource))
        refusals.invalid(list.key(resource), Value(request->text()),
                         fmt::format("default value {} must equal to defaultRequest value {} in {}", limit->text(),
                                     request->text(), resource));
}

constexpr std::array<std::string_view, 5> limitLists{"max", "min", "default", "defaultRequest", "maxLimitRequestRatio"};

/// All resources that an entry limits; their names are checked.
std::set<std::string_view> resourcesOf(const Value& item, const FieldPath& path, Refusals& refusals)
{
    std::set<std::string_view> resources;
    const auto type = stringAt(item, {"type"});
    const auto check = type == "Pod" || type == "Container" ? checkContainerResourceName : checkResourceName;
    for (const auto list : limitLists) {
        const auto* amounts = find(item, {list});
        if (!amounts || !amounts->is_object())
            continue;
        const auto at = path.child(list);
        for (const auto& amount : amounts->get_object()) {
            check(amount.key(), at.key(amount.key()), refusals);
            resources.insert(amount.key());
        }
    }
    return resources;
}

void limitRange(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto& limits = itemsAt(spec, {"limits"});
    const auto list = path.child("limits");
    std::set<std::string_view> types;
    for (std::size_t index = 0; index < limits.size(); ++index) {
        const auto& item = limits[index];
        const auto at = list.index(index);
        const auto type = stringAt(item, {"type"});
        const bool standard = type == "Pod" || type == "Container" || type == "PersistentVolumeClaim";
        if (!type.empty() && !standard && type.find('/') == type.npos)
            refusals.invalid(at.child("type"), Value(type), "must be a standard limit type or fully qualified");
        if (!types.insert(type).second)
            refusals.duplicate(at.child("type"), Value(type));
        for (const auto* member : {"default", "defaultRequest"})
            if (type == "Pod" && has(item, member))
                refusals.forbidden(at.child(member), "may not be specified when `type` is 'Pod'");
        if (type == "PersistentVolumeClaim" && !amountAt(item, "min", "storage") && !amountAt(item, "max", "storage"))
            refusals.required(at, "either minimum or maximum storage value is required, but neither was provided");
        for (const auto resource : resourcesOf(item, at, refusals))
            checkOrder(item, resource, at, refusals);
    }
}

bool isCount(std::string_view resource)
{
    constexpr std::array<std::string_view, 10> counts{"pods",
                                                      "services",
                                                      "replicationcontrollers",
                                                      "resourcequotas",
                                                      "secrets",
                                                      "configmaps",
                                                      "persistentvolumeclaims",
                                                      "services.nodeports",
                                                      "services.loadbalancers",
                                                      "count"};
    return resource.starts_with("count/") || std::ranges::find(counts, resource) != counts.end();
}

/// What the scopes of a quota can be about.
bool scopeFits(std::string_view scope, std::string_view resource)
{
    constexpr std::array<std::string_view, 6> computed{"cpu",           "memory",       "limits.cpu",
                                                       "limits.memory", "requests.cpu", "requests.memory"};
    if (scope == "VolumeAttributesClass")
        return resource == "persistentvolumeclaims" || resource == "requests.storage";
    const bool computes = std::ranges::find(computed, resource) != computed.end();
    return resource == "pods" || (scope != "BestEffort" && computes);
}

/// Whether a scope is known and all limits are of what it is about.
void checkScope(const Value& spec, std::string_view scope, const FieldPath& scopePath, const FieldPath& path,
                const Value& shown, Refusals& refusals)
{
    constexpr std::array<std::string_view, 7> scopes{"Terminating",          "NotTerminating",
                                                     "BestEffort",           "NotBestEffort",
                                                     "PriorityClass",        "CrossNamespacePodAffinity",
                                                     "VolumeAttributesClass"};
    if (std::ranges::find(scopes, scope) == scopes.end())
        return refusals.invalid(scopePath, shown, "unsupported scope");
    const auto* hard = find(spec, {"hard"});
    if (!hard || !hard->is_object())
        return;
    for (const auto& limit : hard->get_object())
        if (const std::string_view name = limit.key(); name.find('/') == name.npos && !scopeFits(scope, name))
            return refusals.invalid(path, find(spec, {"scopes"}) ? spec.at("scopes") : shown,
                                    "unsupported scope applied to resource");
}

void checkScopeSelector(const Value& spec, const FieldPath& quota, Refusals& refusals)
{
    const auto selector = quota.child("scopeSelector");
    const auto path = selector.child("matchExpressions");
    for (const auto& term : itemsAt(spec, {"scopeSelector", "matchExpressions"})) {
        const auto scope = stringAt(term, {"scopeName"});
        const auto op = stringAt(term, {"operator"});
        const auto& values = itemsAt(term, {"values"});
        checkScope(spec, scope, path.child("scopeName"), path, Value(scope), refusals);
        const bool named = scope == "PriorityClass" || scope == "VolumeAttributesClass";
        if (!named && op != "Exists")
            refusals.invalid(
                path.child("operator"), Value(op),
                "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
                "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or "
                "ResourceQuotaScopeCrossNamespacePodAffinity");
        if ((op == "In" || op == "NotIn") && values.empty())
            refusals.required(path.child("values"),
                              "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
        else if ((op == "Exists" || op == "DoesNotExist") && !values.empty())
            refusals.invalid(path.child("values"), Value(values),
                             "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
        else if (op != "In" && op != "NotIn" && op != "Exists" && op != "DoesNotExist")
            refusals.invalid(path.child("operator"), Value(op), "not a valid selector operator");
    }
}

void quotaSpec(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto list = path.child("hard");
    if (const auto* hard = find(spec, {"hard"}); hard && hard->is_object()) {
        for (const auto& member : hard->get_object()) {
            const std::string_view name = member.key();
            checkQuotaResourceName(name, list.key(name), refusals);
            const auto amount = amountAt(spec, "hard", name);
            if (amount && amount->isNegative())
                refusals.invalid(list.key(name), member.value(), "must be greater than or equal to 0");
            else if (amount && isCount(name) && Quantity::fromUnits(amount->units()) != *amount)
                refusals.invalid(list.key(name), member.value(), "must be an integer");
        }
    }
    const auto& scopes = itemsAt(spec, {"scopes"});
    for (const auto& scope : scopes)
        checkScope(spec, textOf(scope), path.child("scopes"), path.child("scopes"), Value(scopes), refusals);
    checkScopeSelector(spec, path, refusals);
    const auto has = [&](std::string_view scope) { return std::ranges::find(scopes, Value(scope)) != scopes.end(); };
    for (const auto& [one, other] :
         {std::pair{"BestEffort", "NotBestEffort"}, std::pair{"Terminating", "NotTerminating"}})
        if (has(one) && has(other))
            refusals.invalid(path.child("scopes"), Value(scopes), "conflicting scopes");
}

void quotaUpdate(const Value& spec, const Value& old, const FieldPath& path, Refusals& refusals)
{
    const auto& scopes = itemsAt(spec, {"scopes"});
    if (scopes != itemsAt(old, {"scopes"}))
        refusals.invalid(path.child("scopes"), Value(scopes), "field is immutable");
}

struct SystemClass {
    std::string_view name;
    std::int64_t value;
};
constexpr std::array systemClasses{SystemClass{"system-node-critical", 2'000'001'000},
                                   SystemClass{"system-cluster-critical", 2'000'000'000}};

void checkSystemClass(const Value& node, std::string_view name, const FieldPath& path, Refusals& refusals)
{
    const auto known = std::ranges::find(systemClasses, name, &SystemClass::name);
    std::string problem;
    if (known == systemClasses.end())
        problem = fmt::format("{} is not a known system priority class", name);
    else if (integerAt(node, {"value"}) != known->value)
        problem = fmt::format("value of {} PriorityClass must be {}", name, known->value);
    else if (boolAt(node, {"globalDefault"}))
        problem = fmt::format("globalDefault of {} PriorityClass must be false", name);
    if (!problem.empty())
        refusals.forbidden(path, fmt::format("priority class names with 'system-' prefix are reserved for system use "
                                             "only. error: {}",
                                             problem));
}

void priorityClass(const Value& node, const FieldPath& path, Refusals& refusals)
{
    constexpr std::int64_t userValueMax = 1'000'000'000;
    const auto name = stringAt(node, {"metadata", "name"});
    const auto metadata = path.child("metadata");
    if (name.starts_with("system-"))
        checkSystemClass(node, name, metadata.child("name"), refusals);
    else if (integerAt(node, {"value"}) > userValueMax)
        refusals.forbidden(path.child("value"),
                           fmt::format("maximum allowed value of a user defined priority is {}", userValueMax));
}

void priorityClassUpdate(const Value& node, const Value& old, const FieldPath& path, Refusals& refusals)
{
    if (integerAt(node, {"value"}) != integerAt(old, {"value"}))
        refusals.forbidden(path.child("value"), "may not be changed in an update.");
}

void runtimeClass(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (const auto handler = stringAt(node, {"handler"}); !handler.empty())
        refuse(wrongDnsLabel(handler), path.child("handler"), Value(handler), refusals);
    const auto scheduling = path.child("scheduling");
    checkLabels(find(node, {"scheduling", "nodeSelector"}), scheduling.child("nodeSelector"), refusals);
    const auto* amounts = find(node, {"overhead", "podFixed"});
    if (!amounts || !amounts->is_object())
        return;
    const auto overhead = path.child("overhead");
    const auto fixed = overhead.child("podFixed");
    for (const auto& amount : amounts->get_object()) {
        const std::string_view name = amount.key();
        checkContainerResourceName(name, fixed.key(name), refusals);
        if (const auto value = amountAt(node.at("overhead"), "podFixed", name); value && value->isNegative())
            refusals.invalid(fixed.key(name), amount.value(), "must be greater than or equal to 0");
    }
}

constexpr std::array table{
    Rule{"limitRange", limitRange},
    Rule{"priorityClass", priorityClass, priorityClassUpdate},
    Rule{"quotaSpec", quotaSpec, quotaUpdate},
    Rule{"runtimeClass", runtimeClass},
};

} // namespace

std::span<const Rule> quotaRules()
{
    return table;
}

} // namespace keelson::api
