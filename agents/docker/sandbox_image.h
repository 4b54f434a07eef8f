// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace keelson::docker {

/// The image of sandboxes, which every agent makes for itself.
inline constexpr std::string_view sandboxRepository = "keelson/pause";
inline constexpr std::string_view sandboxTag = "1";
inline constexpr std::string_view sandboxEntryPoint = "/pause";

/// The image's only layer as a tar archive (POSIX ustar): the program `pause`, which is part of our own binary.
std::string sandboxLayer();
/// The whole image as an archive for the engine's images/load. It is the same bytes each time and for every agent, so
/// agents that load it at the same time make one image between them. Source: Docker Image Specification v1.2, "Combined
/// Image JSON + Filesystem Changeset Format".
std::string sandboxArchive();

} // namespace keelson::docker
