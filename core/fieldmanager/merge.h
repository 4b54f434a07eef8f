// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/schema.h"
#include "fieldmanager/field_set.h"

namespace keelson::fieldmanager {

/// The live document with what the configuration says: leaves are replaced, members and items are merged by name and
/// key. Items that both have stand in the configuration's order, those of the live document alone where they stood.
api::Value merge(const api::Schema& schema, const api::Value& live, const api::Value& configuration);

/// Removes from the document what is a member of the set, with all its content. A part that has nothing left becomes
/// null.
void removeFields(const api::Schema& schema, api::Value& document, const FieldSet& gone);

} // namespace keelson::fieldmanager
