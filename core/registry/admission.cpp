// SPDX-License-Identifier: Apache-2.0
#include "registry/admission.h"

#include "registry/write_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::registry {
namespace {

constexpr std::array lastingNamespaces{"default", "kube-system", "kube-public", "kube-node-lease"};

Error withDetails(Error error, const Kind& kind, std::string_view name)
{
    error.group = kind.groupVersion.group;
    error.resource = kind.plural;
    error.name = name;
    return error;
}

/// Controllers know it by its cause and do not try again.
Error terminatingNamespace(const Kind& kind, const ObjectKey& key)
{
    auto error = forbiddenObject(
        kind, key.name,
        fmt::format("unable to create new content in namespace {} because it is being terminated", key.nameSpace));
    error.causes.push_back(
        {"NamespaceTerminating", fmt::format("namespace {} is being terminated", key.nameSpace), "metadata.namespace"});
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
            return fail(terminatingNamespace(admission.kind, admission.key));
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

class DefinitionLifecycle : public AdmissionStep {
public:
    DefinitionLifecycle(const WatchCache& cache, const Kind& definitions) : m_cache(cache), m_definitions(definitions)
    {
    }
    std::string_view name() const override { return "DefinitionLifecycle"; }

    Result<Done> admit(Admission& admission) const override
    {
        if (admission.verb != Verb::Create || !admission.kind.custom)
            return Done{};
        const auto definition = m_cache.find(m_definitions, {{}, admission.kind.resourceName()});
        if (!definition)
            return fail(notFound(m_definitions, admission.kind.resourceName()));
        const auto document = api::parseJson(definition->json);
        if (document && api::find(*document, {"metadata", "deletionTimestamp"}))
            return fail(withDetails(makeError(Reason::MethodNotAllowed,
                                              "create not allowed while custom resource definition is terminating"),
                                    admission.kind, admission.key.name));
        // Nothing new may come once the definition began to end meanwhile.
        admission.expectations.push_back({storeKey(m_definitions, definition->key), definition->revision});
        return Done{};
    }

private:
    const WatchCache& m_cache;
    const Kind& m_definitions;
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

bool isCreation(const Admission& admission, const Kind& kind)
{
    return admission.verb == Verb::Create && admission.subresource.empty() && &admission.kind == &kind;
}

void warn(const WriteContext& context, std::string text)
{
    if (context.warnings && std::ranges::find(*context.warnings, text) == context.warnings->end())
        context.warnings->push_back(std::move(text));
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

std::unique_ptr<AdmissionStep> definitionLifecycle(const WatchCache& cache, const api::Catalog& catalog)
{
    return std::make_unique<DefinitionLifecycle>(
        cache, *catalog.find({"apiextensions.k8s.io", "v1"}, "CustomResourceDefinition"));
}

} // namespace keelson::registry
