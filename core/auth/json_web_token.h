// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/value.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace keelson::auth {

/// The longest token that is looked at; headers of requests are shorter.
inline constexpr std::size_t webTokenBytesMax = std::size_t{16} * 1024;

/// A signed JSON web token in its compact form, taken apart. Nothing in it is to be believed before
/// `VerificationKeys::verify` has said so.
/// Source: RFC 7519; RFC 7515, section 7.1.
struct WebToken {
    std::string algorithm; ///< "RS256"
    std::string keyId;     ///< Which key has signed it; empty: not said.
    api::Value claims;     ///< An object.
    std::string signedText;
    std::string signature;
};

/// Whether the text has the shape of such a token: three parts of base64url. Cheap.
bool looksLikeWebToken(std::string_view text);

/// `Unauthorized` says what is wrong with the form: too long, not three parts, no JSON, no algorithm, a header that
/// must be understood and is not ("crit").
Result<WebToken> parseWebToken(std::string_view text);

/// Bytes in the alphabet of URLs, without padding (RFC 4648, section 5; RFC 7515, section 2).
std::string encodeBase64Url(std::string_view bytes);
/// The bytes; nothing when the text is anything else, padding and stray final bits included.
std::optional<std::string> decodeBase64Url(std::string_view text);

} // namespace keelson::auth
