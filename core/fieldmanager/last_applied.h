// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"
#include "fieldmanager/field_set.h"

namespace keelson::fieldmanager {

/// The name under which kubectl applies on the server, unless told otherwise. With this name come the two bridges to
/// its client-side apply below.
inline constexpr std::string_view kubectlManager = "kubectl";

/// What the configuration in the annotation of kubectl's client-side apply says and the object still has: the fields
/// that server-side apply may take over from it. Empty without that annotation.
FieldSet lastAppliedFields(const api::Kind& kind, const api::Value& live);

/// Where the object has the annotation of kubectl's client-side apply: makes it the configuration applied now, so that
/// the next client-side apply knows what to remove.
void renewLastApplied(api::Value& object, const api::Value& configuration);

} // namespace keelson::fieldmanager
