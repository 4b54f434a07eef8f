// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <filesystem>

namespace keelson::controlplane {

/// Refuses a data folder of which a part that cannot be made anew is gone: its database, or the certificate authority
/// that its users and nodes trust. What went on would be an empty cluster in the old one's place, or one that nobody
/// can reach. Looks at files alone and changes none.
Result<Done> checkDataFolder(const std::filesystem::path& folder);

} // namespace keelson::controlplane
