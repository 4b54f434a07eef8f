// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/value.h"
#include "document/tree.h"

#include <string_view>
#include <vector>

namespace keelson::manifests {

/// An object and where it stands in its document.
struct PlacedObject {
    std::string_view text; ///< Of the document.
    const document::Tree& tree;
    const api::Value& object;
    document::Path place; ///< Empty: the document is the object. Else an item of a List.

    /// A place in the object as one in the document.
    document::Path inDocument(const document::Path& path) const
    {
        auto whole = place;
        whole.insert(whole.end(), path.begin(), path.end());
        return whole;
    }
};

/// The objects that a document describes: itself, or the items of a List and of Lists in it, each with its place. They
/// live as long as the value.
std::vector<std::pair<document::Path, const api::Value*>> objectsOf(const api::Value& document);

} // namespace keelson::manifests
