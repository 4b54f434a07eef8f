// SPDX-License-Identifier: Apache-2.0
#include "apiserver/spdy_codec.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>

namespace keelson::apiserver {
namespace {

constexpr std::size_t headBytes = 8;
constexpr std::size_t frameBytesMax = std::size_t{1} * 1024 * 1024;
constexpr std::size_t headersBytesMax = std::size_t{64} * 1024;
constexpr std::uint16_t version = 3;
constexpr std::uint8_t flagLast = 1;

void putNumber(std::string& out, std::uint64_t number, int bytes)
{
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        out += static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xFF);
}

std::uint32_t numberAt(std::string_view bytes, std::size_t offset, std::size_t count)
{
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < count; ++i)
        number = (number << 8U) | static_cast<unsigned char>(bytes[offset + i]);
    return number;
}

/// What both ends of a header compression know beforehand: words with their lengths, then a run of common values.
const std::string& dictionary()
{
    static const std::string made = [] {
        constexpr std::string_view words =
            "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges "
            "age allow "
            "authorization cache-control connection content-base content-encoding content-language content-length "
            "content-location content-md5 content-range content-type date etag expect expires from host if-match "
            "if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma "
            "proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding "
            "upgrade "
            "user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public "
            "set-cookie "
            "keep-alive origin ";
        std::string text;
        for (std::string_view rest = words; !rest.empty();) {
            const auto end = rest.find(' ');
            std::string word(rest.substr(0, end));
            std::ranges::replace(word, '_', ' ');
            putNumber(text, word.size(), 4);
            text += word;
            rest = rest.substr(end + 1);
        }
        text += "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-"
                "Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 "
                "Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service UnavailableJan Feb Mar "
                "Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, "
                "GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,"
                "text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.";
        return text;
    }();
    return made;
}

Bytef* zlibBytes(std::string_view text)
{
    return reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); // zlib only reads it.
}

std::string controlFrame(SpdyFrame::Type type, std::uint8_t flags, std::string_view body)
{
    std::string out;
    putNumber(out, 0x8000U | version, 2);
    putNumber(out, static_cast<std::uint16_t>(type), 2);
    putNumber(out, flags, 1);
    putNumber(out, body.size(), 3);
    out += body;
    return out;
}

Result<Headers> parseHeaders(std::string_view block)
{
    const auto broken = [] { return fail(Reason::BadRequest, "a SPDY frame's headers are cut off"); };
    if (block.size() < 4)
        return broken();
    auto pairs = numberAt(block, 0, 4);
    block.remove_prefix(4);
    const auto text = [&]() -> std::optional<std::string> {
        if (block.size() < 4 || block.size() - 4 < numberAt(block, 0, 4))
            return std::nullopt;
        const auto size = numberAt(block, 0, 4);
        std::string part(block.substr(4, size));
        block.remove_prefix(4 + size);
        return part;
    };
    Headers headers;
    for (; pairs > 0; --pairs) {
        const auto name = text();
        auto value = name ? text() : std::nullopt;
        if (!value)
            return broken();
        headers.add(*name, *std::move(value));
    }
    return headers;
}

} // namespace

struct SpdyReader::Inflater {
    z_stream stream{};
    Inflater() { inflateInit(&stream); }
    ~Inflater() { inflateEnd(&stream); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
};

struct SpdyWriter::Deflater {
    z_stream stream{};
    Deflater()
    {
        deflateInit(&stream, Z_BEST_COMPRESSION);
        deflateSetDictionary(&stream, zlibBytes(dictionary()), static_cast<uInt>(dictionary().size()));
    }
    ~Deflater() { deflateEnd(&stream); }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;
};

SpdyReader::SpdyReader() : m_inflater(std::make_unique<Inflater>()) {}
SpdyReader::~SpdyReader() = default;
SpdyWriter::SpdyWriter() : m_deflater(std::make_unique<Deflater>()) {}
SpdyWriter::~SpdyWriter() = default;

Result<std::vector<SpdyFrame>> SpdyReader::feed(std::string_view bytes)
{
    m_buffer += bytes;
    std::vector<SpdyFrame> frames;
    std::string_view rest = m_buffer;
    while (rest.size() >= headBytes) {
        const std::size_t length = numberAt(rest, 5, 3);
        if (length > frameBytesMax)
            return fail(Reason::BadRequest, fmt::format("a SPDY frame of {} bytes is over the limit", length));
        if (rest.size() < headBytes + length)
            break;
        TRY_ASSIGN(auto frame, decode(rest.substr(0, headBytes), rest.substr(headBytes, length)));
        frames.push_back(std::move(frame));
        rest.remove_prefix(headBytes + length);
    }
    m_buffer.erase(0, m_buffer.size() - rest.size());
    return frames;
}

Result<SpdyFrame> SpdyReader::decode(std::string_view head, std::string_view body)
{
    using Type = SpdyFrame::Type;
    constexpr std::uint32_t streamMask = 0x7FFFFFFF;
    SpdyFrame frame;
    frame.last = (static_cast<unsigned char>(head[4]) & flagLast) != 0;
    if ((static_cast<unsigned char>(head[0]) & 0x80U) == 0) {
        frame.stream = numberAt(head, 0, 4);
        frame.data = body;
        return frame;
    }
    if ((numberAt(head, 0, 2) & 0x7FFFU) != version)
        return fail(Reason::BadRequest, "these bytes are no SPDY/3.1");
    frame.type = static_cast<Type>(numberAt(head, 2, 2));
    const bool opens = frame.type == Type::SynStream;
    const bool hasHeaders = opens || frame.type == Type::SynReply || frame.type == Type::Headers;
    const std::size_t fixed = opens ? 10 : 4;
    if (body.size() < fixed) // GoAway, Settings and others of no interest are long enough or let pass.
        return hasHeaders ? Result<SpdyFrame>(fail(Reason::BadRequest, "a SPDY frame is too short")) : frame;
    if (frame.type == Type::Ping)
        frame.number = numberAt(body, 0, 4);
    else if (hasHeaders || frame.type == Type::RstStream)
        frame.stream = numberAt(body, 0, 4) & streamMask;
    if (frame.type == Type::RstStream && body.size() >= 8)
        frame.number = numberAt(body, 4, 4);
    if (hasHeaders) {
        TRY_ASSIGN(frame.headers, inflateHeaders(body.substr(fixed)));
    }
    return frame;
}

Result<Headers> SpdyReader::inflateHeaders(std::string_view block)
{
    auto& stream = m_inflater->stream;
    stream.next_in = zlibBytes(block);
    stream.avail_in = static_cast<uInt>(block.size());
    std::string text;
    std::array<char, 4096> part{};
    for (;;) {
        stream.next_out = reinterpret_cast<Bytef*>(part.data());
        stream.avail_out = static_cast<uInt>(part.size());
        int code = inflate(&stream, Z_SYNC_FLUSH);
        if (code == Z_NEED_DICT) {
            inflateSetDictionary(&stream, zlibBytes(dictionary()), static_cast<uInt>(dictionary().size()));
            code = inflate(&stream, Z_SYNC_FLUSH);
        }
        text.append(part.data(), part.size() - stream.avail_out);
        if ((code != Z_OK && code != Z_BUF_ERROR) || text.size() > headersBytesMax)
            return fail(Reason::BadRequest, "the headers of a SPDY frame cannot be decompressed");
        if (stream.avail_out != 0)
            break;
    }
    return parseHeaders(text);
}

std::string SpdyWriter::deflateHeaders(const Headers& headers)
{
    std::string text;
    putNumber(text, headers.items().size(), 4);
    for (const auto& [name, value] : headers.items()) {
        putNumber(text, name.size(), 4);
        text += name;
        putNumber(text, value.size(), 4);
        text += value;
    }
    auto& stream = m_deflater->stream;
    stream.next_in = zlibBytes(text);
    stream.avail_in = static_cast<uInt>(text.size());
    std::string out;
    std::array<char, 1024> part{};
    do {
        stream.next_out = reinterpret_cast<Bytef*>(part.data());
        stream.avail_out = static_cast<uInt>(part.size());
        deflate(&stream, Z_SYNC_FLUSH);
        out.append(part.data(), part.size() - stream.avail_out);
    } while (stream.avail_out == 0);
    return out;
}

std::string SpdyWriter::synStream(std::uint32_t stream, const Headers& headers)
{
    std::string body;
    putNumber(body, stream, 4);
    putNumber(body, 0, 4); // No stream that it belongs to.
    putNumber(body, 0, 2); // Priority and slot.
    return controlFrame(SpdyFrame::Type::SynStream, 0, body + deflateHeaders(headers));
}

std::string SpdyWriter::synReply(std::uint32_t stream)
{
    std::string body;
    putNumber(body, stream, 4);
    return controlFrame(SpdyFrame::Type::SynReply, 0, body + deflateHeaders({}));
}

std::string SpdyWriter::data(std::uint32_t stream, std::string_view bytes, bool last)
{
    constexpr std::size_t partMax = std::size_t{64} * 1024;
    std::string out;
    do {
        const auto part = bytes.substr(0, partMax);
        bytes.remove_prefix(part.size());
        putNumber(out, stream, 4);
        putNumber(out, last && bytes.empty() ? flagLast : 0, 1);
        putNumber(out, part.size(), 3);
        out += part;
    } while (!bytes.empty());
    return out;
}

std::string SpdyWriter::reset(std::uint32_t stream, std::uint32_t status)
{
    std::string body;
    putNumber(body, stream, 4);
    putNumber(body, status, 4);
    return controlFrame(SpdyFrame::Type::RstStream, 0, body);
}

std::string SpdyWriter::ping(std::uint32_t id)
{
    std::string body;
    putNumber(body, id, 4);
    return controlFrame(SpdyFrame::Type::Ping, 0, body);
}

} // namespace keelson::apiserver
