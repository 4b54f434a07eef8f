// SPDX-License-Identifier: Apache-2.0
#include "apiserver/body_budget.h"

namespace keelson::apiserver {

bool BodyBudget::take(const std::string& sender, std::size_t bytes)
{
    const std::scoped_lock lock(m_mutex);
    auto& held = m_heldBy[sender];
    if (m_held + bytes > m_all || held + bytes > m_ofOne) {
        if (held == 0)
            m_heldBy.erase(sender);
        return false;
    }
    held += bytes;
    m_held += bytes;
    return true;
}

void BodyBudget::giveBack(const std::string& sender, std::size_t bytes)
{
    const std::scoped_lock lock(m_mutex);
    const auto held = m_heldBy.find(sender);
    if (held == m_heldBy.end())
        return;
    held->second -= bytes;
    m_held -= bytes;
    if (held->second == 0)
        m_heldBy.erase(held);
}

} // namespace keelson::apiserver
