// SPDX-License-Identifier: Apache-2.0
#include "auth/json_web_token.h"
#include "auth/token_keys.h"
#include "fuzz/fuzzing.h"

// Input: a set of keys (JWKS), a line break, and a token in its compact form. Whatever they hold, they are read without
// harm, and what is read of a token is the text that was given: nothing stands in it that was not looked at.

namespace {

using namespace keelson::auth;
using keelson::fuzz::check;

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto text = keelson::fuzz::textOf(data, size);
    const auto end = text.find('\n');
    const auto keys = VerificationKeys::fromJwks(text.substr(0, end));
    if (keys)
        check(VerificationKeys::fromJwks(keys->jwks()).has_value());
    const auto token = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const auto parsed = parseWebToken(token);
    if (!parsed)
        return 0;
    check(looksLikeWebToken(token));
    check(parsed->claims.is_object());
    check(parsed->signedText + "." + encodeBase64Url(parsed->signature) == token);
    if (keys)
        (void)keys->verify(*parsed);
    return 0;
}
