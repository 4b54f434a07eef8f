// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/catalog.h"

namespace keelson::api {

/// The typed structs of one folder of kinds ("core/v1"): a header with the structs and a source with their tables.
struct StructFiles {
    std::string header;
    std::string source;
};

/// `Invalid` when a part cannot be a struct: an object without a name, a part that contains itself, a name that is
/// taken.
Result<StructFiles> writeStructs(const Catalog& catalog, std::string_view package);
/// "core_v1": the name of the files of a folder.
std::string fileName(std::string_view package);

} // namespace keelson::api
