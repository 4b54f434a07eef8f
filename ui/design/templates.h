// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "design/card.h"
#include "document/kinds.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::design {

/// Several objects that make something whole together.
struct Template {
    std::string_view title; ///< "Web application".
    std::string_view purpose;
    std::string_view name;  ///< Of the first one that is made.
    std::string_view kinds; ///< All that it needs, "apps/v1 Deployment", one a line.
    std::string_view text;  ///< YAML of several documents; NAME is the name.
};

std::span<const Template> templates();
/// Those of whose kinds all are known here.
std::vector<const Template*> templatesOf(const document::Kinds& kinds);

/// The text with a name that no card of the set bears, in any of the template's kinds, so that its parts still name
/// each other.
std::string templateText(const Template& one, const std::vector<Card>& cards);

} // namespace keelson::design
