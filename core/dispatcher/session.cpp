// SPDX-License-Identifier: Apache-2.0
#include "dispatcher/session.h"

#include <utility>

namespace keelson::dispatcher {

Session::Session(grpc::CallbackServerContext* context, std::string node, Callbacks callbacks)
    : m_context(context), m_node(std::move(node)), m_callbacks(std::move(callbacks))
{
}

std::shared_ptr<Session> Session::start(grpc::CallbackServerContext* context, std::string node, Callbacks callbacks)
{
    std::shared_ptr<Session> session(new Session(context, std::move(node), std::move(callbacks)));
    session->m_self = session;
    session->StartRead(&session->m_incoming);
    return session;
}

void Session::send(wire::ToAgent message)
{
    const std::scoped_lock lock(m_mutex);
    if (m_readEnded || m_finished)
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
    if (m_readEnded || m_finished)
        return;
    m_status = std::move(status);
    m_context->TryCancel(); // the read under way fails, and that ends the session
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
    m_readEnded = true;
    if (!m_writing)
        finishOnce();
}

void Session::OnWriteDone(bool ok)
{
    const std::scoped_lock lock(m_mutex);
    m_outgoing.pop_front();
    if (!ok)
        m_outgoing.clear();
    m_writing = !m_outgoing.empty() && !m_readEnded;
    if (m_writing)
        StartWrite(&m_outgoing.front());
    else if (m_readEnded)
        finishOnce();
}

void Session::finishOnce()
{
    if (std::exchange(m_finished, true))
        return;
    m_outgoing.clear();
    Finish(m_status);
}

void Session::OnDone()
{
    const auto self = std::move(m_self); // may be the last owner
}

} // namespace keelson::dispatcher
