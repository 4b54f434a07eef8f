// SPDX-License-Identifier: Apache-2.0
#include "registry/admission.h"

#include "registry/write_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::registry {
namespace {

constexpr std::array lastingNamespaces{"default", "kube-system", "kube-public", "kube-node-lease"};
constexpr std::int64_t tolerationSeconds = 300;

Error withDetails(Error error, const Kind& kind, std::string_view name)
{
    error.group = kind.groupVersion.group;
    error.resource = kind.plural;
    error.name = name;
    return error;
}

class NamespaceLifecycle : public AdmissionStep {
public:
    NamespaceLifecycle(const WatchCache& cache, const Kind& namespaces) : m_cache(cache), m_namespaces(namespaces) {}
    std::string_view name() const override { return "NamespaceLifecycle"; }

    Result<Done> admit(Admission& admission) const override
    {
        if (admission.verb == Verb::Delete && &admission.kind == &m_namespaces &&
            std::ranges::count(lastingNamespaces, admission.key.name) != 0)
            return fail(forbiddenObject(admission.kind, admission.key.name, "this namespace may not be deleted"));
        if (admission.verb != Verb::Create || !admission.kind.namespaced)
            return Done{};
        const auto space = m_cache.find(m_namespaces, {{}, admission.key.nameSpace});
        if (!space)
            return fail(notFound(m_namespaces, admission.key.nameSpace));
        if (isTerminating(*space))
            return fail(forbiddenObject(
                admission.kind, admission.key.name,
                fmt::format("unable to create new content in namespace {} because it is being terminated",
                            admission.key.nameSpace)));
        // Nothing new may come into a namespace that began to end meanwhile.
        admission.expectations.push_back({storeKey(m_namespaces, space->key), space->revision});
        return Done{};
    }

private:
    bool isTerminating(const StoredObject& space) const
    {
        const auto phase = std::ranges::find(m_namespaces.fieldSelectors, "status.phase");
        return phase != m_namespaces.fieldSelectors.end() &&
               space.fields[static_cast<std::size_t>(phase - m_namespaces.fieldSelectors.begin())] == "Terminating";
    }

    const WatchCache& m_cache;
    const Kind& m_namespaces;
};

class DefaultTolerationSeconds : public AdmissionStep {
public:
    std::string_view name() const override { return "DefaultTolerationSeconds"; }

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

} // namespace

Error forbiddenObject(const Kind& kind, std::string_view name, std::string_view why)
{
    return withDetails(
        makeError(Reason::Forbidden, fmt::format("{} \"{}\" is forbidden: {}", kind.resourceName(), name, why)), kind,
        name);
}

bool isPodCreation(const Admission& admission)
{
    return admission.verb == Verb::Create && admission.subresource.empty() && isCoreKind(admission.kind, "Pod");
}

Error notFound(const Kind& kind, std::string_view name)
{
    return withDetails(makeError(Reason::NotFound, fmt::format("{} \"{}\" not found", kind.resourceName(), name)), kind,
                       name);
}

std::unique_ptr<AdmissionStep> namespaceLifecycle(const WatchCache& cache, const api::Catalog& catalog)
{
    return std::make_unique<NamespaceLifecycle>(cache, *catalog.find({"", "v1"}, "Namespace"));
}

std::unique_ptr<AdmissionStep> defaultTolerationSeconds()
{
    return std::make_unique<DefaultTolerationSeconds>();
}

} // namespace keelson::registry
