// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace keelson::controlplane {

/// Where pods are to dial the API, HOST:PORT: `advertise` when it is given, else the first of the addresses it listens
/// on that is more than this machine's loopback; `machine` says which address stands for "all of this machine".
/// Nothing when nobody else could reach it. Pure but for `machine`.
std::optional<std::string> publishedAddress(const std::string& advertise, const std::vector<std::string>& listening,
                                            const std::function<std::string()>& machine);

/// The IPv4 address from which this machine reaches others; empty when it has none.
std::string machineAddress();

} // namespace keelson::controlplane
