// SPDX-License-Identifier: Apache-2.0
#include "tidy/rules.h"

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>

namespace keelson::tidy {
namespace {

struct Ban {
    std::string_view call;
    std::string_view cure;
};

constexpr std::array bans{
    Ban{"sleep_for(", "wait for the condition, or use Loop::after"},
    Ban{"sleep_until(", "wait for the condition, or use Loop::after"},
    Ban{"usleep(", "wait for the condition, or use Loop::after"},
    Ban{"system_clock::now(", "take a Clock through the constructor"},
    Ban{"steady_clock::now(", "take a Clock through the constructor"},
    Ban{"std::rand(", "take a Random through the constructor"},
    Ban{"std::random_device", "take a Random through the constructor"},
    Ban{"qWait(", "wait for the condition (QTRY_VERIFY, QSignalSpy)"},
    Ban{"qSleep(", "wait for the condition (QTRY_VERIFY, QSignalSpy)"},
};

constexpr std::array forbiddenNames{"types", "utils", "util", "common", "helpers", "misc"};

std::vector<std::string> linesOf(std::string_view text)
{
    std::vector<std::string> lines;
    std::istringstream stream{std::string(text)};
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

std::string folderOf(const std::string& path)
{
    return path.substr(0, path.rfind('/'));
}

/// Where the machine itself may be asked for time and chance, the waiting of tests on real programs, benches, and these
/// rules.
bool mayAskTheMachine(const std::string& path)
{
    return path.starts_with("core/base/") || path.starts_with("tests/support/") || path.starts_with("tests/bench/") ||
           path.starts_with("tests/tidy/");
}

bool endsWith(const std::string& path, std::string_view ending)
{
    return path.ends_with(ending);
}

void checkHead(const std::string& path, const std::vector<std::string>& lines, std::vector<Finding>& findings)
{
    const bool gpl = path.starts_with("ui/") || path.starts_with("app/");
    const std::string licence = gpl ? "GPL-3.0-or-later" : "Apache-2.0";
    const bool uiTest = path.starts_with("tests/ui/");
    const auto& first = lines.empty() ? std::string{} : lines.front();
    if (!first.contains("SPDX-License-Identifier: " + licence) &&
        !(uiTest && first.contains("SPDX-License-Identifier: GPL-3.0-or-later")))
        findings.push_back({path, 1, "begins with the line SPDX-License-Identifier: " + licence});
    if (endsWith(path, ".h") && std::ranges::find(lines, "#pragma once") == lines.end())
        findings.push_back({path, 1, "a header says #pragma once"});
    const auto name = path.substr(path.rfind('/') + 1);
    const auto stem = name.substr(0, name.find('.'));
    if (std::ranges::find(forbiddenNames, stem) != forbiddenNames.end())
        findings.push_back(
            {path, 1, "no file is called " + stem + ": a type lives with the module that owns its meaning"});
    if (static_cast<int>(lines.size()) > fileLinesMax)
        findings.push_back({path, fileLinesMax,
                            "has " + std::to_string(lines.size()) + " lines, over " + std::to_string(fileLinesMax) +
                                ": the design wants a new part"});
}

/// The module of `#include "module/..."`, or nothing.
std::optional<std::string> includedModule(const std::string& line)
{
    constexpr std::string_view include = "#include \"";
    if (!line.starts_with(include))
        return std::nullopt;
    const auto rest = line.substr(include.size());
    const auto slash = rest.find('/');
    return slash == std::string::npos ? std::nullopt : std::optional(rest.substr(0, slash));
}

void checkIncludes(const Modules& modules, const std::string& path, const std::vector<std::string>& lines,
                   std::vector<Finding>& findings)
{
    const auto module = modules.nameOfFolder.find(folderOf(path));
    if (module == modules.nameOfFolder.end())
        return; // tests, tools
    const auto& direct = modules.dependencies.at(module->second);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto included = includedModule(lines[i]);
        if (included && modules.dependencies.contains(*included) && *included != module->second &&
            !direct.contains(*included))
            findings.push_back({path, static_cast<int>(i + 1), module->second + " does not depend on " + *included});
    }
}

void checkCalls(const std::string& path, const std::vector<std::string>& lines, std::vector<Finding>& findings)
{
    if (mayAskTheMachine(path))
        return;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto code = lines[i].substr(0, lines[i].find("//"));
        for (const auto& ban : bans) {
            if (code.contains(ban.call))
                findings.push_back(
                    {path, static_cast<int>(i + 1), std::string(ban.call) + ") is banned: " + std::string(ban.cure)});
        }
    }
}

/// In our format a function's body stands between braces in the first column.
void checkFunctions(const std::string& path, const std::vector<std::string>& lines, std::vector<Finding>& findings)
{
    int start = -1;
    for (int i = 0; i < static_cast<int>(lines.size()); ++i) {
        const auto& line = lines[static_cast<std::size_t>(i)];
        if (line == "{") {
            start = i;
        } else if (line == "}" && start >= 0) {
            if (i - start - 1 > functionLinesMax)
                findings.push_back({path, start + 1,
                                    "a function of " + std::to_string(i - start - 1) + " lines, over " +
                                        std::to_string(functionLinesMax)});
            start = -1;
        }
    }
}

} // namespace

Modules Modules::parse(std::string_view text)
{
    Modules modules;
    for (const auto& line : linesOf(text)) {
        const auto colon = line.find(':');
        if (colon == std::string::npos)
            continue;
        const auto folder = line.substr(0, colon);
        const auto name = folder.substr(folder.rfind('/') + 1);
        modules.nameOfFolder[folder] = name;
        std::istringstream rest(line.substr(colon + 1));
        auto& dependencies = modules.dependencies[name];
        for (std::string word; rest >> word;)
            dependencies.insert(word);
    }
    return modules;
}

std::set<std::string> Modules::reachable(const std::string& module) const
{
    std::set<std::string> seen;
    std::vector<std::string> open{module};
    while (!open.empty()) {
        const auto next = open.back();
        open.pop_back();
        const auto found = dependencies.find(next);
        if (found == dependencies.end())
            continue;
        for (const auto& dependency : found->second) {
            if (seen.insert(dependency).second)
                open.push_back(dependency);
        }
    }
    return seen;
}

std::vector<Finding> checkFile(const Modules& modules, const std::string& path, std::string_view text)
{
    std::vector<Finding> findings;
    const auto lines = linesOf(text);
    checkHead(path, lines, findings);
    checkIncludes(modules, path, lines, findings);
    checkCalls(path, lines, findings);
    checkFunctions(path, lines, findings);
    return findings;
}

std::vector<Finding> checkModules(const Modules& modules)
{
    std::vector<Finding> findings;
    for (const auto& [module, dependencies] : modules.dependencies) {
        for (const auto& dependency : dependencies) {
            if (!modules.dependencies.contains(dependency))
                findings.push_back({"modules.txt", 0, module + " depends on " + dependency + ", which is not there"});
        }
        if (modules.reachable(module).contains(module))
            findings.push_back({"modules.txt", 0, module + " depends on itself by way of others"});
    }
    return findings;
}

} // namespace keelson::tidy
