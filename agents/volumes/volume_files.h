// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pods/pod_objects.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace keelson::volumes {

struct VolumeFile {
    std::string content;
    int mode = 0644;
    std::optional<std::int64_t> user = std::nullopt; ///< Whose it is; nothing: the agent's.
    bool operator==(const VolumeFile&) const = default;
};

/// Relative path to file.
using VolumeFiles = std::map<std::string, VolumeFile>;

/// Pure: what stands in a volume that is made of objects (configMap, secret, downwardAPI, projected), with the modes
/// that kubelet gives: a token is for its owner alone when the pod has a group or a user of its own, and the pod's
/// fsGroup may read all.
/// `NotFound` in Kubernetes' words for an object or key that is missing and not optional; `ServiceUnavailable` for a
/// token that has not come; `Invalid` for a path that leaves the volume, and for a source that this agent does not
/// offer.
Result<VolumeFiles> filesOf(const api::Pod& pod, const api::Volume& volume, const pods::PodObjects& objects,
                            const pods::PodFacts& facts);

/// The group that the pod's volumes belong to; nothing: none in particular.
std::optional<std::int64_t> fsGroup(const api::Pod& pod);

/// Brings a folder to show just these files. Readers see all files of one state or all of the next: the files stand in
/// a folder of their own, `..data` links to it and is exchanged in one step, as kubelet does it. `group`: whose files
/// and folders are, where there is one. False when nothing changed. Errors: `InternalError` with the path and the
/// cause.
Result<bool> writeAtomically(const std::filesystem::path& folder, const VolumeFiles& files,
                             std::optional<std::int64_t> group = std::nullopt);

/// Makes the file with this content, or overwrites it. `InternalError` with the path and the system's cause.
Result<Done> writeBytes(const std::filesystem::path& path, std::string_view content, int mode);

} // namespace keelson::volumes
