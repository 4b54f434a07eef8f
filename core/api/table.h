// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/kind.h"
#include "base/clock.h"

namespace keelson::api {

/// The cells of an object, one for each of `kind.columns`, as `kubectl get` shows them. Ages are computed against
/// `now`.
Array tableCells(const Kind& kind, const Value& object, WallTime now);
/// `columnDefinitions` of a Table.
Array tableColumns(const Kind& kind);
/// "3d4h", "5m10s", "12s": kubectl's short form of an age. `<unknown>` below zero is "0s".
std::string shortDuration(Duration duration);
/// What kubectl's STATUS column shows for a pod: "Running", "CrashLoopBackOff", "Init:0/1", "Terminating",
/// "ContainerCreating".
std::string podStatusText(const Value& pod);

} // namespace keelson::api
