// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "containers/container_runtime.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keelson::containers {

/// What a simulated script does, worked out at once.
struct ScriptRun {
    std::vector<std::pair<StreamHandler::Channel, std::string>> output;
    bool readsInput = false; ///< It copies its input to its output (`cat`).
    Duration lasts{0};
    std::optional<int> exitCode; ///< Of an `exit`, `true` or `false`; empty: it just came to its end.
    bool understood = true;      ///< False: the command is not one of ours.
};

/// Pure. `command` is `sh -c SCRIPT` or a single command with its arguments.
ScriptRun runScript(const std::vector<std::string>& command);

} // namespace keelson::containers
