// SPDX-License-Identifier: Apache-2.0
#include "apiserver/standalone_document.h"

#include "registry/write_rules.h"

namespace keelson::apiserver {

Result<api::Value> readStandalone(Call& call, registry::WriteContext& context, std::string_view definition)
{
    const auto& catalog = api::Catalog::builtIn();
    api::Kind kind;
    kind.kind = definition.substr(definition.rfind('/') + 1);
    kind.groupVersion = *catalog.groupVersionOf(definition);
    kind.schema = catalog.findDefinition(definition);

    TRY_ASSIGN(auto document, call.readBody(&context.duplicateFields));
    TRY_OK(registry::settleKind(kind, document));
    api::Object whole{{"kind", kind.kind}, {"apiVersion", kind.groupVersion.text()}};
    for (const auto& [name, value] : whole) // Of the envelope, not of the schema.
        document.get_object().stable_erase(name);
    TRY_OK(registry::decodeStrictly(context, kind, document));
    for (auto& [name, value] : document.get_object())
        whole[name] = std::move(value);
    return whole;
}

} // namespace keelson::apiserver
