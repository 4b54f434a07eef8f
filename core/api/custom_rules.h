// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"

#include <string>
#include <vector>

namespace keelson::api {

struct Schema; // schema.h

/// How objects of a kind that a CustomResourceDefinition declares are completed and checked: such schemas say what
/// those of core/api/kinds have no words for. The functions of validation.h ask it where a kind has one
/// (`Kind::custom`). Immutable; any thread.
class CustomRules {
public:
    virtual ~CustomRules() = default;

    /// Of a list of such objects, for OpenAPI.
    virtual const Schema& listSchema() const = 0;

    /// Removes what the schema does not know; the paths of that.
    virtual std::vector<std::string> prune(Value& object) const = 0;
    /// False as in validation.h.
    virtual bool applyDefaults(Value& object) const = 0;
    /// One order of members for equal objects. Empty members stay: here they differ from absent ones.
    virtual void normalize(Value& object) const = 0;
    /// What is wrong beyond metadata. `old`: what the object was, null when it is new; what it was already is not
    /// refused again.
    virtual std::vector<Cause> validate(const Value& object, const Value* old) const = 0;

    /// Brings an object as it was stored, under whichever schema, into what the present schema of its version makes of
    /// it. The version, which may be another one of the same kind, stays.
    virtual void read(Value& object) const = 0;
};

} // namespace keelson::api
