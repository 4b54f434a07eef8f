// SPDX-License-Identifier: GPL-3.0-or-later
#include "kube/api_client.h"

#include "kube/call_runner.h"

namespace keelson::kube {

ApiClient::ApiClient(ClusterAccess access, QObject* parent)
    : QObject(parent),
      m_endpoint(std::make_shared<const Endpoint>(std::move(access))),
      m_runner(new CallRunner(m_endpoint))
{
    m_thread.setObjectName(QStringLiteral("kube"));
    m_runner->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_runner, &QObject::deleteLater);
    connect(m_runner, &CallRunner::finished, this,
            [this](quint64 call, const std::shared_ptr<Result<Response>>& result) { finish(call, *result); });
    m_thread.start();
}

ApiClient::~ApiClient()
{
    m_waiting.clear();
    m_thread.quit();
    m_thread.wait();
}

ApiClient::CallId ApiClient::send(Request request, QObject* context, Answer answer)
{
    const auto call = ++m_lastCall;
    m_waiting.insert(call, {context, std::move(answer)});
    QMetaObject::invokeMethod(
        m_runner, [runner = m_runner, call, request = std::move(request)] { runner->start(call, request); });
    emit pendingCallsChanged(pendingCalls());
    return call;
}

void ApiClient::cancel(CallId call)
{
    if (m_waiting.remove(call) == 0)
        return;
    QMetaObject::invokeMethod(m_runner, [runner = m_runner, call] { runner->cancel(call); });
    emit pendingCallsChanged(pendingCalls());
}

void ApiClient::finish(CallId call, const Result<Response>& result)
{
    const auto waiting = m_waiting.take(call);
    emit pendingCallsChanged(pendingCalls());
    if (waiting.context && waiting.answer)
        waiting.answer(result);
}

} // namespace keelson::kube
