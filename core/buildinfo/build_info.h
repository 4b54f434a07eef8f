// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace keelson {

/// What this program was built from. The same commit gives the same values on every machine at every time.
struct BuildInfo {
    std::string_view version; ///< "0.1.0"
    std::string_view commit;  ///< 40 hexadecimal digits; "unknown" outside of a repository.
    std::string_view date;    ///< Of the commit, RFC 3339 in UTC: "2026-01-31T12:00:00Z".
    bool modified = false;    ///< The tree differed from its commit.
};

extern const BuildInfo buildInfo;

/// What `--version` says behind the program's name: "0.1.0 (0123456789ab, 2026-01-31T12:00:00Z)".
extern const char* const versionText;

} // namespace keelson
