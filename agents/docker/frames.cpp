// SPDX-License-Identifier: Apache-2.0
#include "docker/frames.h"

#include <algorithm>

namespace keelson::docker {

void FrameReader::feed(std::string_view bytes, const Data& data)
{
    using Channel = containers::StreamHandler::Channel;
    while (!bytes.empty()) {
        if (m_left > 0) {
            const auto part = bytes.substr(0, std::min<std::size_t>(m_left, bytes.size()));
            data(m_header[0] == 2 ? Channel::Error : Channel::Output, part);
            m_left -= static_cast<std::uint32_t>(part.size());
            bytes.remove_prefix(part.size());
            continue;
        }
        const auto wanted = std::min(m_header.size() - m_headerBytes, bytes.size());
        std::copy_n(bytes.begin(), wanted, m_header.begin() + static_cast<std::ptrdiff_t>(m_headerBytes));
        m_headerBytes += wanted;
        bytes.remove_prefix(wanted);
        if (m_headerBytes < m_header.size())
            return;
        m_headerBytes = 0;
        for (std::size_t i = 4; i < m_header.size(); ++i)
            m_left = m_left << 8U | static_cast<std::uint8_t>(m_header[i]);
    }
}

} // namespace keelson::docker
