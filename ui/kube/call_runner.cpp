// SPDX-License-Identifier: GPL-3.0-or-later
#include "kube/call_runner.h"

#include <QTimer>

namespace keelson::kube {

CallRunner::CallRunner(std::shared_ptr<const Endpoint> endpoint) : m_endpoint(std::move(endpoint)), m_network(this) {}

QNetworkReply* sendBy(QNetworkAccessManager& network, const Endpoint& endpoint, const Request& request)
{
    auto* reply = network.sendCustomRequest(endpoint.request(request), request.method, request.body);
    reply->setReadBufferSize(0);
    return reply;
}

void CallRunner::start(quint64 call, const Request& request)
{
    if (const auto* problem = m_endpoint->problem()) {
        emit finished(call, std::make_shared<Result<Response>>(fail(*problem)));
        return;
    }
    auto* reply = sendBy(m_network, *m_endpoint, request);
    m_replies.insert(call, reply);
    auto late = std::make_shared<bool>(false);
    if (request.deadlineMs > 0)
        QTimer::singleShot(request.deadlineMs, reply, [reply, late] {
            *late = true;
            reply->abort();
        });
    connect(reply, &QNetworkReply::finished, this, [this, call, reply, late] {
        m_replies.remove(call);
        emit finished(call, std::make_shared<Result<Response>>(readReply(*reply, reply->readAll(), *late)));
        reply->deleteLater();
    });
}

void CallRunner::cancel(quint64 call)
{
    if (auto* reply = m_replies.value(call))
        reply->abort();
}

} // namespace keelson::kube
