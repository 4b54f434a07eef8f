// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"

namespace keelson::api {

/// Whether who deletes an object of the kind gets it back, as it was last; else a Status when it is gone.
/// Source: the OpenAPI documents of Kubernetes 1.32.
bool answersDeletedObject(const Kind& kind);

} // namespace keelson::api
