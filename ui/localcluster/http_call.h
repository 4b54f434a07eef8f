// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "kube/kubeconfig.h"

#include <QByteArray>
#include <QString>

namespace keelson::localcluster {

struct HttpCall {
    QByteArray method = "GET";
    QByteArray target;
    QByteArray body;
    QByteArray contentType = "application/json"; ///< Of the body.
    int timeoutMs = 5'000;                       ///< For connecting, and for each silence.
};

struct HttpAnswer {
    int status = 0;
    QByteArray body;
};

/// One blocking request, a connection of its own, no event loop needed. Any thread.
/// `ServiceUnavailable` when nobody answers (the message says why), `Forbidden` when the socket may not be opened,
/// `BadRequest` for an answer that is no HTTP.
Result<HttpAnswer> callUnixSocket(const QString& path, const HttpCall& call);
/// To a Kubernetes API, with its authority checked and the user's certificate shown.
Result<HttpAnswer> callApi(const kube::ClusterAccess& access, const HttpCall& call);

/// The status and body of what was read until the end of the connection.
Result<HttpAnswer> readHttpAnswer(const QByteArray& bytes);

} // namespace keelson::localcluster
