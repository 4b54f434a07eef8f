// SPDX-License-Identifier: Apache-2.0
#include "containers/simulated_script.h"

#include <charconv>

namespace keelson::containers {
namespace {

std::vector<std::string> words(std::string_view line)
{
    std::vector<std::string> found;
    while (true) {
        const auto begin = line.find_first_not_of(" \t\n");
        if (begin == std::string_view::npos)
            return found;
        line.remove_prefix(begin);
        const auto end = std::min(line.find_first_of(" \t\n"), line.size());
        found.emplace_back(line.substr(0, end));
        line.remove_prefix(end);
    }
}

int number(const std::vector<std::string>& statement)
{
    int value = 0;
    if (statement.size() > 1)
        std::from_chars(statement[1].data(), statement[1].data() + statement[1].size(), value);
    return value;
}

/// False when the script ends with it.
bool runStatement(std::vector<std::string> statement, ScriptRun& run)
{
    if (statement.empty())
        return true;
    const auto name = statement.front().substr(statement.front().rfind('/') + 1);
    if (name == "echo") {
        auto channel = StreamHandler::Channel::Output;
        if (statement.back() == ">&2") {
            channel = StreamHandler::Channel::Error;
            statement.pop_back();
        }
        std::string line;
        for (std::size_t i = 1; i < statement.size(); ++i)
            line += (i > 1 ? " " : "") + statement[i];
        run.output.emplace_back(channel, line + "\n");
    } else if (name == "sleep") {
        run.lasts += std::chrono::seconds{number(statement)};
    } else if (name == "exit" || name == "true" || name == "false") {
        run.exitCode = name == "false" ? 1 : number(statement);
        return name != "exit";
    } else if (name == "cat" && statement.size() == 1) {
        run.readsInput = true;
    } else {
        run.understood = false;
        return false;
    }
    return true;
}

} // namespace

ScriptRun runScript(const std::vector<std::string>& command)
{
    ScriptRun run;
    const bool shell = command.size() == 3 && (command[0] == "sh" || command[0] == "/bin/sh") && command[1] == "-c";
    if (!shell) {
        runStatement(command, run);
        return run;
    }
    std::string_view rest = command[2];
    while (!rest.empty()) {
        const auto end = std::min(rest.find(';'), rest.size());
        if (!runStatement(words(rest.substr(0, end)), run))
            return run;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return run;
}

} // namespace keelson::containers
