// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "localcluster/local_cluster.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <optional>
#include <string>

namespace keelson::ctl {

/// What the command line asks for: set by the flags, done by `run`, which gives the exit code.
struct Command {
    std::function<int()> run;
    std::string name = "dev";
    std::string dataDir;
    std::optional<int> nodes;
    int servers = 1;
    int lines = 20;
    std::string runtime;
    bool leaveContainers = false;
    std::string root;
    std::string kubeconfig;
    std::string dockerHost;
};

/// Declares `cluster ...` and `token ...`.
void declareClusterCommands(CLI::App& app, Command& command);

} // namespace keelson::ctl
