// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/registry.h"

namespace keelson::registry {

/// Rules of the Kubernetes API about the options of reads, as pure functions, in Kubernetes' words.
/// Source: Kubernetes API concepts, "Resource versions" and "Retrieving large results sets in chunks".

/// `Invalid` as the API says it of the options of a verb: `ListOptions.meta.k8s.io "" is invalid: ...`. `what`:
/// "ListOptions", "DeleteOptions".
Error invalidOptions(std::string_view what, std::vector<Cause> causes);

/// `Invalid` for options that exclude one another, `BadRequest` for a version that is none.
Result<Done> checkListOptions(const ListOptions& options);
/// A resourceVersion as a number; 0 when it is empty. `BadRequest` when it is none.
Result<Revision> parseVersion(std::string_view text);
/// `Timeout`, as a client learns that it asks for a state that this server has not seen.
Error tooLargeVersion(Revision asked, Revision current);

/// Which state a list shows.
enum class ListState {
    Latest, ///< What is there now; it is at least as new as any version that was given out.
    Exact,  ///< As it was at the version asked for.
};
/// Without resourceVersionMatch a version means "not older than", but "exactly" for a list that comes in pages.
ListState listState(const ListOptions& options);

} // namespace keelson::registry
