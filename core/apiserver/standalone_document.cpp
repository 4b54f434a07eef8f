// SPDX-License-Identifier: Apache-2.0
#include "apiserver/standalone_document.h"

#include "registry/write_rules.h"

namespace keelson::apiserver {

Result<api::Value> readStandalone(Call& call, registry::WriteContext& context, std::string_view definition,
                                  std::string_view olderVersion)
{
    TRY_ASSIGN(auto document, call.readBody(&context.duplicateFields));
    if (!olderVersion.empty() && api::stringAt(document, {"apiVersion"}) == olderVersion)
        document.get_object().stable_erase("apiVersion");
    TRY_OK(registry::decodeStandalone(context, definition, document));
    return document;
}

} // namespace keelson::apiserver
