// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keelson::cel {

/// The parts of an absolute URL, or of an absolute path.
struct Url {
    std::string text;
    std::string scheme;
    std::string host; ///< With the port: "example.org:80", "[::1]:80".
    std::string escapedPath;
    std::string query; ///< As it stands, without the question mark.

    std::string hostName() const; ///< Without port and brackets.
    std::string port() const;
    /// Decoded, in order.
    std::vector<std::pair<std::string, std::string>> parameters() const;
};

/// `Invalid` when it is neither an absolute URL nor a path that begins with a slash, in the words of Go's
/// url.ParseRequestURI, which Kubernetes uses.
Result<Url> readUrl(std::string_view text);

} // namespace keelson::cel
