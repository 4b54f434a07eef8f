// SPDX-License-Identifier: Apache-2.0
#include "registry/pod_admission.h"

#include "registry/cluster_objects.h"
#include "registry/write_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::registry {
namespace {

constexpr std::int64_t tolerationSeconds = 300;

class Priority : public AdmissionStep {
public:
    Priority(const WatchCache& cache, const Kind& classes) : m_cache(cache), m_classes(classes) {}
    std::string_view name() const override { return "Priority"; }
    bool changes(const Admission& admission) const override { return isPodCreation(admission); }

    Result<Done> admit(Admission& admission) const override
    {
        if (isPodCreation(admission))
            return resolve(admission);
        if (admission.verb == Verb::Update && admission.subresource.empty() && isCoreKind(admission.kind, "Pod"))
            keep(*admission.object, *admission.before);
        return Done{};
    }

    Result<Done> check(Admission& admission) const override
    {
        if (&admission.kind != &m_classes || !admission.object || !api::boolAt(*admission.object, {"globalDefault"}))
            return Done{};
        for (const auto& other : defaults()) {
            const auto name = api::stringAt(other, {"metadata", "name"});
            if (name != admission.key.name)
                return fail(forbiddenObject(
                    admission.kind, admission.key.name,
                    fmt::format("PriorityClass {} is already marked as default. Only one default can exist", name)));
        }
        return Done{};
    }

private:
    std::vector<Value> defaults() const { return objectsWith(m_cache, m_classes, R"("globalDefault":true)"); }

    static void keep(Value& pod, const Value& before)
    {
        for (const auto* const member : {"priority", "preemptionPolicy"}) {
            const auto* const had = api::find(before, {"spec", member});
            if (had && !api::find(pod, {"spec", member}))
                api::objectAt(pod, {"spec"})[member] = *had;
        }
    }

    /// Of several defaults the lowest counts.
    Value defaultClass() const
    {
        const auto all = defaults();
        const auto lowest =
            std::ranges::min_element(all, {}, [](const Value& each) { return api::integerAt(each, {"value"}); });
        return lowest == all.end() ? Value{{"value", 0}, {"preemptionPolicy", "PreemptLowerPriority"}} : *lowest;
    }

    Result<Done> resolve(Admission& admission) const
    {
        const auto refuse = [&](const std::string& why) {
            return fail(forbiddenObject(admission.kind, admission.key.name, why));
        };
        auto& spec = api::objectAt(*admission.object, {"spec"});
        const std::string wanted(api::stringAt(*admission.object, {"spec", "priorityClassName"}));
        Value chosen;
        if (wanted.empty()) {
            chosen = defaultClass();
            if (const auto name = api::stringAt(chosen, {"metadata", "name"}); !name.empty())
                spec["priorityClassName"] = boost::json::string_view(name.data(), name.size());
        } else {
            const auto stored = m_cache.find(m_classes, {{}, wanted});
            if (!stored)
                return refuse(fmt::format("no PriorityClass with name {} was found", wanted));
            TRY_ASSIGN(chosen, api::parseJson(stored->json));
        }
        const auto value = api::integerAt(chosen, {"value"});
        if (spec.contains("priority") && api::integerAt(*admission.object, {"spec", "priority"}) != value)
            return refuse(fmt::format("the integer value of priority ({}) must not be provided in pod spec; priority "
                                      "admission controller computed {} from the given PriorityClass name",
                                      api::writeJson(spec["priority"]), value));
        spec["priority"] = value;
        const auto policy = api::stringAt(chosen, {"preemptionPolicy"});
        if (policy.empty())
            return Done{};
        const auto given = api::stringAt(*admission.object, {"spec", "preemptionPolicy"});
        if (!given.empty() && given != policy)
            return refuse(fmt::format("the string value of PreemptionPolicy ({}) must not be provided in pod spec; "
                                      "priority admission controller computed {} from the given PriorityClass name",
                                      given, policy));
        spec["preemptionPolicy"] = boost::json::string_view(policy.data(), policy.size());
        return Done{};
    }

    const WatchCache& m_cache;
    const Kind& m_classes;
};

class DefaultTolerationSeconds : public AdmissionStep {
public:
    std::string_view name() const override { return "DefaultTolerationSeconds"; }
    bool changes(const Admission& admission) const override { return isPodCreation(admission); }

    Result<Done> admit(Admission& admission) const override
    {
        if (!isPodCreation(admission))
            return Done{};
        for (const auto* const key : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
            auto& tolerations = api::objectAt(*admission.object, {"spec"})["tolerations"];
            if (!tolerations.is_array())
                tolerations = api::Array{};
            if (std::ranges::none_of(tolerations.get_array(), [key](const Value& one) { return tolerates(one, key); }))
                tolerations.get_array().push_back({{"key", key},
                                                   {"operator", "Exists"},
                                                   {"effect", "NoExecute"},
                                                   {"tolerationSeconds", tolerationSeconds}});
        }
        return Done{};
    }

private:
    static bool tolerates(const Value& toleration, std::string_view key)
    {
        const auto itsKey = api::stringAt(toleration, {"key"});
        const auto effect = api::stringAt(toleration, {"effect"});
        return (itsKey.empty() || itsKey == key) && (effect.empty() || effect == "NoExecute");
    }
};

class RuntimeClass : public AdmissionStep {
public:
    RuntimeClass(const WatchCache& cache, const Kind& classes) : m_cache(cache), m_classes(classes) {}
    std::string_view name() const override { return "RuntimeClass"; }
    bool changes(const Admission& admission) const override
    {
        return isPodCreation(admission) && api::find(*admission.object, {"spec", "runtimeClassName"});
    }

    Result<Done> admit(Admission& admission) const override
    {
        if (!isPodCreation(admission))
            return Done{};
        auto& pod = *admission.object;
        const auto refuse = [&](const std::string& why) {
            return fail(forbiddenObject(admission.kind, admission.key.name, why));
        };
        const std::string wanted(api::stringAt(pod, {"spec", "runtimeClassName"}));
        Value chosen;
        if (!wanted.empty()) {
            const auto stored = m_cache.find(m_classes, {{}, wanted});
            if (!stored)
                return refuse(fmt::format("pod rejected: RuntimeClass \"{}\" not found", wanted));
            TRY_ASSIGN(chosen, api::parseJson(stored->json));
        }
        const auto* const overhead = api::find(chosen, {"overhead", "podFixed"});
        const auto* const given = api::find(pod, {"spec", "overhead"});
        if (given && !overhead)
            return refuse("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
        if (given && *given != *overhead)
            return refuse("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
        if (overhead)
            api::objectAt(pod, {"spec"})["overhead"] = *overhead;
        if (const auto conflict = place(pod, chosen); !conflict.empty())
            return refuse(conflict);
        return Done{};
    }

private:
    /// Where pods of the class may run. Says what contradicts the pod's own wish.
    static std::string place(Value& pod, const Value& chosen)
    {
        if (const auto* const labels = api::find(chosen, {"scheduling", "nodeSelector"});
            labels && labels->is_object()) {
            auto& selector = api::objectAt(pod, {"spec", "nodeSelector"});
            for (const auto& [label, value] : labels->get_object()) {
                const auto* const own = selector.if_contains(label);
                if (own && *own != value)
                    return fmt::format("conflict: runtimeClass.scheduling.nodeSelector[{0}] = {1}; "
                                       "pod.spec.nodeSelector[{0}] = {2}",
                                       std::string_view(label), api::stringAt(*labels, {label}),
                                       own->is_string() ? std::string_view(own->get_string()) : "");
                selector[label] = value;
            }
        }
        if (const auto* const more = api::find(chosen, {"scheduling", "tolerations"}); more && more->is_array()) {
            auto& tolerations = arrayAt(pod, "tolerations");
            for (const auto& each : more->get_array()) {
                if (std::ranges::find(tolerations, each) == tolerations.end())
                    tolerations.push_back(each);
            }
        }
        return {};
    }

    static api::Array& arrayAt(Value& pod, std::string_view member)
    {
        auto& list = api::objectAt(pod, {"spec"})[member];
        return list.is_array() ? list.get_array() : list.emplace_array();
    }

    const WatchCache& m_cache;
    const Kind& m_classes;
};

class TaintNodesByCondition : public AdmissionStep {
public:
    explicit TaintNodesByCondition(const Kind& nodes) : m_nodes(nodes) {}
    std::string_view name() const override { return "TaintNodesByCondition"; }
    bool changes(const Admission& admission) const override { return isCreation(admission, m_nodes); }

    Result<Done> admit(Admission& admission) const override
    {
        if (!isCreation(admission, m_nodes))
            return Done{};
        const Value taint{{"key", "node.kubernetes.io/not-ready"}, {"effect", "NoSchedule"}};
        auto& taints = api::objectAt(*admission.object, {"spec"})["taints"];
        auto& list = taints.is_array() ? taints.get_array() : taints.emplace_array();
        const auto same = [&](const Value& each) {
            return api::stringAt(each, {"key"}) == api::stringAt(taint, {"key"}) &&
                   api::stringAt(each, {"effect"}) == api::stringAt(taint, {"effect"});
        };
        if (std::ranges::none_of(list, same))
            list.push_back(taint);
        return Done{};
    }

private:
    const Kind& m_nodes;
};

} // namespace

std::unique_ptr<AdmissionStep> priority(const WatchCache& cache, const api::Catalog& catalog)
{
    return std::make_unique<Priority>(cache, *catalog.find({"scheduling.k8s.io", "v1"}, "PriorityClass"));
}

std::unique_ptr<AdmissionStep> defaultTolerationSeconds()
{
    return std::make_unique<DefaultTolerationSeconds>();
}

std::unique_ptr<AdmissionStep> runtimeClass(const WatchCache& cache, const api::Catalog& catalog)
{
    return std::make_unique<RuntimeClass>(cache, *catalog.find({"node.k8s.io", "v1"}, "RuntimeClass"));
}

std::unique_ptr<AdmissionStep> taintNodesByCondition(const api::Catalog& catalog)
{
    return std::make_unique<TaintNodesByCondition>(*catalog.find({"", "v1"}, "Node"));
}

} // namespace keelson::registry
