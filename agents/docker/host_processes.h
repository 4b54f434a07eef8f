// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "containers/open_file.h"

#include <cstddef>
#include <string>

/// Processes that the engine names by their numbers. The engine may run on another machine, or in a container with
/// numbers of its own: a process is touched only when its control group says that it is the container's.
namespace keelson::docker {

/// Kills (SIGKILL) the process and whatever it has started in its session; engines begin a session with each exec. How
/// many there were.
std::size_t killSession(int process, const std::string& containerId);

/// The network namespace that the process is in. `ServiceUnavailable` when it is no process of the container here.
Result<containers::OpenFile> networkOf(int process, const std::string& containerId);

} // namespace keelson::docker
