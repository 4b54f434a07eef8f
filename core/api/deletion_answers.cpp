// SPDX-License-Identifier: Apache-2.0
#include "api/deletion_answers.h"

#include <algorithm>
#include <array>

namespace keelson::api {

bool answersDeletedObject(const Kind& kind)
{
    constexpr std::array<std::string_view, 7> core{"PersistentVolume", "PersistentVolumeClaim", "Pod",
                                                   "PodTemplate",      "ResourceQuota",         "Service",
                                                   "ServiceAccount"};
    constexpr std::array<std::string_view, 4> storage{"CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"};
    const auto& group = kind.groupVersion.group;
    if (group.empty())
        return std::ranges::find(core, kind.kind) != core.end();
    return group == "storage.k8s.io" && std::ranges::find(storage, kind.kind) != storage.end();
}

} // namespace keelson::api
