// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kube/transport.h"

#include <QHash>
#include <QNetworkAccessManager>
#include <QObject>

namespace keelson::kube {

/// The network thread's half of ApiClient: sends calls, enforces their deadlines, parses their replies.
class CallRunner : public QObject {
    Q_OBJECT
public:
    explicit CallRunner(std::shared_ptr<const Endpoint> endpoint);

    void start(quint64 call, const Request& request);
    void cancel(quint64 call);

signals:
    void finished(quint64 call, std::shared_ptr<Result<Response>> result);

private:
    std::shared_ptr<const Endpoint> m_endpoint;
    QNetworkAccessManager m_network;
    QHash<quint64, QNetworkReply*> m_replies;
};

/// Sends `request` by `network`. Network thread.
QNetworkReply* sendBy(QNetworkAccessManager& network, const Endpoint& endpoint, const Request& request);

} // namespace keelson::kube
