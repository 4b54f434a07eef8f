// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/field_path.h"
#include "api/kind.h"

#include <vector>

namespace keelson::api {

/// Everything that is wrong with a defaulted object, in document order, in Kubernetes' words:
/// {FieldValueInvalid, "Invalid value: -1: must be greater than or equal to 0", "spec.replicas"}.
/// Covers types, bounds, patterns, enums, required fields, lists with keys, metadata (names, labels, annotations) and
/// the named rules. At most 100 causes.
std::vector<Cause> validate(const Kind& kind, const Value& object);
/// What an update may not do: immutable fields and metadata. Both objects are defaulted and in normal form
/// (`normalize`), since values are compared; `validate` is called besides. Not for what subresources may do (binding).
std::vector<Cause> validateUpdate(const Kind& kind, const Value& object, const Value& old);
/// What is wrong with a write: of a new object (`old` null), or over an old one.
std::vector<Cause> validateWrite(const Kind& kind, const Value& object, const Value* old);
/// The error that Kubernetes answers for the causes: `ReplicaSet.apps "web" is invalid: spec.replicas: Invalid value:
/// ...`.
Error invalidError(const Kind& kind, std::string_view name, std::vector<Cause> causes);

/// Brings members to the types that the schema asks for where JSON allows several forms, and reports what does not fit:
/// the error that a strict decoder would give (`BadRequest`), such as a string where an object is wanted.
Result<Done> checkTypes(const Kind& kind, const Value& object);
/// Values that defaults add to an object at most. With more it would be larger than what is stored, and a body of empty
/// items grow a thousandfold before anybody sees that.
inline constexpr std::size_t defaultsMax = 100'000;
/// Fills in what is absent: defaults of the schema and named defaulters, as the server does on create and update.
/// False, and then not all are there, when they are more than `defaultsMax`.
bool applyDefaults(const Kind& kind, Value& object);
/// Removes members that the schema does not know, and returns their paths: `unknown field "spec.replica"` is for the
/// caller to say.
std::vector<std::string> prune(const Kind& kind, Value& object);
/// The same for a part; appends to `removed`.
void prune(const Schema& schema, Value& value, const FieldPath& path, std::vector<std::string>& removed);
/// Removes nulls, and empty members that the kind's codec leaves out (omitempty), so that equal objects have equal
/// bytes.
void normalize(const Kind& kind, Value& object);
void normalize(const Schema& schema, Value& value);
/// Gives quantities and times their one text, and leaves empty members where they are.
void normalizeScalars(const Kind& kind, Value& object);

} // namespace keelson::api
