// SPDX-License-Identifier: Apache-2.0
#include "dispatcher/session.h"

#include <utility>

namespace keelson::dispatcher {

Session::Session(std::string node, Callbacks callbacks) : m_node(std::move(node)), m_callbacks(std::move(callbacks)) {}

std::shared_ptr<Session> Session::start(std::string node, Callbacks callbacks)
{
    std::shared_ptr<Session> session(new Session(std::move(node), std::move(callbacks)));
    session->m_self = session;
    session->StartRead(&session->m_incoming);
    return session;
}

void Session::send(wire::ToAgent message)
{
    const std::scoped_lock lock(m_mutex);
    if (m_ending)
        return;
    m_outgoing.push_back(std::move(message));
    if (m_writing)
        return;
    m_writing = true;
    StartWrite(&m_outgoing.front());
}

void Session::close(grpc::Status status)
{
    const std::scoped_lock lock(m_mutex);
    if (m_ending)
        return;
    m_status = std::move(status);
    endUnlessWriting(); // the read under way fails then
}

void Session::OnReadDone(bool ok)
{
    if (ok) {
        m_callbacks.received(shared_from_this(), std::exchange(m_incoming, {}));
        StartRead(&m_incoming);
        return;
    }
    m_callbacks.closed(shared_from_this());
    const std::scoped_lock lock(m_mutex);
    endUnlessWriting();
}

void Session::OnWriteDone(bool ok)
{
    const std::scoped_lock lock(m_mutex);
    m_outgoing.pop_front();
    if (!ok)
        m_outgoing.clear();
    m_writing = !m_outgoing.empty() && !m_ending;
    if (m_writing)
        StartWrite(&m_outgoing.front());
    else if (m_ending)
        endUnlessWriting();
}

/// A write under way ends the session when it is done.
void Session::endUnlessWriting()
{
    m_ending = true;
    if (m_writing || std::exchange(m_finished, true))
        return;
    m_outgoing.clear();
    Finish(m_status);
}

void Session::OnDone()
{
    const auto self = std::move(m_self); // may be the last owner
}

} // namespace keelson::dispatcher
