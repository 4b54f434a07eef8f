// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"

#include <string>
#include <vector>

namespace keelson::document {

struct Manifest {
    std::string name; ///< What it is and how it is written; for messages.
    std::string text;
};

/// Some hundred manifests: four kinds in all combinations of indentation, quoting, comments, line endings, flow and
/// block style and markers; seven kinds, a List among them, in styles that change from value to value by a seed; the
/// same as hands leave them, two in a file, with anchors, folded and literal texts, tabs, and comments anywhere; JSON
/// in one line and printed; and the odd ones of tests/golden/manifests.
std::vector<Manifest> corpus();

} // namespace keelson::document
