// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/process.h"

#include <fmt/format.h>

#include <sys/mount.h>

namespace keelson::support {

/// A file system of `kilobytes`, as long as the object lives. Needs root.
class SmallDisk {
public:
    explicit SmallDisk(int kilobytes)
    {
        const auto size = fmt::format("size={}k", kilobytes);
        m_mounted = ::mount("none", m_folder.path().c_str(), "tmpfs", 0, size.c_str()) == 0;
    }
    ~SmallDisk()
    {
        if (m_mounted)
            ::umount2(m_folder.path().c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    bool mounted() const { return m_mounted; }
    std::filesystem::path path() const { return m_folder.path(); }

private:
    TemporaryFolder m_folder;
    bool m_mounted = false;
};

} // namespace keelson::support
