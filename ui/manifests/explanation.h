// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/schema.h"
#include "document/kinds.h"
#include "document/path.h"

#include <string>
#include <string_view>
#include <vector>

namespace keelson::manifests {

/// What is known of a field, for the pane beside a list of proposals and for the card under the pointer.
struct Explanation {
    std::string title;              ///< "spec.template.spec.containers[0].image"
    std::string type;               ///< "text, required"
    std::string text;               ///< What it is for.
    std::vector<std::string> facts; ///< "Default: 1", "One of: ClusterIP, NodePort"

    bool isEmpty() const { return title.empty(); }
};

Explanation explanationOf(const document::Path& path, const api::Field& field);

/// What is known of the field at `offset` of a document (of a key, or of the value behind it); empty where nothing is.
/// Pure; the document may be half typed.
Explanation explain(std::string_view document, std::size_t offset, const document::Kinds& kinds);

} // namespace keelson::manifests
