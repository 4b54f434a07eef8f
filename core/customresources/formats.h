// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace keelson::customresources {

/// Whether a text has a format that schemas of custom resources can ask for: date-time, date, duration, byte, email,
/// hostname, ipv4, ipv6, cidr, mac, uri, uuid, ... True for a format that is not known: it says nothing.
bool hasFormat(std::string_view text, std::string_view format);

} // namespace keelson::customresources
