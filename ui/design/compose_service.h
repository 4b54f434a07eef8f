// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "design/compose.h"

namespace keelson::design {

/// A name as Kubernetes allows it: "my_db" becomes "my-db".
std::string composeName(std::string_view name);

/// Adds the objects of one service, and notes on what it has besides. `Invalid`: it has no image, or another's name.
Result<Done> addComposeService(const std::string& name, const api::Value& service, ComposeResult& result);

} // namespace keelson::design
