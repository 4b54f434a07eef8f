// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "apiserver/http_message.h"
#include "client/pod_streams.h"

namespace keelson::apiserver {

/// How a command ended, as exec's clients read it: a Status, with the exit code as a cause named ExitCode.
api::Value execStatus(const Result<int>& exitCode);
/// The parameters command, stdin, stdout, stderr and tty. `BadRequest` when nothing is asked for.
Result<client::ExecOptions> execOptions(const Query& query, bool attach);
/// {"Width":80,"Height":24} as columns and rows; empty when it is no such thing.
std::optional<std::pair<int, int>> terminalSize(std::string_view json);

} // namespace keelson::apiserver
