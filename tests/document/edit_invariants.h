// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "document/edit.h"

#include <string>
#include <string_view>

namespace keelson::document {

/// The collection (or the value) that an edit concerns: what stands outside of it stays.
Path placeOf(const Edit& edit);

/// What an edit that was carried out broke; empty: nothing. The text means what was asked for; what stands before and
/// after the lines of the edited place, and every scalar and alias outside of it, is the same bytes as before.
/// `tree` is that of the text before.
std::string brokenBy(const Edit& edit, const Tree& tree, std::string_view before, std::string_view after);

} // namespace keelson::document
