// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ctl/cluster_commands.h"

namespace keelson::ctl {

/// Declares `trace OBJECT`: what became of an object, step by step.
void declareTraceCommand(CLI::App& app, Command& command);

} // namespace keelson::ctl
