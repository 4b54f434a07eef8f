// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kube/kubeconfig.h"

#include <QNetworkReply>
#include <QNetworkRequest>
#include <QSslConfiguration>
#include <QUrlQuery>

#include <memory>

namespace keelson::kube {

/// A call to the API server, as a value.
struct Request {
    QByteArray method = "GET";
    QString path; ///< "/api/v1/pods", not encoded.
    QUrlQuery query;
    QByteArray body;
    QByteArray contentType = "application/json";
    QByteArray accept = "application/json";
    int deadlineMs = 15'000; ///< From sending to the last byte; 0: none (streams).
};

struct Response {
    int status = 0;
    QByteArray text;
    std::shared_ptr<const api::Value> document; ///< The body when it was JSON; else null.
};

/// How a cluster is reached: TLS set-up and headers, made once. Immutable; used on the network thread.
class Endpoint {
public:
    explicit Endpoint(ClusterAccess access);

    const ClusterAccess& access() const { return m_access; }
    /// Why nothing can be sent (an unreadable key or certificate); null when all is well.
    const Error* problem() const { return m_problem.get(); }
    QNetworkRequest request(const Request& request) const;

private:
    void prepareTls();

    ClusterAccess m_access;
    QSslConfiguration m_tls;
    std::unique_ptr<Error> m_problem;
};

/// What a finished reply means: the document, or the server's `Status` as an error, or why it could not be reached.
/// `deadlinePassed`: the reply was aborted because its time was over.
Result<Response> readReply(QNetworkReply& reply, const QByteArray& body, bool deadlinePassed);
/// The error in a `Status` document; also the one in an `ERROR` watch event.
Error errorFromStatus(const api::Value& status, int httpStatus);

} // namespace keelson::kube
