// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kube/call_runner.h"

#include <QObject>
#include <QStringList>
#include <QTimer>

#include <optional>

namespace keelson::kube {

/// The network thread's half of TextStream.
class TextStreamWorker : public QObject {
    Q_OBJECT
public:
    TextStreamWorker(std::shared_ptr<const Endpoint> endpoint, Request request);
    ~TextStreamWorker() override;

    void start();

signals:
    void opened();
    void lines(const QStringList& lines);
    void ended(const std::optional<keelson::Error>& why);

private:
    void read();
    void flush();
    void end();

    std::shared_ptr<const Endpoint> m_endpoint;
    Request m_request;
    QNetworkAccessManager* m_network;
    QNetworkReply* m_reply = nullptr;
    QTimer* m_bundle;
    QByteArray m_partial;
    QStringList m_lines;
};

} // namespace keelson::kube
