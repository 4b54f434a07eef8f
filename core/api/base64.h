// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace keelson::api {

/// Bytes as JSON carries them: the standard alphabet, padded (RFC 4648, section 4).
std::string encodeBase64(std::string_view bytes);
/// The bytes, or nothing when the text is not base64. Line breaks are passed over, as Kubernetes' decoder does.
std::optional<std::string> decodeBase64(std::string_view text);

} // namespace keelson::api
