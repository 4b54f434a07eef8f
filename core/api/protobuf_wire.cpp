// SPDX-License-Identifier: Apache-2.0
#include "api/protobuf_wire.h"

#include "api/utf8.h"

#include <fmt/format.h>

namespace keelson::api {

void WireWriter::varint(std::uint64_t value)
{
    while (value >= 0x80) {
        m_out += static_cast<char>(value | 0x80);
        value >>= 7;
    }
    m_out += static_cast<char>(value);
}

void WireWriter::number(int field, std::uint64_t value)
{
    tag(field, WireType::Varint);
    varint(value);
}

void WireWriter::fixed64(int field, std::uint64_t value)
{
    tag(field, WireType::Fixed64);
    for (int i = 0; i < 8; ++i)
        m_out += static_cast<char>(value >> (8 * i));
}

void WireWriter::bytes(int field, std::string_view value)
{
    tag(field, WireType::Bytes);
    varint(value.size());
    m_out += value;
}

Result<std::uint64_t> WireReader::varint()
{
    const auto start = offset();
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (done())
            return wireError("a number is cut off", start);
        const auto byte = static_cast<std::uint8_t>(m_bytes[m_at++]);
        value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    return wireError("a number has more than 64 bits", start);
}

Result<std::uint64_t> WireReader::fixed(std::size_t size)
{
    if (m_bytes.size() - m_at < size)
        return wireError("a number is cut off", offset());
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
        value |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(m_bytes[m_at++])) << (8 * i);
    return value;
}

Result<WireField> WireReader::next()
{
    const auto start = offset();
    TRY_ASSIGN(const auto tag, varint());
    WireField field;
    if (tag >> 3 == 0 || tag >> 3 > 0x1fff'ffff)
        return wireError("a field has a bad number", start);
    field.number = static_cast<int>(tag >> 3);
    field.type = static_cast<WireType>(tag & 7);
    field.offset = offset();
    switch (field.type) {
    case WireType::Varint: {
        TRY_ASSIGN(field.value, varint());
        return field;
    }
    case WireType::Fixed64: {
        TRY_ASSIGN(field.value, fixed(8));
        return field;
    }
    case WireType::Fixed32: {
        TRY_ASSIGN(field.value, fixed(4));
        return field;
    }
    case WireType::Bytes:
        break;
    default:
        return wireError(fmt::format("field {} has the unknown wire type {}", field.number, tag & 7), start);
    }
    TRY_ASSIGN(const auto length, varint());
    if (length > m_bytes.size() - m_at)
        return wireError(fmt::format("field {} says it has {} bytes, of which {} are there", field.number, length,
                                     m_bytes.size() - m_at),
                         field.offset);
    field.offset = offset();
    field.bytes = m_bytes.substr(m_at, length);
    m_at += length;
    return field;
}

std::unexpected<Error> wireError(std::string_view what, std::size_t offset)
{
    return fail(Reason::BadRequest, fmt::format("protobuf: {} at byte {}", what, offset));
}

Result<std::string_view> textOf(const WireField& wire)
{
    if (const auto valid = utf8Prefix(wire.bytes); valid < wire.bytes.size())
        return wireError(fmt::format("the text of field {} is not UTF-8", wire.number), wire.offset + valid);
    return wire.bytes;
}

} // namespace keelson::api
