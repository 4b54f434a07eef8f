// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/value.h"

namespace keelson::document {

/// The objects that a List holds as kubectl writes several into one document (`kind: List`, or another that ends so,
/// with items that each say what they are). Null for everything else; a List without items is an object of its own.
const api::Array* listItems(const api::Value& value);

} // namespace keelson::document
