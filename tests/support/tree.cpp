// SPDX-License-Identifier: Apache-2.0
#include "support/tree.h"

namespace keelson::support {

std::string sourceFolder()
{
    return KEELSON_SOURCE_DIR;
}

std::string binaryFolder()
{
    return KEELSON_BINARY_DIR;
}

} // namespace keelson::support
