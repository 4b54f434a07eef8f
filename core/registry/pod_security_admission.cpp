// SPDX-License-Identifier: Apache-2.0
#include "registry/pod_security_admission.h"

#include "api/codec.h"
#include "api/rules.h"
#include "api/validation.h"
#include "podsecurity/pod_checks.h"
#include "registry/cluster_objects.h"
#include "registry/write_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::registry {
namespace {

using podsecurity::Level;
using podsecurity::Policy;

/// How many pods are looked at when a namespace's labels change.
constexpr std::size_t podsCheckedMax = 3000;

/// Where the template of pods is in a workload.
struct Workload {
    std::string_view group;
    std::string_view kind;
    std::initializer_list<std::string_view> template_;
};
constexpr std::initializer_list<std::string_view> inSpec{"spec", "template"};
constexpr std::initializer_list<std::string_view> inJob{"spec", "jobTemplate", "spec", "template"};
constexpr std::initializer_list<std::string_view> atTop{"template"};
constexpr std::array workloads{Workload{"", "ReplicationController", inSpec}, Workload{"apps", "ReplicaSet", inSpec},
                               Workload{"apps", "Deployment", inSpec},        Workload{"apps", "StatefulSet", inSpec},
                               Workload{"apps", "DaemonSet", inSpec},         Workload{"batch", "Job", inSpec},
                               Workload{"batch", "CronJob", inJob},           Workload{"", "PodTemplate", atTop}};

const Workload* workloadOf(const Kind& kind)
{
    const auto found = std::ranges::find_if(workloads, [&](const Workload& each) {
        return each.kind == kind.kind && each.group == kind.groupVersion.group;
    });
    return found == workloads.end() ? nullptr : &*found;
}

/// A pod or a template of pods: what both have.
Result<api::PodTemplateSpec> readTemplate(const Value& from)
{
    api::PodTemplateSpec read;
    if (const auto* const metadata = api::find(from, {"metadata"})) {
        TRY_ASSIGN(read.metadata, api::fromJson<api::ObjectMeta>(*metadata));
    }
    if (const auto* const spec = api::find(from, {"spec"})) {
        TRY_ASSIGN(read.spec, api::fromJson<api::PodSpec>(*spec));
    }
    return read;
}

/// What of a pod that is there may change and is judged: its images, its debugging containers and its profiles by
/// annotation.
Value judgedPart(const Value& pod)
{
    api::Object part;
    for (const auto* const list : {"containers", "initContainers"}) {
        api::Array images;
        for (const auto& container : api::itemsAt(pod, {"spec", list}))
            images.emplace_back(api::stringAt(container, {"image"}));
        part[list] = std::move(images);
    }
    if (const auto* const added = api::find(pod, {"spec", "ephemeralContainers"}))
        part["ephemeralContainers"] = *added;
    const auto* const annotations = api::find(pod, {"metadata", "annotations"});
    if (annotations && annotations->is_object()) {
        for (const auto& [key, value] : annotations->get_object()) {
            const std::string_view name = key;
            if (name.contains("apparmor.security.beta.kubernetes.io/") ||
                name.contains("seccomp.security.alpha.kubernetes.io/"))
                part[key] = value;
        }
    }
    return part;
}

class PodSecurity : public AdmissionStep {
public:
    PodSecurity(const WatchCache& cache, const api::Catalog& catalog, podsecurity::Configuration configuration)
        : m_cache(cache),
          m_namespaces(*catalog.find({"", "v1"}, "Namespace")),
          m_pods(*catalog.find({"", "v1"}, "Pod")),
          m_configuration(std::move(configuration))
    {
    }
    std::string_view name() const override { return "PodSecurity"; }

    Result<Done> check(Admission& admission) const override
    {
        if (!admission.object)
            return Done{};
        if (&admission.kind == &m_namespaces)
            return admission.subresource.empty() ? checkNamespace(admission) : Done{};
        if (&admission.kind == &m_pods)
            return isJudged(admission) ? checkPod(admission) : Done{};
        const auto* const workload = admission.subresource.empty() ? workloadOf(admission.kind) : nullptr;
        return workload ? checkWorkload(admission, *workload) : Done{};
    }

private:
    static bool isJudged(const Admission& admission)
    {
        if (admission.verb == Verb::Create)
            return true;
        return (admission.subresource.empty() || admission.subresource == "ephemeralcontainers") && admission.before &&
               judgedPart(*admission.object) != judgedPart(*admission.before);
    }

    podsecurity::NamespacePolicies policies(const Admission& admission) const
    {
        const auto space = m_cache.find(m_namespaces, {{}, admission.key.nameSpace});
        return policiesOf(space ? space->labels : api::Labels{});
    }
    podsecurity::NamespacePolicies policiesOf(const api::Labels& labels) const
    {
        return podsecurity::policiesOf(labels, m_configuration.defaults);
    }

    /// By what the configuration exempts the writer or the namespace; the audit log says it.
    bool isExempt(const Admission& admission) const
    {
        if (m_configuration.exemptNamespaces.contains(admission.key.nameSpace))
            return exempts(admission, "namespace");
        return m_configuration.exemptUsers.contains(admission.context.user.name) && exempts(admission, "user");
    }
    bool isExempt(const Admission& admission, const api::PodTemplateSpec& pod) const
    {
        return hasExemptClass(pod) && exempts(admission, "runtimeClass");
    }
    bool hasExemptClass(const api::PodTemplateSpec& pod) const
    {
        return pod.spec.runtimeClassName && m_configuration.exemptRuntimeClasses.contains(*pod.spec.runtimeClassName);
    }
    static bool exempts(const Admission& admission, const char* why)
    {
        annotate(admission, "exempt", why);
        return true;
    }

    static std::string violations(const Policy& policy, const api::PodTemplateSpec& pod)
    {
        return policy.level == Level::Privileged
                   ? ""
                   : podsecurity::text(podsecurity::violationsOf(policy, pod.metadata, pod.spec));
    }

    static bool allowsAll(const podsecurity::NamespacePolicies& policies)
    {
        return policies.enforce.level == Level::Privileged && policies.audit.level == Level::Privileged &&
               policies.warn.level == Level::Privileged;
    }

    Result<Done> checkPod(Admission& admission) const
    {
        const auto wanted = policies(admission);
        if (isExempt(admission) || allowsAll(wanted))
            return Done{};
        TRY_ASSIGN(const auto pod, readTemplate(*admission.object));
        if (isExempt(admission, pod))
            return Done{};
        annotate(admission, "enforce-policy", wanted.enforce.text());
        const auto enforced = violations(wanted.enforce, pod);
        audit(admission, wanted.audit, pod);
        if (!enforced.empty())
            return fail(
                forbiddenObject(admission.kind, admission.key.name,
                                fmt::format("violates PodSecurity \"{}\": {}", wanted.enforce.text(), enforced)));
        warnOf(admission, wanted.warn, pod);
        return Done{};
    }

    /// Nothing is enforced: the pods themselves come later, and are.
    Result<Done> checkWorkload(Admission& admission, const Workload& workload) const
    {
        const auto wanted = policies(admission);
        const auto* const found = api::find(*admission.object, workload.template_);
        if (!found || isExempt(admission) ||
            (wanted.audit.level == Level::Privileged && wanted.warn.level == Level::Privileged))
            return Done{};
        TRY_ASSIGN(const auto pod, readTemplate(*found));
        if (isExempt(admission, pod))
            return Done{};
        audit(admission, wanted.audit, pod);
        warnOf(admission, wanted.warn, pod);
        return Done{};
    }

    static std::string wouldViolate(const Policy& policy, const std::string& what)
    {
        return fmt::format("would violate PodSecurity \"{}\": {}", policy.text(), what);
    }

    static void annotate(const Admission& admission, std::string_view name, std::string value)
    {
        if (admission.context.auditAnnotations)
            admission.context.auditAnnotations->insert_or_assign(
                std::string(podsecurity::labelPrefix) + std::string(name), std::move(value));
    }

    static void audit(const Admission& admission, const Policy& policy, const api::PodTemplateSpec& pod)
    {
        if (!admission.context.auditAnnotations)
            return;
        if (const auto what = violations(policy, pod); !what.empty())
            annotate(admission, "audit-violations", wouldViolate(policy, what));
    }

    static void warnOf(const Admission& admission, const Policy& policy, const api::PodTemplateSpec& pod)
    {
        if (const auto what = violations(policy, pod); !what.empty())
            warn(admission.context, wouldViolate(policy, what));
    }

    Result<Done> checkNamespace(const Admission& admission) const
    {
        const auto labels = labelsOf(*admission.object);
        const auto before = admission.before ? labelsOf(*admission.before) : api::Labels{};
        if (labels == before)
            return Done{};
        auto causes = podsecurity::labelCauses(labels);
        if (!causes.empty() && (admission.verb == Verb::Create || causes != podsecurity::labelCauses(before)))
            return fail(api::invalidError(admission.kind, admission.key.name, std::move(causes)));
        const auto enforced = policiesOf(labels).enforce;
        if (admission.before && isTightened(policiesOf(before).enforce, enforced) &&
            !m_configuration.exemptNamespaces.contains(admission.key.name))
            warnOfPods(admission, enforced);
        return Done{};
    }

    static bool isTightened(const Policy& before, const Policy& now)
    {
        return now != before && now.level != Level::Privileged &&
               (now.version != before.version || now.level > before.level);
    }

    /// Pods that violate the same come in one warning, under the first one's name.
    void warnOfPods(const Admission& admission, const Policy& policy) const
    {
        auto pods = objectsIn(m_cache, m_pods, admission.key.name);
        if (pods.size() > podsCheckedMax) {
            pods.resize(podsCheckedMax);
            warn(admission.context,
                 fmt::format("only the first {} pods of the namespace were checked", podsCheckedMax));
        }
        std::map<std::string, std::vector<std::string>> byViolation;
        for (const auto& stored : pods) {
            const auto document = api::parseJson(stored->json).value_or(Value{});
            const auto pod = readTemplate(document);
            if (!pod || hasExemptClass(*pod))
                continue;
            if (auto what = podsecurity::violationsOf(policy, pod->metadata, pod->spec); !what.empty()) {
                std::string controls;
                for (const auto& each : what)
                    controls += (controls.empty() ? "" : ", ") + each.control;
                byViolation[controls].push_back(stored->key.name);
            }
        }
        if (byViolation.empty())
            return;
        warn(admission.context,
             fmt::format("existing pods in namespace \"{}\" violate the new PodSecurity enforce level "
                         "\"{}\"",
                         admission.key.name, policy.text()));
        std::vector<std::string> lines;
        for (const auto& [controls, names] : byViolation) {
            const auto others = names.size() - 1;
            lines.push_back(fmt::format(
                "{}{}: {}", names.front(),
                others == 0 ? "" : fmt::format(" (and {} other pod{})", others, others == 1 ? "" : "s"), controls));
        }
        std::ranges::sort(lines);
        for (auto& line : lines)
            warn(admission.context, std::move(line));
    }

    const WatchCache& m_cache;
    const Kind& m_namespaces;
    const Kind& m_pods;
    const podsecurity::Configuration m_configuration;
};

} // namespace

std::unique_ptr<AdmissionStep> podSecurity(const WatchCache& cache, const api::Catalog& catalog,
                                           podsecurity::Configuration configuration)
{
    return std::make_unique<PodSecurity>(cache, catalog, std::move(configuration));
}

} // namespace keelson::registry
