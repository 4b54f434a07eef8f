// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/diagnostics.h"
#include "manifests/placed_object.h"

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::manifests {

/// A practice that is worth a hint; each can be switched off by its code.
struct Practice {
    std::string_view code;  ///< "no-limits"
    std::string_view title; ///< "Containers have a memory limit"
    std::string_view why;
};

/// All of them, in the order in which they are listed.
std::span<const Practice> practices();

/// Hints for one object, without those that are `off`. Pure; in the order of the text.
std::vector<document::Diagnostic> checkPractices(const PlacedObject& object,
                                                 const std::set<std::string, std::less<>>& off);

} // namespace keelson::manifests
