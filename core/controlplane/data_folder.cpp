// SPDX-License-Identifier: Apache-2.0
#include "controlplane/data_folder.h"

#include <fmt/format.h>

namespace keelson::controlplane {
namespace {

bool holdsSomething(const std::filesystem::path& file)
{
    std::error_code missing;
    const auto bytes = std::filesystem::file_size(file, missing);
    return !missing && bytes > 0;
}

} // namespace

Result<Done> checkDataFolder(const std::filesystem::path& folder)
{
    // Written last by a first start: a start that was cut off before leaves a folder that may be gone on with.
    const auto witness = folder / "admin.kubeconfig";
    if (!std::filesystem::exists(witness))
        return Done{};
    if (const auto database = folder / "store.db"; !holdsSomething(database))
        return fail(Reason::ServiceUnavailable,
                    fmt::format("{} is {}, yet {} tells of a cluster that was kept here: starting would put an empty "
                                "one in its place. Restore the database from a backup, or remove {} to begin anew",
                                database.string(), std::filesystem::exists(database) ? "empty" : "missing",
                                witness.string(), folder.string()));
    const auto authority = folder / "pki";
    if (!std::filesystem::exists(authority / "ca.crt") && !std::filesystem::exists(authority / "ca.key"))
        return fail(Reason::ServiceUnavailable,
                    fmt::format("{0}/ca.crt and ca.key are missing: with a new authority no kubeconfig and no node of "
                                "this cluster would be trusted any more. Put both back from a backup, or remove {1} "
                                "to give all of them new ones",
                                authority.string(), witness.string()));
    return Done{};
}

} // namespace keelson::controlplane
