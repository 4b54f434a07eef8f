// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/reachability.h"

namespace keelson::ui {

namespace {

bool isRefusal(Reason reason)
{
    switch (reason) {
    case Reason::Unauthorized:
    case Reason::Timeout:
    case Reason::ServerTimeout:
    case Reason::InternalError:
    case Reason::ServiceUnavailable:
        return false;
    default:
        return true;
    }
}

} // namespace

void Reachability::asked(qint64 nowMs)
{
    m_askedMs = nowMs;
}

void Reachability::answered(qint64 nowMs)
{
    m_askedMs.reset();
    m_answeredMs = nowMs;
    m_problem.reset();
}

void Reachability::failed(qint64 nowMs, const Error& error)
{
    if (isRefusal(error.reason)) {
        answered(nowMs);
        return;
    }
    m_askedMs.reset();
    m_problem = error;
}

Reachability::State Reachability::state(qint64 nowMs) const
{
    if (m_problem)
        return State::Unavailable;
    return m_askedMs && nowMs - *m_askedMs > slowAfterMs ? State::Slow : State::Connected;
}

} // namespace keelson::ui
