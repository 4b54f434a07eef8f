// SPDX-License-Identifier: Apache-2.0
#include "registry/storage_admission.h"

#include "api/quantity.h"
#include "registry/cluster_objects.h"

#include <algorithm>

namespace keelson::registry {
namespace {

/// Gives new objects of a kind the name of a default class where they name none.
class DefaultClass : public AdmissionStep {
public:
    struct Form {
        std::string_view step;
        std::string_view member;        ///< Of spec: the name of the class.
        std::string_view oldAnnotation; ///< Names the class too.
        std::string_view mark;          ///< Annotation of the default class.
    };

    DefaultClass(const WatchCache& cache, const Kind& kind, const Kind& classes, const Form& form)
        : m_cache(cache), m_kind(kind), m_classes(classes), m_form(form)
    {
    }
    std::string_view name() const override { return m_form.step; }
    bool changes(const Admission& admission) const override { return isCreation(admission, m_kind); }

    Result<Done> admit(Admission& admission) const override
    {
        if (!isCreation(admission, m_kind) || api::find(*admission.object, {"spec", m_form.member}) ||
            api::find(*admission.object, {"metadata", "annotations", m_form.oldAnnotation}))
            return Done{};
        const auto chosen = defaultObject(m_cache, m_classes, m_form.mark);
        if (const auto* const name = api::find(chosen, {"metadata", "name"}))
            api::objectAt(*admission.object, {"spec"})[m_form.member] = *name;
        return Done{};
    }

private:
    const WatchCache& m_cache;
    const Kind& m_kind;
    const Kind& m_classes;
    const Form m_form;
};

class StorageInUseProtection : public AdmissionStep {
public:
    StorageInUseProtection(const Kind& claims, const Kind& volumes) : m_claims(claims), m_volumes(volumes) {}
    std::string_view name() const override { return "StorageObjectInUseProtection"; }
    bool changes(const Admission& admission) const override
    {
        return isCreation(admission, m_claims) || isCreation(admission, m_volumes);
    }

    Result<Done> admit(Admission& admission) const override
    {
        if (isCreation(admission, m_claims))
            protect(*admission.object, "kubernetes.io/pvc-protection");
        else if (isCreation(admission, m_volumes))
            protect(*admission.object, "kubernetes.io/pv-protection");
        return Done{};
    }

private:
    static void protect(Value& object, const char* finalizer)
    {
        auto& finalizers = api::objectAt(object, {"metadata"})["finalizers"];
        auto& list = finalizers.is_array() ? finalizers.get_array() : finalizers.emplace_array();
        if (std::ranges::find(list, Value(finalizer)) == list.end())
            list.emplace_back(finalizer);
    }

    const Kind& m_claims;
    const Kind& m_volumes;
};

class ClaimResize : public AdmissionStep {
public:
    ClaimResize(const WatchCache& cache, const Kind& claims, const Kind& classes)
        : m_cache(cache), m_claims(claims), m_classes(classes)
    {
    }
    std::string_view name() const override { return "PersistentVolumeClaimResize"; }

    Result<Done> check(Admission& admission) const override
    {
        if (&admission.kind != &m_claims || !admission.subresource.empty() || !admission.object || !admission.before ||
            sizeOf(*admission.object) <= sizeOf(*admission.before))
            return Done{};
        if (api::stringAt(*admission.before, {"status", "phase"}) != "Bound")
            return fail(forbiddenObject(admission.kind, admission.key.name,
                                        "Only bound persistent volume claims can be expanded"));
        if (!mayGrow(*admission.object))
            return fail(forbiddenObject(admission.kind, admission.key.name,
                                        "only dynamically provisioned pvc can be resized and the storageclass that "
                                        "provisions the pvc must support resize"));
        return Done{};
    }

private:
    static api::Quantity sizeOf(const Value& claim)
    {
        return api::Quantity::parse(api::stringAt(claim, {"spec", "resources", "requests", "storage"}))
            .value_or(api::Quantity{});
    }

    bool mayGrow(const Value& claim) const
    {
        auto name = api::stringAt(claim, {"metadata", "annotations", "volume.beta.kubernetes.io/storage-class"});
        if (name.empty())
            name = api::stringAt(claim, {"spec", "storageClassName"});
        const auto stored = name.empty() ? nullptr : m_cache.find(m_classes, {{}, std::string(name)});
        const auto document = stored ? api::parseJson(stored->json).value_or(Value{}) : Value{};
        return api::boolAt(document, {"allowVolumeExpansion"});
    }

    const WatchCache& m_cache;
    const Kind& m_claims;
    const Kind& m_classes;
};

} // namespace

std::unique_ptr<AdmissionStep> defaultStorageClass(const WatchCache& cache, const api::Catalog& catalog)
{
    return std::make_unique<DefaultClass>(cache, *catalog.find({"", "v1"}, "PersistentVolumeClaim"),
                                          *catalog.find({"storage.k8s.io", "v1"}, "StorageClass"),
                                          DefaultClass::Form{.step = "DefaultStorageClass",
                                                             .member = "storageClassName",
                                                             .oldAnnotation = "volume.beta.kubernetes.io/storage-class",
                                                             .mark = "storageclass.kubernetes.io/is-default-class"});
}

std::unique_ptr<AdmissionStep> storageInUseProtection(const api::Catalog& catalog)
{
    return std::make_unique<StorageInUseProtection>(*catalog.find({"", "v1"}, "PersistentVolumeClaim"),
                                                    *catalog.find({"", "v1"}, "PersistentVolume"));
}

std::unique_ptr<AdmissionStep> claimResize(const WatchCache& cache, const api::Catalog& catalog)
{
    return std::make_unique<ClaimResize>(cache, *catalog.find({"", "v1"}, "PersistentVolumeClaim"),
                                         *catalog.find({"storage.k8s.io", "v1"}, "StorageClass"));
}

std::unique_ptr<AdmissionStep> defaultIngressClass(const WatchCache& cache, const api::Catalog& catalog)
{
    return std::make_unique<DefaultClass>(cache, *catalog.find({"networking.k8s.io", "v1"}, "Ingress"),
                                          *catalog.find({"networking.k8s.io", "v1"}, "IngressClass"),
                                          DefaultClass::Form{.step = "DefaultIngressClass",
                                                             .member = "ingressClassName",
                                                             .oldAnnotation = "kubernetes.io/ingress.class",
                                                             .mark = "ingressclass.kubernetes.io/is-default-class"});
}

} // namespace keelson::registry
