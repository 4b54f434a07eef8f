// SPDX-License-Identifier: Apache-2.0
#include "node/redial.h"

#include <algorithm>

namespace keelson::node {

bool Redial::ended(SteadyTime now, Duration settledAfter)
{
    const bool lasted = m_connectedAt && now - *m_connectedAt >= settledAfter;
    m_connectedAt.reset();
    if (lasted)
        m_delay = Milliseconds{0};
    return lasted;
}

Milliseconds Redial::next(Milliseconds delayMax)
{
    m_delay = std::min(m_delay == Milliseconds{0} ? delayFirst : m_delay * 2, delayMax);
    return m_delay;
}

} // namespace keelson::node
