// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/refusals.h"
#include "cel/program.h"
#include "customresources/structural_schema.h"

#include <deque>
#include <optional>

namespace keelson::customresources {

/// A rule of x-kubernetes-validations, ready to be evaluated.
struct ValidationRule {
    std::string rule;
    std::string message;
    std::string reason;    ///< Empty: FieldValueInvalid.
    std::string fieldPath; ///< Below the value: ".spec.size".
    bool optionalOldSelf = false;
    bool comparesOld = false; ///< It asks about oldSelf.
    cel::Program program;
    std::optional<cel::Program> messageProgram;
};

/// Steps that the rules of one object may take together.
inline constexpr std::int64_t ruleStepsMax = 10'000'000;

/// Compiles the rules of a schema, for as long as `types` lives; what is wrong with them goes to `refusals`, in the
/// words of Kubernetes: `compilation failed: ERROR: <input>:1:6: undefined field 'x'`. Source: Kubernetes, "Validation
/// rules" (x-kubernetes-validations).
void compileRules(StructuralSchema& root, std::deque<cel::Type>& types, const api::FieldPath& path,
                  api::Refusals& refusals);

/// What the rules refuse of a value that fits its schema otherwise. Rules about oldSelf hold where there is an old
/// value; others are not asked again about what has not changed.
void checkRules(const StructuralSchema& schema, const Value& value, const Value* old, const api::FieldPath& path,
                cel::Budget& budget, api::Refusals& refusals);

} // namespace keelson::customresources
