// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pods/pod_volumes.h"

#include <filesystem>

namespace keelson::volumes {

/// Volumes as folders under `PODS/<uid>/volumes/<name>`: emptyDir (in memory on request), hostPath, configMap, secret,
/// projected and downwardAPI. Secrets and emptyDir with medium Memory stand on a tmpfs where the agent may mount one.
class HostVolumes : public pods::PodVolumes {
public:
    explicit HostVolumes(std::filesystem::path podsDirectory) : m_directory(std::move(podsDirectory)) {}

    Result<pods::VolumePaths> prepare(const api::Pod& pod, const pods::PodObjects& objects,
                                      const pods::PodFacts& facts) override;
    Result<Done> remove(const std::string& podUid) override;
    std::vector<std::string> known() override;

private:
    Result<std::string> prepareOne(const api::Pod& pod, const api::Volume& volume, const pods::PodObjects& objects,
                                   const pods::PodFacts& facts);

    std::filesystem::path m_directory;
};

/// No disk at all: every volume exists. For simulated nodes.
class SimulatedVolumes : public pods::PodVolumes {
public:
    Result<pods::VolumePaths> prepare(const api::Pod& pod, const pods::PodObjects& objects,
                                      const pods::PodFacts& facts) override;
    Result<Done> remove(const std::string&) override { return Done{}; }
    std::vector<std::string> known() override { return {}; }
};

/// Checks a hostPath against its type, and makes it where the type says so; without a type a missing one is made a
/// folder. `Invalid` in Kubernetes' words.
Result<Done> checkHostPath(const std::filesystem::path& path, std::string_view type);

} // namespace keelson::volumes
