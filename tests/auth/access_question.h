// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/user.h"

#include <sstream>
#include <string>

namespace keelson::auth {

/// What a question in words asks: "get pods/log web -n default", "list nodes", "get deployments.apps", "get /healthz",
/// "list pods -f spec.nodeName=n1".
inline Attributes question(const std::string& text)
{
    std::istringstream words(text);
    Attributes made;
    std::string word;
    words >> made.verb >> word;
    if (word.starts_with('/')) {
        made.path = word;
        return made;
    }
    const auto slash = word.find('/');
    made.subresource = slash == std::string::npos ? "" : word.substr(slash + 1);
    word = word.substr(0, slash);
    const auto dot = word.find('.');
    made.resource = word.substr(0, dot);
    made.group = dot == std::string::npos ? "" : word.substr(dot + 1);
    while (words >> word) {
        if (word == "-n")
            words >> made.nameSpace;
        else if (word == "-f")
            words >> made.fieldSelector;
        else
            made.name = word;
    }
    return made;
}

} // namespace keelson::auth
