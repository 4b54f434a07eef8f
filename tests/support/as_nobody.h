// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/syscall.h>
#include <unistd.h>

namespace keelson::support {

/// While it lives, the calling thread has the rights of the user nobody when the tests run as root, who may write
/// everywhere; another user keeps its own. The system call is used since the C library's function changes all threads.
class AsNobody {
public:
    AsNobody() { become(nobody); }
    ~AsNobody() { become(0); }
    AsNobody(const AsNobody&) = delete;
    AsNobody& operator=(const AsNobody&) = delete;

    static constexpr uid_t nobody = 65534;

private:
    void become(uid_t user) const
    {
        if (m_root)
            ::syscall(SYS_setresuid, -1, user, -1);
    }

    const bool m_root = ::getuid() == 0;
};

} // namespace keelson::support
