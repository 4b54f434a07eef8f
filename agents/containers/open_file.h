// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <utility>

namespace keelson::containers {

/// A file descriptor with an owner.
class OpenFile {
public:
    explicit OpenFile(int file) : m_file(file) {}
    ~OpenFile()
    {
        if (m_file >= 0)
            ::close(m_file);
    }
    OpenFile(OpenFile&& other) noexcept : m_file(std::exchange(other.m_file, -1)) {}
    OpenFile& operator=(OpenFile&& other) noexcept
    {
        std::swap(m_file, other.m_file);
        return *this;
    }
    int get() const { return m_file; }

private:
    int m_file;
};

} // namespace keelson::containers
