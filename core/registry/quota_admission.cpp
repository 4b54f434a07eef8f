// SPDX-License-Identifier: Apache-2.0
#include "registry/quota_admission.h"

#include "api/codec.h"
#include "quota/limit_range.h"
#include "registry/cluster_objects.h"
#include "registry/write_rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace keelson::registry {
namespace {

class LimitRanger : public AdmissionStep {
public:
    LimitRanger(const WatchCache& cache, const api::Catalog& catalog)
        : m_cache(cache),
          m_ranges(*catalog.find({"", "v1"}, "LimitRange")),
          m_claims(*catalog.find({"", "v1"}, "PersistentVolumeClaim"))
    {
    }
    std::string_view name() const override { return "LimitRanger"; }
    bool changes(const Admission& admission) const override { return isPodCreation(admission); }

    Result<Done> admit(Admission& admission) const override
    {
        if (!isPodCreation(admission))
            return Done{};
        for (const auto& stored : objectsIn(m_cache, m_ranges, admission.key.nameSpace)) {
            TRY_ASSIGN(const auto range, read<api::LimitRange>(*stored));
            // The pod is not validated yet: what cannot be read is refused there.
            if (const auto pod = api::fromJson<api::Pod>(*admission.object))
                quota::applyLimitDefaults(range.spec, *pod, *admission.object);
        }
        return Done{};
    }

    Result<Done> check(Admission& admission) const override
    {
        const bool pod = isPodCreation(admission);
        const bool claim = &admission.kind == &m_claims && admission.object && admission.subresource.empty();
        if (!pod && !claim)
            return Done{};
        for (const auto& stored : objectsIn(m_cache, m_ranges, admission.key.nameSpace)) {
            TRY_ASSIGN(const auto range, read<api::LimitRange>(*stored));
            std::vector<std::string> violations;
            if (pod) {
                TRY_ASSIGN(const auto typed, api::fromJson<api::Pod>(*admission.object));
                violations = quota::limitViolations(range.spec, typed.spec);
            } else {
                TRY_ASSIGN(const auto typed, api::fromJson<api::PersistentVolumeClaim>(*admission.object));
                violations = quota::limitViolations(range.spec, typed.spec);
            }
            if (violations.size() == 1)
                return fail(forbiddenObject(admission.kind, admission.key.name, violations.front()));
            if (!violations.empty())
                return fail(forbiddenObject(admission.kind, admission.key.name,
                                            fmt::format("[{}]", fmt::join(violations, ", "))));
        }
        return Done{};
    }

private:
    template <typename T>
    static Result<T> read(const StoredObject& stored)
    {
        TRY_ASSIGN(const auto document, api::parseJson(stored.json));
        return api::fromJson<T>(document);
    }

    const WatchCache& m_cache;
    const Kind& m_ranges;
    const Kind& m_claims;
};

class ResourceQuota : public AdmissionStep {
public:
    explicit ResourceQuota(QuotaLedger& ledger) : m_ledger(ledger) {}
    std::string_view name() const override { return "ResourceQuota"; }

    Result<Done> check(Admission& admission) const override
    {
        const auto& kind = admission.kind;
        const bool mayGrow = admission.verb == Verb::Create ||
                             (admission.verb == Verb::Update && quota::hasAmounts(kind) && !isCoreKind(kind, "Pod"));
        if (!mayGrow || !admission.subresource.empty() || !m_ledger.concerns(kind, admission.key.nameSpace))
            return Done{};
        auto held = m_ledger.claim(kind, admission.key, *admission.object);
        if (!held)
            return held.error().reason == Reason::Forbidden
                       ? fail(forbiddenObject(kind, admission.key.name, held.error().message))
                       : fail(std::move(held).error());
        if (*held)
            admission.holds.push_back(*std::move(held));
        return Done{};
    }

private:
    QuotaLedger& m_ledger;
};

} // namespace

std::unique_ptr<AdmissionStep> limitRanger(const WatchCache& cache, const api::Catalog& catalog)
{
    return std::make_unique<LimitRanger>(cache, catalog);
}

std::unique_ptr<AdmissionStep> resourceQuota(QuotaLedger& ledger)
{
    return std::make_unique<ResourceQuota>(ledger);
}

} // namespace keelson::registry
