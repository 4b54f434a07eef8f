// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "containers/container_runtime.h"

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

namespace keelson::docker {

/// Takes apart the stream of a container without a terminal: before each frame stand the channel (1 output, 2 error),
/// three zero bytes and the length in network order.
/// Source: Docker Engine API 1.41, "ContainerAttach", stream format.
class FrameReader {
public:
    using Data = std::function<void(containers::StreamHandler::Channel, std::string_view)>;

    /// Feeds bytes as they come, in any pieces; `data` gets what they hold, also parts of frames.
    void feed(std::string_view bytes, const Data& data);

private:
    std::array<char, 8> m_header{};
    std::size_t m_headerBytes = 0;
    std::uint32_t m_left = 0; ///< Of the frame's content.
};

} // namespace keelson::docker
