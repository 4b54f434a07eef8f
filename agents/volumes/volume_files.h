// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pods/pod_objects.h"

#include <filesystem>
#include <map>
#include <string>

namespace keelson::volumes {

struct VolumeFile {
    std::string content;
    int mode = 0644;
    bool operator==(const VolumeFile&) const = default;
};

/// Relative path to file.
using VolumeFiles = std::map<std::string, VolumeFile>;

/// Pure: what stands in a volume that is made of objects (configMap, secret, downwardAPI, projected).
/// `NotFound` in Kubernetes' words for an object or key that is missing and not optional; `Invalid` for a path that
/// leaves the volume, and for a source that this agent does not offer.
Result<VolumeFiles> filesOf(const api::Pod& pod, const api::Volume& volume, const pods::PodObjects& objects,
                            const pods::PodFacts& facts);

/// Brings a folder to show just these files. Readers see all files of one state or all of the next: the files stand in
/// a folder of their own, `..data` links to it and is exchanged in one step, as kubelet does it. False when nothing
/// changed. Errors: `InternalError` with the path and the cause.
Result<bool> writeAtomically(const std::filesystem::path& folder, const VolumeFiles& files);

} // namespace keelson::volumes
