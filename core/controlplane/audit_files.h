// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/audit_log.h"
#include "controlplane/control_plane.h"

namespace keelson::controlplane {

/// The audit log that the options ask for; null when they ask for none. `Invalid` names the policy file and the place
/// in it that cannot be used; `InternalError` the log that cannot be written.
Result<std::unique_ptr<audit::AuditLog>> openAuditLog(const Options& options, const Clock& clock);

} // namespace keelson::controlplane
