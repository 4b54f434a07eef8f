// SPDX-License-Identifier: Apache-2.0
#include "docker/sandbox_image.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <numeric>

// The linker places the program's bytes between the two labels.
asm(".section .rodata\n"
    ".balign 16\n"
    ".global keelsonPauseBegin\n"
    "keelsonPauseBegin:\n"
    ".incbin \"" KEELSON_PAUSE_PROGRAM "\"\n"
    ".global keelsonPauseEnd\n"
    "keelsonPauseEnd:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" {
extern const char keelsonPauseBegin[]; // NOLINT(modernize-avoid-c-arrays)
extern const char keelsonPauseEnd[];   // NOLINT(modernize-avoid-c-arrays)
}

namespace keelson::docker {
namespace {

constexpr std::size_t blockBytes = 512;
/// Fixed, so that the image's id is.
constexpr std::string_view creationTime = "1970-01-01T00:00:00Z";
#if defined(__aarch64__)
constexpr std::string_view architecture = "arm64";
#else
constexpr std::string_view architecture = "amd64";
#endif

/// A header block of POSIX ustar (IEEE 1003.1, pax).
std::string tarHeader(std::string_view name, std::size_t size, unsigned mode)
{
    std::string block(blockBytes, '\0');
    const auto put = [&](std::size_t offset, std::string_view text) {
        std::memcpy(block.data() + offset, text.data(), text.size());
    };
    put(0, name);
    put(100, fmt::format("{:07o}", mode));
    put(108, "0000000");
    put(116, "0000000");
    put(124, fmt::format("{:011o}", size));
    put(136, "00000000000");
    put(148, "        ");
    put(156, "0");
    put(257, std::string_view("ustar\00000", 8));
    const auto sum = std::accumulate(block.begin(), block.end(), 0U,
                                     [](unsigned total, char byte) { return total + static_cast<std::uint8_t>(byte); });
    put(148, fmt::format("{:06o}", sum));
    block[154] = '\0';
    return block;
}

std::string tarFile(std::string_view name, std::string_view content, unsigned mode)
{
    auto archive = tarHeader(name, content.size(), mode);
    archive += content;
    archive.resize((archive.size() + blockBytes - 1) / blockBytes * blockBytes, '\0');
    return archive;
}

std::string tarEnd()
{
    return std::string(2 * blockBytes, '\0');
}

std::string sha256(std::string_view bytes)
{
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    return fmt::format("{:02x}", fmt::join(digest, ""));
}

} // namespace

std::string sandboxLayer()
{
    const std::string_view program(keelsonPauseBegin, static_cast<std::size_t>(keelsonPauseEnd - keelsonPauseBegin));
    return tarFile("pause", program, 0755) + tarEnd();
}

std::string sandboxArchive()
{
    const auto layer = sandboxLayer();
    const auto config = fmt::format(
        R"({{"architecture":"{}","os":"linux","created":"{}","config":{{"Entrypoint":["{}"]}},)"
        R"("rootfs":{{"type":"layers","diff_ids":["sha256:{}"]}},"history":[{{"created":"{}","created_by":"keelson-agent"}}]}})",
        architecture, creationTime, sandboxEntryPoint, sha256(layer), creationTime);
    const auto configName = sha256(config) + ".json";
    const auto manifest = fmt::format(R"([{{"Config":"{}","RepoTags":["{}:{}"],"Layers":["layer.tar"]}}])", configName,
                                      sandboxRepository, sandboxTag);
    return tarFile("layer.tar", layer, 0644) + tarFile(configName, config, 0644) +
           tarFile("manifest.json", manifest, 0644) + tarEnd();
}

} // namespace keelson::docker
