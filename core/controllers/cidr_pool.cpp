// SPDX-License-Identifier: Apache-2.0
#include "controllers/cidr_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace keelson::controllers {
namespace {

constexpr int addressBits = 32;
constexpr int maskSizeMax = 30;

struct Range {
    std::uint64_t first = 0;
    std::uint64_t end = 0; ///< One behind the last address.
    int maskSize = 0;
};

Result<Range> parseRange(std::string_view text)
{
    const auto malformed = fail(Reason::Invalid, fmt::format("\"{}\" is not an IPv4 range", text));
    std::uint64_t address = 0;
    const char* at = text.data();
    const char* const end = text.data() + text.size();
    for (int part = 0; part < 4; ++part) {
        unsigned value = 0;
        const auto [next, error] = std::from_chars(at, end, value);
        if (error != std::errc{} || value > 255 || next == end || *next != (part < 3 ? '.' : '/'))
            return malformed;
        address = address << 8 | value;
        at = next + 1;
    }
    int maskSize = 0;
    const auto [next, error] = std::from_chars(at, end, maskSize);
    if (error != std::errc{} || next != end || maskSize < 0 || maskSize > 32)
        return malformed;
    const std::uint64_t size = std::uint64_t{1} << (32 - maskSize);
    return Range{.first = address / size * size, .end = address / size * size + size, .maskSize = maskSize};
}

} // namespace

CidrPool::CidrPool(std::string_view network, int maskSize) : m_network(network), m_maskSize(maskSize)
{
    const auto range = parseRange(network);
    if (!range || maskSize < range->maskSize || maskSize > maskSizeMax)
        return;
    m_first = range->first;
    m_slots = (range->end - range->first) >> (addressBits - maskSize);
}

Result<std::string> CidrPool::take()
{
    if (m_slots == 0)
        return fail(Reason::Invalid, fmt::format("/{} ranges cannot be cut out of {}", m_maskSize, m_network));
    for (auto used = m_uses.lower_bound(m_free); used != m_uses.end() && used->first == m_free; ++used)
        ++m_free;
    if (m_free >= m_slots)
        return fail(Reason::RequestEntityTooLarge, fmt::format("no /{} is left in {}", m_maskSize, m_network));
    m_uses.emplace(m_free, 1);
    const auto address = m_first + (m_free << (addressBits - m_maskSize));
    return fmt::format("{}.{}.{}.{}/{}", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255,
                       m_maskSize);
}

void CidrPool::count(std::string_view text, int uses)
{
    const auto range = parseRange(text);
    const auto size = std::uint64_t{1} << (addressBits - m_maskSize);
    if (!range || m_slots == 0 || range->end <= m_first || range->first >= m_first + m_slots * size)
        return;
    const auto first = (std::max(range->first, m_first) - m_first) / size;
    const auto end = std::min(m_slots, (range->end - m_first + size - 1) / size);
    for (auto slot = first; slot < end; ++slot) {
        auto& count = m_uses[slot];
        count += uses;
        if (count > 0)
            continue;
        m_uses.erase(slot);
        m_free = std::min(m_free, slot);
    }
}

} // namespace keelson::controllers
