// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/schema.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace keelson::api {

/// How a field's bytes are framed (Protocol Buffers encoding, "Message Structure").
enum class WireType : std::uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

/// Appends fields to a string.
class WireWriter {
public:
    void varint(std::uint64_t value);
    void number(int field, std::uint64_t value);
    void fixed64(int field, std::uint64_t value);
    void bytes(int field, std::string_view value);
    std::string take() { return std::move(m_out); }

private:
    void tag(int field, WireType type)
    {
        varint(static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(type));
    }

    std::string m_out;
};

/// One field as it stands on the wire.
struct WireField {
    int number = 0;
    WireType type = WireType::Varint;
    std::uint64_t value = 0; ///< Varint, Fixed64, Fixed32.
    std::string_view bytes;  ///< Bytes.
    std::size_t offset = 0;  ///< Of the value, from the start of the whole body.
};

/// Reads the fields of one message. Errors (`BadRequest`) name the byte, counted from the start of the whole body.
class WireReader {
public:
    /// `offset` is where `bytes` begins in the whole body.
    WireReader(std::string_view bytes, std::size_t offset) : m_bytes(bytes), m_offset(offset) {}

    bool done() const { return m_at == m_bytes.size(); }
    std::size_t offset() const { return m_offset + m_at; }
    Result<WireField> next();
    Result<std::uint64_t> varint();

private:
    Result<std::uint64_t> fixed(std::size_t size);

    std::string_view m_bytes;
    std::size_t m_offset;
    std::size_t m_at = 0;
};

/// `BadRequest`: "protobuf: <what> at byte <offset>".
std::unexpected<Error> wireError(std::string_view what, std::size_t offset);
/// Its bytes, which must be UTF-8.
Result<std::string_view> textOf(const WireField& wire);

/// The message of an object in the order of its field numbers, as the reference writes it: plain members always,
/// pointers when present. `Invalid` when a member is not what the schema says.
Result<std::string> encodeMessage(const Schema& schema, const Object& object);
/// The object that a message holds, in the order of the schema. `BadRequest` names the byte.
Result<Object> decodeMessage(const Schema& schema, std::string_view bytes, std::size_t offset, std::size_t depth);

} // namespace keelson::api
