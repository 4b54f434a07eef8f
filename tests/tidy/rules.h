// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace keelson::tidy {

inline constexpr int fileLinesMax = 600;
inline constexpr int functionLinesMax = 70;

/// One breach of a rule of the tree: `core/controllers/reconciler.h:2: controllers does not depend on store`.
struct Finding {
    std::string path;
    int line = 0;
    std::string message;

    std::string text() const { return path + ":" + std::to_string(line) + ": " + message; }
};

/// The modules as the build declares them (modules.txt): `core/store: base`.
struct Modules {
    std::map<std::string, std::string, std::less<>> nameOfFolder; ///< "core/store" -> "store"
    std::map<std::string, std::set<std::string>, std::less<>> dependencies;

    static Modules parse(std::string_view text);
    /// The module itself and everything it names, also by way of others.
    std::set<std::string> reachable(const std::string& module) const;
};

/// What is wrong with one source file. Pure.
std::vector<Finding> checkFile(const Modules& modules, const std::string& path, std::string_view text);
/// Modules that depend on each other in a circle, and dependencies on modules that are not there.
std::vector<Finding> checkModules(const Modules& modules);

} // namespace keelson::tidy
