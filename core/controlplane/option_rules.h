// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

namespace keelson::controlplane {

struct Options;

/// Whether a control plane can be started with these options; looked at before anything is made. `Invalid` names the
/// option's value and what is wanted: addresses are HOST:PORT, ranges IPv4 networks that do not overlap and have room
/// for nodes.
Result<Done> checkOptions(const Options& options);

} // namespace keelson::controlplane
