// SPDX-License-Identifier: GPL-3.0-or-later
#include "localcluster/patience.h"

namespace keelson::localcluster {
namespace {

constexpr Milliseconds lookAgain{20};

} // namespace

bool Patience::wait(const std::function<bool()>& done, Milliseconds limit)
{
    const auto deadline = m_clock.steady() + limit;
    while (!done()) {
        std::unique_lock lock(m_mutex);
        if (m_off || m_clock.steady() >= deadline)
            return false;
        m_called.wait_for(lock, lookAgain);
    }
    return true;
}

void Patience::callOff()
{
    const std::scoped_lock lock(m_mutex);
    m_off = true;
    m_called.notify_all();
}

bool Patience::calledOff() const
{
    const std::scoped_lock lock(m_mutex);
    return m_off;
}

} // namespace keelson::localcluster
