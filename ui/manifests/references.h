// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/diagnostics.h"
#include "document/path.h"
#include "manifests/placed_object.h"
#include "manifests/surroundings.h"

#include <optional>
#include <vector>

namespace keelson::manifests {

/// A place where a manifest names another object.
struct Reference {
    document::Path path; ///< Of the name.
    ObjectName target;
    bool isOptional = false;               ///< The manifest says that it may be missing.
    std::optional<document::Path> keyPath; ///< Of the key that is wanted of it, where one is.
    std::string key;
};

/// Everything that an object names. `nameSpace`: of the object, or where it goes when it names none.
std::vector<Reference> referencesOf(std::string_view kind, const api::Value& object, std::string_view nameSpace);

/// The kind of object that a value at this path names, for completion; empty when it names none. `siblings` are the
/// other members beside it. A path that names a key gives the kind with `isKey`.
struct ReferencePlace {
    std::string kind;
    bool isKey = false;
};
ReferencePlace referenceAt(std::string_view kind, const document::Path& path,
                           const std::map<std::string, std::string, std::less<>>& siblings);

/// What does not fit together: objects that are named and are not there, keys that they do not have, selectors that
/// match nothing, ports of no container, objects that occur twice. Pure; in the order of the text.
/// `source` is the document's own number among `surroundings.objects`.
std::vector<document::Diagnostic> checkReferences(const PlacedObject& object, std::size_t source,
                                                  const Surroundings& surroundings);

} // namespace keelson::manifests
