// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/log.h"
#include "buildinfo/build_info.h"
#include "ctl/cluster_commands.h"
#include "ctl/trace_command.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <QCoreApplication>

#include <cstdio>

int main(int argc, char** argv)
{
    const QCoreApplication application(argc, argv);
    keelson::log::start(keelson::log::Level::Info);
    keelson::ctl::Command command;
    CLI::App app("What kubectl does not do: local clusters, join tokens and traces of Keelson.", "keelsonctl");
    app.set_version_flag("--version", std::string("keelsonctl ") + keelson::versionText);
    app.require_subcommand(0, 1);
    keelson::ctl::declareClusterCommands(app, command);
    keelson::ctl::declareTraceCommand(app, command);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked) {
        return app.exit(asked);
    } catch (const CLI::ParseError& error) {
        fmt::print(stderr, "keelsonctl: {} (see keelsonctl --help)\n", error.what());
        return 2;
    }
    if (!command.run) {
        fmt::print(stderr, "keelsonctl: a command is wanted, such as \"cluster up\" (see keelsonctl --help)\n");
        return 2;
    }
    return command.run();
}
