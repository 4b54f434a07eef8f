// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/kind.h"
#include "api/schema.h"
#include "document/path.h"

#include <optional>
#include <string>
#include <vector>

namespace keelson::document {

/// What stands at a path of a kind's objects; null where the schema does not go.
const api::Schema* schemaAt(const api::Kind& kind, const Path& path);
/// The member itself, with its own description and default; null for items, values of maps and the root.
const api::Field* fieldAt(const api::Kind& kind, const Path& path);

/// A value of another type than the schema asks for.
struct WrongType {
    Path path;
    std::string message;                 ///< "an integer is wanted, not a string"
    std::optional<api::Value> converted; ///< What was most likely meant: 3 for "3".
};
/// All of them, in the order of the object. Null fits everywhere.
std::vector<WrongType> wrongTypes(const api::Kind& kind, const api::Value& object);

/// What to begin with where a value of that schema is missing: "" for a text, an object with what it must have, the
/// first word of an enumeration.
api::Value placeholder(const api::Schema& schema, std::size_t depth = 3);
/// "integer", "list of objects", "quantity": for people.
std::string typeWords(const api::Schema& schema);

} // namespace keelson::document
