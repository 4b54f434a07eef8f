// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <fmt/format.h>

#include <string_view>

namespace keelson {

std::uint64_t Random::below(std::uint64_t bound)
{
    return next() % bound;
}

std::string Random::suffix(std::size_t length)
{
    constexpr std::string_view alphabet = "bcdfghjklmnpqrstvwxz2456789";
    std::string text(length, ' ');
    for (auto& letter : text)
        letter = alphabet[below(alphabet.size())];
    return text;
}

std::string Random::uuid()
{
    constexpr std::uint64_t version4 = 0x4000;
    constexpr std::uint64_t variantMask = 0x3fff;
    constexpr std::uint64_t variant = 0x8000;
    const auto high = next();
    const auto low = next();
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff,
                       (high & 0x0fff) | version4, ((low >> 48) & variantMask) | variant, low & 0xffff'ffff'ffff);
}

SystemRandom::SystemRandom() : m_engine(std::random_device{}()) {}

std::uint64_t SystemRandom::next()
{
    const std::scoped_lock lock(m_mutex);
    return m_engine();
}

SeededRandom::SeededRandom(std::uint64_t seed) : m_engine(seed) {}

std::uint64_t SeededRandom::next()
{
    const std::scoped_lock lock(m_mutex);
    return m_engine();
}

} // namespace keelson
