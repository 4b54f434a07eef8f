// SPDX-License-Identifier: Apache-2.0
#include "auth/token_file.h"

#include "base/private_file.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <array>

namespace keelson::auth {

Result<std::string> loadOrCreateToken(const std::filesystem::path& path)
{
    auto stored = readFile(path);
    if (stored)
        return stored->substr(0, stored->find_first_of("\r\n"));
    if (stored.error().reason != Reason::NotFound)
        return fail(stored.error());
    std::array<unsigned char, tokenLength / 2> bytes{};
    if (RAND_bytes(bytes.data(), bytes.size()) != 1)
        return fail(Reason::InternalError, "the machine gives no random bytes for a token");
    std::string token;
    for (const auto byte : bytes)
        token += fmt::format("{:02x}", byte);
    TRY_OK(writePrivateFile(path, token + "\n"));
    return token;
}

} // namespace keelson::auth
