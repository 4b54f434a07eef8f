// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace keelson::fuzz {

/// What must hold whatever the input is; the fuzzer keeps the input for which it does not.
inline void check(bool holds)
{
    if (!holds)
        std::abort();
}

inline std::string_view textOf(const std::uint8_t* data, std::size_t size)
{
    return {reinterpret_cast<const char*>(data), size};
}

/// Takes the first byte off the input: what to do with the rest.
inline unsigned takeChoice(std::string_view& input)
{
    if (input.empty())
        return 0;
    const auto choice = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    return choice;
}

} // namespace keelson::fuzz
