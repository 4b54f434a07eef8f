// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace keelson::support {

/// The root of the checkout that this test was built from: goldens and tools are below it.
std::string sourceFolder();

/// The build folder: programs are in bin/ below it, modules.txt is in it.
std::string binaryFolder();

} // namespace keelson::support
