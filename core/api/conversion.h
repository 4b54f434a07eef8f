// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"

#include <string_view>
#include <vector>

namespace keelson::api {

/// How the objects of a kind change from one of its versions into another. All that is the same in both stays, so that
/// nothing is lost on the way there and back. Immutable; any thread.
class Conversion {
public:
    virtual ~Conversion() = default;

    /// Objects of another version than `to`, as their apiVersion says, as those of that version, in their order; in its
    /// normal form, not defaulted. Errors are those of who converts.
    virtual Result<std::vector<Value>> convert(std::vector<Value> objects, const Kind& to) const = 0;
    /// Whether it waits for the answer of another program: not for threads that serve many.
    virtual bool blocks() const { return false; }
    /// What the version that is not stored asks of an object beyond the rules of the stored one, in whose form both
    /// are. `before` null: it is created.
    virtual std::vector<Cause> check(const Value& /*object*/, const Value* /*before*/) const { return {}; }
};

/// Objects of any versions of a kind as those of `to`; those that are of this version already stay as they are.
Result<std::vector<Value>> convertEach(std::vector<Value> objects, const Kind& to);
Result<Value> convert(Value object, const Kind& to);

/// Whether an object of any version must be converted, or may have to be, to be shown as one of the kind.
bool isShownConverted(const Kind& kind);

/// The conversions of built-in kinds, by the names that their files use; null when there is none of that name.
const Conversion* builtInConversion(std::string_view name);

/// autoscaling/v1: the share of the CPU is a member of its own; what else autoscaling/v2 knows is kept in annotations.
/// Source: Kubernetes, API reference of HorizontalPodAutoscaler, and what its server shows of one in v1.
Value autoscalerToStored(Value object);
Value autoscalerFromStored(Value object);
/// An Event of events.k8s.io/v1 as one of v1.
Value eventToStored(Value event);

} // namespace keelson::api
