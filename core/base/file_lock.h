// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

#include <string>

namespace keelson {

/// Keeps a file for one process: held until destroyed, and let go by the kernel when the process dies.
class FileLock {
public:
    /// `Conflict` names the process that holds it; `Forbidden` when the folder does not let us write,
    /// `ServiceUnavailable` for whatever else the system says.
    static Result<FileLock> acquire(const std::string& path);

    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;
    ~FileLock();

private:
    explicit FileLock(int descriptor) : m_descriptor(descriptor) {}
    int m_descriptor = -1;
};

} // namespace keelson
