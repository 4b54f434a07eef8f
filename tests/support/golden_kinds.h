// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/tree.h"

#include "api/value.h"

#include <fstream>
#include <sstream>

namespace keelson::support {

/// tests/golden/kinds.yaml: by kind a manifest without a fault (`given`) and its row in a wide table (`row`).
inline const api::Value& goldenKinds()
{
    static const api::Value kinds = [] {
        std::ostringstream text;
        text << std::ifstream(sourceFolder() + "/tests/golden/kinds.yaml").rdbuf();
        return api::parseYaml(text.str()).value();
    }();
    return kinds;
}

} // namespace keelson::support
