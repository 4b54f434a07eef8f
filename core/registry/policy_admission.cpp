// SPDX-License-Identifier: Apache-2.0
#include "registry/policy_admission.h"

#include "api/codec.h"
#include "base/log.h"
#include "policies/admission_policy.h"
#include "policies/written_policies.h"
#include "registry/asked_write.h"
#include "registry/cluster_objects.h"
#include "registry/version_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <mutex>

namespace keelson::registry {
namespace {

using policies::AdmissionPolicy;
using policies::PolicyBinding;

/// A policy and what puts it in force.
struct PolicyInForce {
    std::shared_ptr<const AdmissionPolicy> policy;
    std::vector<PolicyBinding> bindings; ///< By name.
};
using PoliciesInForce = std::shared_ptr<const std::vector<PolicyInForce>>;

/// The policies in force, read anew when policies or bindings change. Threads: any.
class PolicyList {
public:
    PolicyList(const WatchCache& cache, const api::Catalog& catalog)
        : m_policies(*cache.of(*catalog.find({group, "v1"}, "ValidatingAdmissionPolicy"))),
          m_bindings(*cache.of(*catalog.find({group, "v1"}, "ValidatingAdmissionPolicyBinding"))),
          m_inForce(std::make_shared<std::vector<PolicyInForce>>())
    {
    }

    PoliciesInForce all() const
    {
        const auto policies = m_policies.snapshot();
        const auto bindings = m_bindings.snapshot();
        const std::scoped_lock lock(m_mutex);
        if (const auto read = std::pair(policies.revision, bindings.revision); read != m_read) {
            m_inForce = readAll(policies.objects, bindings.objects);
            m_read = read;
        }
        return m_inForce;
    }

private:
    static constexpr auto group = "admissionregistration.k8s.io";

    template <typename T, typename Made>
    static void readEach(const ObjectTree& objects, Made&& made)
    {
        objects.visit(nullptr, [&](const StoredObjectPtr& stored) {
            const auto document = api::parseJson(stored->json);
            const auto typed = document ? api::fromJson<T>(*document) : fail(document.error());
            const auto done = typed ? made(*typed) : fail(typed.error());
            if (!done)
                log::error("registry", "{} {} is passed over: {}", T::kindName, stored->key.name, done.error().message);
            return true;
        });
    }

    static PoliciesInForce readAll(const ObjectTree& policies, const ObjectTree& bindings)
    {
        std::map<std::string, std::vector<PolicyBinding>> byPolicy;
        readEach<api::ValidatingAdmissionPolicyBinding>(bindings, [&](const auto& typed) -> Result<Done> {
            TRY_ASSIGN(auto binding, PolicyBinding::of(typed));
            byPolicy[binding.policy].push_back(std::move(binding));
            return Done{};
        });
        auto inForce = std::make_shared<std::vector<PolicyInForce>>();
        readEach<api::ValidatingAdmissionPolicy>(policies, [&](const auto& typed) -> Result<Done> {
            const auto found = byPolicy.find(typed.metadata.name);
            if (found == byPolicy.end())
                return Done{};
            TRY_ASSIGN(auto policy, AdmissionPolicy::of(typed));
            inForce->push_back({std::move(policy), std::move(found->second)});
            return Done{};
        });
        return inForce;
    }

    const KindCache& m_policies;
    const KindCache& m_bindings;
    mutable std::mutex m_mutex; ///< Guards the rest.
    mutable PoliciesInForce m_inForce;
    mutable std::pair<Revision, Revision> m_read{-1, -1}; ///< That they were read at.
};

/// What the policies in force say of one write.
class PolicyJudgement {
public:
    PolicyJudgement(const WatchCache& cache, const auth::Authorizer* authorizer, const Admission& admission)
        : m_cache(cache), m_admission(admission), m_asked(cache, admission), m_authorizer(authorizer)
    {
    }

    void ask(const PolicyInForce& inForce)
    {
        const auto& policy = *inForce.policy;
        if (!policy.match(m_asked.request(), m_asked.labels()))
            return;
        const Kind* params = nullptr;
        if (const auto& wanted = policy.paramKind()) {
            params = kindOfParams(*wanted);
            if (!params)
                return misconfigured(policy, "",
                                     fmt::format("failed to configure policy: failed to find resource referenced by "
                                                 "paramKind: '{}'",
                                                 kindText(*wanted)));
        }
        m_notes.clear();
        for (const auto& binding : inForce.bindings) {
            if (binding.matching.match(m_asked.request(), m_asked.labels()))
                ask(policy, binding, params);
        }
        publishNotes(policy);
    }

    /// The first denial ends the write.
    Result<Done> outcome() const
    {
        if (!m_denial)
            return Done{};
        auto error = forbiddenObject(m_admission.kind, m_admission.key.name, m_denial->message);
        error.reason = m_denial->reason.empty() ? Reason::Invalid : reasonFromName(m_denial->reason);
        error.causes.push_back({{}, m_denial->message, {}});
        return fail(std::move(error));
    }

private:
    struct Denial {
        std::string message;
        std::string reason;
    };

    static std::string kindText(const api::ParamKind& kind)
    {
        const auto version = api::GroupVersion::parse(kind.apiVersion);
        return fmt::format("{}/{}, Kind={}", version.group, version.version, kind.kind);
    }

    const Kind* kindOfParams(const api::ParamKind& wanted)
    {
        m_catalog = m_cache.catalog();
        const auto* const kind = m_catalog->find(api::GroupVersion::parse(wanted.apiVersion), wanted.kind);
        return kind && m_cache.of(*kind) ? kind : nullptr;
    }

    void ask(const AdmissionPolicy& policy, const PolicyBinding& binding, const Kind* paramKind)
    {
        auto params = collectParams(binding, paramKind);
        if (!params)
            return misconfigured(policy, binding.name, "failed to configure binding: " + params.error().message);
        const auto input = m_asked.input(m_authorizer);
        for (const auto& param : *params)
            take(policy, binding, policy.judge(input, param.is_null() ? nullptr : &param));
    }

    /// The objects with parameters; null stands for none.
    Result<std::vector<Value>> collectParams(const PolicyBinding& binding, const Kind* kind) const
    {
        if (!kind || !binding.paramRef)
            return std::vector<Value>(1);
        const auto& reference = *binding.paramRef;
        if (!kind->namespaced && !reference.namespace_.empty())
            return fail(Reason::Invalid, "paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
        auto space = reference.namespace_;
        if (kind->namespaced && space.empty())
            space = m_admission.key.nameSpace;
        if (kind->namespaced && space.empty())
            return fail(Reason::Invalid,
                        "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
        TRY_ASSIGN(auto found, readParams(*kind, reference, space));
        if (found.empty() && reference.parameterNotFoundAction == "Deny")
            return fail(Reason::Invalid, "no params found for policy binding with `Deny` parameterNotFoundAction");
        return found;
    }

    Result<std::vector<Value>> readParams(const Kind& kind, const api::ParamRef& reference,
                                          const std::string& space) const
    {
        std::vector<Value> found;
        if (!reference.name.empty()) {
            if (auto stored = m_cache.find(kind, {space, reference.name})) {
                TRY_ASSIGN(const auto shown, VersionView(kind).show(std::move(stored)));
                found.push_back(api::parseJson(shown->json).value_or(Value{}));
            }
            return found;
        }
        TRY_ASSIGN(const auto selector,
                   api::LabelSelector::fromObject(reference.selector ? toJson(*reference.selector) : Value{}));
        auto selected = objectsIn(m_cache, kind, space);
        std::erase_if(selected, [&](const StoredObjectPtr& stored) { return !selector.matches(stored->labels); });
        TRY_ASSIGN(const auto shown, VersionView(kind).showEach(std::move(selected)));
        for (const auto& object : shown)
            found.push_back(api::parseJson(object->json).value_or(Value{}));
        return found;
    }

    void take(const AdmissionPolicy& policy, const PolicyBinding& binding, const policies::Verdict& verdict)
    {
        for (const auto& denial : verdict.denials) {
            for (const auto& action : binding.actions) {
                if (action == "Deny")
                    deny(policy, binding.name, denial.message, denial.reason);
                else if (action == "Warn")
                    warn(m_admission.context,
                         fmt::format("Validation failed for ValidatingAdmissionPolicy '{}' with binding '{}': {}",
                                     policy.name(), binding.name, denial.message));
                else if (action == "Audit")
                    annotate(policy, binding, denial);
            }
        }
        for (const auto& why : verdict.notesFailed)
            deny(policy, binding.name, why, {});
        for (const auto& [key, value] : verdict.notes) {
            auto& values = m_notes[key];
            const auto shown = value.substr(0, noteBytesMax);
            if (std::ranges::find(values, shown) == values.end())
                values.push_back(shown);
        }
    }

    void deny(const AdmissionPolicy& policy, const std::string& binding, std::string_view why, std::string reason)
    {
        if (!m_denial)
            m_denial = Denial{policies::denialText(policy.name(), binding, why), std::move(reason)};
    }

    void misconfigured(const AdmissionPolicy& policy, const std::string& binding, const std::string& why)
    {
        if (!policy.mayFail())
            deny(policy, binding, why, {});
    }

    void annotate(const AdmissionPolicy& policy, const PolicyBinding& binding, const policies::Verdict::Denial& denial)
    {
        if (!m_admission.context.auditAnnotations)
            return;
        const Value failure{{"message", denial.message},
                            {"policy", policy.name()},
                            {"binding", binding.name},
                            {"expressionIndex", denial.index},
                            {"validationActions", api::Array(binding.actions.begin(), binding.actions.end())}};
        m_admission.context.auditAnnotations->insert_or_assign("validation.policy.admission.k8s.io/validation_failure",
                                                               api::writeJson(api::Array{failure}));
    }

    /// A note that several bindings make with different parameters has all their values.
    void publishNotes(const AdmissionPolicy& policy) const
    {
        if (!m_admission.context.auditAnnotations)
            return;
        for (const auto& [key, values] : m_notes)
            m_admission.context.auditAnnotations->insert_or_assign(policy.name() + "/" + key,
                                                                   fmt::format("{}", fmt::join(values, ", ")));
    }

    static constexpr std::size_t noteBytesMax = std::size_t{10} * 1024;

    const WatchCache& m_cache;
    const Admission& m_admission;
    const AskedWrite m_asked;
    const auth::Authorizer* const m_authorizer;
    std::shared_ptr<const api::Catalog> m_catalog; ///< Holds the kind of the parameters.
    std::optional<Denial> m_denial;
    std::map<std::string, std::vector<std::string>> m_notes; ///< Of the policy that is asked.
};

class ValidatingPolicies : public AdmissionStep {
public:
    ValidatingPolicies(const WatchCache& cache, const api::Catalog& catalog, const auth::Authorizer* authorizer)
        : m_cache(cache), m_list(cache, catalog), m_authorizer(authorizer)
    {
    }
    std::string_view name() const override { return "ValidatingAdmissionPolicy"; }
    bool isConfigured() const override { return !m_list.all()->empty(); }

    Result<Done> check(Admission& admission) const override
    {
        if (policies::isOfAdmission(admission.kind))
            return Done{};
        const auto all = m_list.all();
        if (all->empty())
            return Done{};
        PolicyJudgement judgement(m_cache, m_authorizer, admission);
        for (const auto& each : *all)
            judgement.ask(each);
        return judgement.outcome();
    }

private:
    const WatchCache& m_cache;
    const PolicyList m_list;
    const auth::Authorizer* const m_authorizer;
};

} // namespace

std::unique_ptr<AdmissionStep> validatingPolicies(const WatchCache& cache, const api::Catalog& catalog,
                                                  const auth::Authorizer* authorizer)
{
    return std::make_unique<ValidatingPolicies>(cache, catalog, authorizer);
}

} // namespace keelson::registry
