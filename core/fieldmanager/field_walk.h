// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"
#include "api/schema.h"
#include "fieldmanager/field_set.h"

namespace keelson::fieldmanager {

/// What a document says, as a set: its leaves, the items of its lists and the members of its maps. What an applied
/// configuration owns.
FieldSet fieldsOf(const api::Schema& schema, const api::Value& value);

struct Changes {
    FieldSet added;
    FieldSet modified;
    FieldSet removed;

    bool empty() const { return added.empty() && modified.empty() && removed.empty(); }
    /// What is in the document after the change by it: added or modified.
    FieldSet taken() const;
};

/// From one document to the other, both in normal form. What is added or removed with all its content is itself a
/// member, as is the content.
Changes compare(const api::Schema& schema, const api::Value& before, const api::Value& after);

/// The document that has nothing but the parts and lists that are always there: what a create adds to.
api::Value emptyObject(const api::Schema& schema);

/// The set with those fields as members that have something below them. Not items of lists and members of maps: these
/// are owned only when that is said.
FieldSet withNamedFields(const api::Schema& schema, const FieldSet& set);

/// What is wrong with a document that is to be merged by its paths, beyond its types: members that the schema does not
/// know, items without keys, items that occur twice. `.spec.foo: field not declared in schema`.
std::vector<std::string> findMergeProblems(const api::Schema& schema, const api::Value& value);

} // namespace keelson::fieldmanager
