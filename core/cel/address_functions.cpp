// SPDX-License-Identifier: Apache-2.0
// Source: Kubernetes, "Common Expression Language in Kubernetes": IP address library, CIDR library.
#include "cel/functions.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace keelson::cel {
namespace {

using Args = std::span<const Value>;

struct Address {
    int family = 4;                        ///< 4 or 6.
    std::array<unsigned char, 16> bytes{}; ///< The first four, of family 4.

    std::size_t size() const { return family == 4 ? 4 : 16; }
    bool operator==(const Address&) const = default;
};

Result<Address> readAddress(const std::string& text)
{
    Address address;
    if (inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1)
        return address;
    if (text.contains('%'))
        return fail(Reason::Invalid, fmt::format("IP address \"{}\" with zone value is not allowed", text));
    address.family = 6;
    if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) != 1)
        return fail(Reason::Invalid, fmt::format("IP Address \"{}\" parse error during conversion from string: "
                                                 "ParseAddr(\"{}\"): unable to parse IP",
                                                 text, text));
    constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (std::equal(mapped.begin(), mapped.end(), address.bytes.begin()))
        return fail(Reason::Invalid, fmt::format("IPv4-mapped IPv6 address \"{}\" is not allowed", text));
    return address;
}

std::string textOf(const Address& address)
{
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    inet_ntop(address.family == 4 ? AF_INET : AF_INET6, address.bytes.data(), buffer.data(), buffer.size());
    return buffer.data();
}

class Ip : public Opaque {
public:
    explicit Ip(const Address& read) : address(read) {}
    std::string_view typeName() const override { return "net.IP"; }
    std::optional<std::string> text() const override { return textOf(address); }
    bool equals(const Opaque& other) const override
    {
        const auto* ip = dynamic_cast<const Ip*>(&other);
        return ip && ip->address == address;
    }

    const Address address;
};

/// The address with all bits behind the first `bits` cleared.
Address masked(Address address, int bits)
{
    constexpr int byteBits = 8;
    for (std::size_t at = 0; at < address.size(); ++at) {
        const int kept = std::clamp(bits - static_cast<int>(at) * byteBits, 0, byteBits);
        address.bytes[at] &= static_cast<unsigned char>(0xFF00U >> static_cast<unsigned>(kept));
    }
    return address;
}

class Cidr : public Opaque {
public:
    Cidr(const Address& read, int length) : address(read), bits(length) {}
    std::string_view typeName() const override { return "net.CIDR"; }
    std::optional<std::string> text() const override { return fmt::format("{}/{}", textOf(address), bits); }
    bool equals(const Opaque& other) const override
    {
        const auto* range = dynamic_cast<const Cidr*>(&other);
        return range && range->address == address && range->bits == bits;
    }
    bool contains(const Address& other) const
    {
        return other.family == address.family && masked(other, bits) == masked(address, bits);
    }

    const Address address;
    const int bits;
};

Result<Value> readCidr(const std::string& text)
{
    const auto slash = text.find('/');
    const auto wrong = [&] {
        return fail(Reason::Invalid, fmt::format("network address parse error during conversion from string: "
                                                 "netip.ParsePrefix(\"{}\"): no valid prefix",
                                                 text));
    };
    if (slash == text.npos)
        return wrong();
    const auto address = readAddress(text.substr(0, slash));
    int bits = -1;
    const auto* const end = text.data() + text.size();
    const auto [stop, code] = std::from_chars(text.data() + slash + 1, end, bits);
    constexpr int byteBits = 8;
    if (!address || code != std::errc{} || stop != end || bits < 0 ||
        bits > static_cast<int>(address->size()) * byteBits)
        return wrong();
    return OpaquePtr(std::make_shared<Cidr>(*address, bits));
}

/// An address, or a text that is read as one.
Result<Address> addressOf(const Value& value, std::string_view function)
{
    if (const auto* ip = value.opaque<Ip>())
        return ip->address;
    const auto* text = value.as<std::string>();
    if (!text)
        return noOverload(function);
    return readAddress(*text);
}

Result<Value> isIp(Args args)
{
    const auto* text = args[0].as<std::string>();
    if (!text)
        return noOverload("isIP");
    return readAddress(*text).has_value();
}

Result<Value> ip(Args args)
{
    TRY_ASSIGN(const auto address, addressOf(args[0], "ip"));
    return OpaquePtr(std::make_shared<Ip>(address));
}

Result<Value> isCanonical(Args args)
{
    const auto* text = args[0].as<std::string>();
    if (!text)
        return noOverload("ip.isCanonical");
    TRY_ASSIGN(const auto address, readAddress(*text));
    return textOf(address) == *text;
}

/// Of an address, whether it is of a sort.
template <auto test>
Result<Value> tested(Args args)
{
    const auto* ip = args[0].opaque<Ip>();
    if (!ip)
        return noOverload("ip test");
    return test(ip->address);
}

bool isUnspecified(const Address& address)
{
    return std::ranges::all_of(address.bytes, [](unsigned char byte) { return byte == 0; });
}

bool isLoopback(const Address& address)
{
    if (address.family == 4)
        return address.bytes[0] == 127;
    return address.bytes.back() == 1 &&
           std::all_of(address.bytes.begin(), address.bytes.end() - 1, [](unsigned char byte) { return byte == 0; });
}

bool isMulticast(const Address& address)
{
    return address.family == 4 ? (address.bytes[0] & 0xF0U) == 0xE0U : address.bytes[0] == 0xFF;
}

bool isLinkLocalMulticast(const Address& address)
{
    const auto& bytes = address.bytes;
    return address.family == 4 ? bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0
                               : bytes[0] == 0xFF && (bytes[1] & 0x0FU) == 2;
}

bool isLinkLocalUnicast(const Address& address)
{
    const auto& bytes = address.bytes;
    return address.family == 4 ? bytes[0] == 169 && bytes[1] == 254 : bytes[0] == 0xFE && (bytes[1] & 0xC0U) == 0x80U;
}

bool isGlobalUnicast(const Address& address)
{
    constexpr std::array<unsigned char, 4> broadcast{255, 255, 255, 255};
    const bool all = address.family == 4 && std::equal(broadcast.begin(), broadcast.end(), address.bytes.begin());
    return !all && !isUnspecified(address) && !isLoopback(address) && !isMulticast(address) &&
           !isLinkLocalUnicast(address);
}

Result<Value> family(Args args)
{
    const auto* ip = args[0].opaque<Ip>();
    if (!ip)
        return noOverload("family");
    return std::int64_t{ip->address.family};
}

Result<Value> isCidr(Args args)
{
    const auto* text = args[0].as<std::string>();
    if (!text)
        return noOverload("isCIDR");
    return readCidr(*text).has_value();
}

Result<Value> cidr(Args args)
{
    const auto* text = args[0].as<std::string>();
    if (!text)
        return noOverload("cidr");
    return readCidr(*text);
}

Result<Value> containsIp(Args args)
{
    const auto* range = args[0].opaque<Cidr>();
    if (!range)
        return noOverload("containsIP");
    TRY_ASSIGN(const auto address, addressOf(args[1], "containsIP"));
    return range->contains(address);
}

Result<Value> containsCidr(Args args)
{
    const auto* range = args[0].opaque<Cidr>();
    auto given = args[1];
    if (const auto* text = given.as<std::string>()) {
        TRY_ASSIGN(given, readCidr(*text));
    }
    const auto* part = given.opaque<Cidr>();
    if (!range || !part)
        return noOverload("containsCIDR");
    return part->bits >= range->bits && range->contains(part->address);
}

Result<Value> ipOfCidr(Args args)
{
    const auto* range = args[0].opaque<Cidr>();
    if (!range)
        return noOverload("ip");
    return OpaquePtr(std::make_shared<Ip>(range->address));
}

Result<Value> maskedCidr(Args args)
{
    const auto* range = args[0].opaque<Cidr>();
    if (!range)
        return noOverload("masked");
    return OpaquePtr(std::make_shared<Cidr>(masked(range->address, range->bits), range->bits));
}

Result<Value> prefixLength(Args args)
{
    const auto* range = args[0].opaque<Cidr>();
    if (!range)
        return noOverload("prefixLength");
    return std::int64_t{range->bits};
}

constexpr std::array table{
    Function{"isIP", false, 1, 1, isIp, Type::Form::Bool},
    Function{"ip", false, 1, 1, ip},
    Function{"ip.isCanonical", false, 1, 1, isCanonical, Type::Form::Bool},
    Function{"family", true, 1, 1, family, Type::Form::Int},
    Function{"isUnspecified", true, 1, 1, tested<isUnspecified>, Type::Form::Bool},
    Function{"isLoopback", true, 1, 1, tested<isLoopback>, Type::Form::Bool},
    Function{"isLinkLocalMulticast", true, 1, 1, tested<isLinkLocalMulticast>, Type::Form::Bool},
    Function{"isLinkLocalUnicast", true, 1, 1, tested<isLinkLocalUnicast>, Type::Form::Bool},
    Function{"isGlobalUnicast", true, 1, 1, tested<isGlobalUnicast>, Type::Form::Bool},
    Function{"isCIDR", false, 1, 1, isCidr, Type::Form::Bool},
    Function{"cidr", false, 1, 1, cidr},
    Function{"containsIP", true, 2, 2, containsIp, Type::Form::Bool},
    Function{"containsCIDR", true, 2, 2, containsCidr, Type::Form::Bool},
    Function{"ip", true, 1, 1, ipOfCidr},
    Function{"masked", true, 1, 1, maskedCidr},
    Function{"prefixLength", true, 1, 1, prefixLength, Type::Form::Int},
};

} // namespace

std::span<const Function> addressFunctions()
{
    return table;
}

} // namespace keelson::cel
