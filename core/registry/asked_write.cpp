// SPDX-License-Identifier: Apache-2.0
#include "registry/asked_write.h"

#include "registry/scale_document.h"
#include "registry/write_rules.h"

namespace keelson::registry {
namespace {

std::string_view verbOf(Verb verb)
{
    switch (verb) {
    case Verb::Create:
        return "CREATE";
    case Verb::Update:
        return "UPDATE";
    case Verb::Delete:
        return "DELETE";
    case Verb::Connect:
        break;
    }
    return "CONNECT";
}

policies::Operation operationOf(const WatchCache& cache, const Admission& admission)
{
    policies::Operation operation{.kind = admission.kind,
                                  .otherVersions = {},
                                  .subresource = admission.subresource,
                                  .verb = verbOf(admission.verb),
                                  .nameSpace = admission.key.nameSpace};
    const auto catalog = cache.catalog(); // with custom kinds
    for (const auto* const other : catalog->kinds()) {
        if (other != &admission.kind && other->plural == admission.kind.plural &&
            other->groupVersion.group == admission.kind.groupVersion.group)
            operation.otherVersions.push_back(other->groupVersion.version);
    }
    return operation;
}

StoredObjectPtr spaceOf(const WatchCache& cache, const ObjectKey& key)
{
    const auto& spaces = *api::Catalog::builtIn().find({"", "v1"}, "Namespace");
    return key.nameSpace.empty() ? nullptr : cache.find(spaces, {{}, key.nameSpace});
}

} // namespace

AskedWrite::AskedWrite(const WatchCache& cache, const Admission& admission)
    : m_admission(admission), m_operation(operationOf(cache, admission)), m_space(spaceOf(cache, admission.key))
{
    refresh();
}

void AskedWrite::refresh()
{
    const auto& kind = m_admission.kind;
    const Value* object = m_admission.sent ? m_admission.sent : m_admission.object;
    const Value* before = m_admission.before;
    if (m_admission.subresource == "scale" && object && before) {
        m_scale = scaleOf(kind, *object);
        m_scaleBefore = scaleOf(kind, *before);
        object = &m_scale;
        before = &m_scaleBefore;
    }
    m_request.emplace(policies::Request{.operation = m_operation,
                                        .name = m_admission.key.name,
                                        .user = m_admission.context.user,
                                        .object = object,
                                        .before = before,
                                        .dryRun = m_admission.context.dryRun,
                                        .fieldManager = m_admission.context.fieldManager});
    m_labels = policies::labelsOf(*m_request, m_space ? &m_space->labels : nullptr);
    if (isCoreKind(kind, "Namespace"))
        m_labels.nameSpace = object ? &m_labels.now : &m_labels.before;
}

policies::Input AskedWrite::input(const auth::Authorizer* authorizer) const
{
    if (m_space && m_spaceDocument.is_null())
        m_spaceDocument = api::parseJson(m_space->json).value_or(Value{});
    return {*m_request, m_space ? &m_spaceDocument : nullptr, authorizer};
}

} // namespace keelson::registry
