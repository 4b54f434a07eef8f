// SPDX-License-Identifier: Apache-2.0
#include "store/wal_check.h"

#include "store/sqlite_connection.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <vector>

namespace keelson::store {
namespace {

constexpr std::size_t headerBytes = 32;
constexpr std::size_t frameHeaderBytes = 24;
constexpr std::uint32_t magic = 0x377f0682; ///< The last bit says that checksums are of big-endian words.
constexpr std::uint32_t pageBytesMin = 512;
constexpr std::uint32_t pageBytesMax = 65536;

std::uint32_t bigEndian(std::span<const unsigned char> bytes)
{
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

std::uint32_t littleEndian(std::span<const unsigned char> bytes)
{
    return std::uint32_t{bytes[3]} << 24 | std::uint32_t{bytes[2]} << 16 | std::uint32_t{bytes[1]} << 8 | bytes[0];
}

/// The running sum over header and frames.
class Checksum {
public:
    explicit Checksum(bool bigEndianWords) : m_word(bigEndianWords ? bigEndian : littleEndian) {}

    void add(std::span<const unsigned char> bytes)
    {
        for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
            m_first += m_word(bytes) + m_second;
            m_second += m_word(bytes.subspan(4)) + m_first;
        }
    }
    bool equals(std::span<const unsigned char> bytes) const
    {
        return m_first == bigEndian(bytes) && m_second == bigEndian(bytes.subspan(4));
    }

private:
    std::uint32_t (*m_word)(std::span<const unsigned char>);
    std::uint32_t m_first = 0;
    std::uint32_t m_second = 0;
};

class WalReader {
public:
    explicit WalReader(const std::string& path) : m_file(path, std::ios::binary) {}

    /// False where the file ends.
    bool read(std::span<unsigned char> bytes)
    {
        m_file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        return m_file.gcount() == static_cast<std::streamsize>(bytes.size());
    }

private:
    std::ifstream m_file;
};

/// What is wrong with the frames behind a sound header; empty when nothing is.
std::string wrongFrames(WalReader& file, std::span<const unsigned char> header, Checksum sum)
{
    std::vector<unsigned char> frame(frameHeaderBytes + bigEndian(header.subspan(8)));
    const std::span<const unsigned char> bytes(frame);
    std::size_t firstWrong = 0;
    bool commitBehind = false;
    for (std::size_t number = 1; file.read(frame); ++number) {
        const bool ours = std::memcmp(&frame[8], &header[16], 8) == 0; // the salts: else a frame of an earlier round
        if (commitBehind && ours)
            return fmt::format("frame {} of its write-ahead log is damaged and later ones are not", firstWrong);
        if (firstWrong == 0) {
            sum.add(bytes.first(8));
            sum.add(bytes.subspan(frameHeaderBytes));
            if (ours && sum.equals(bytes.subspan(16)))
                continue;
            firstWrong = number;
        }
        const bool commits = bigEndian(bytes.subspan(4)) != 0;
        commitBehind = commitBehind || (ours && commits);
    }
    return {};
}

} // namespace

Result<Done> checkWriteAheadLog(const std::string& path)
{
    const auto logPath = path + "-wal";
    std::error_code failure;
    const auto logBytes = std::filesystem::file_size(logPath, failure);
    if (failure || logBytes <= headerBytes)
        return Done{};
    if (const auto bytes = std::filesystem::file_size(path, failure); failure || bytes == 0)
        return fail(damagedError(
            path, fmt::format("it is {}, and its write-ahead log {} is not", failure ? "missing" : "empty", logPath)));
    WalReader file(logPath);
    std::array<unsigned char, headerBytes> header{};
    if (!file.read(header))
        return fail(Reason::ServiceUnavailable, fmt::format("cannot read {}", logPath));
    const std::span<const unsigned char> bytes(header);
    Checksum sum((bigEndian(bytes) & 1) != 0);
    sum.add(bytes.first(headerBytes - 8));
    const auto pageBytes = bigEndian(bytes.subspan(8));
    if ((bigEndian(bytes) & ~std::uint32_t{1}) != magic || pageBytes < pageBytesMin || pageBytes > pageBytesMax ||
        !sum.equals(bytes.subspan(headerBytes - 8)))
        return fail(damagedError(path, fmt::format("the header of its write-ahead log {} is not whole", logPath)));
    if (const auto wrong = wrongFrames(file, bytes, sum); !wrong.empty())
        return fail(damagedError(path, wrong));
    return Done{};
}

} // namespace keelson::store
