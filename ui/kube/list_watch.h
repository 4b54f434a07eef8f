// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kube/transport.h"

#include <QNetworkAccessManager>
#include <QObject>
#include <QTimer>

namespace keelson::kube {

/// What to list and then to watch.
struct WatchTarget {
    QString path; ///< "/api/v1/pods"
    QByteArray accept = "application/json";
    QUrlQuery selectors; ///< labelSelector and fieldSelector, encoded.
    int pageSize = 500;
    /// How long one watch goes on before the server ends it and the next begins. A connection that is cut without a
    /// word (a proxy, a sleeping machine) looks like one on which nothing happens: this is how long it goes unnoticed.
    int watchSeconds = 20;
};

/// Who hears of it, on the network thread. `document` is an item of a list, the object of a watch event, or, when the
/// server sends Tables, a Table with one or more rows.
class WatchSink {
public:
    virtual ~WatchSink() = default;
    virtual void listBegins() = 0;                       ///< What was known may be stale; `listEnds` says what is left.
    virtual void listed(const api::Value& document) = 0; ///< A whole page: a List or a Table.
    virtual void listEnds() = 0;
    virtual void changed(const api::Value& object, bool removed) = 0;
    virtual void resumed() = 0; ///< After `failed`: the watch goes on where it broke off; there may be nothing to tell.
    virtual void failed(const Error& error) = 0; ///< It tries again by itself, later and later.
};

/// Lists by pages, then watches, and starts over when the server has forgotten where we were.
///
/// Threads: made on the GUI thread, moved to the network thread, used and destroyed there. It keeps a connection of its
/// own: an HTTP/1.1 connection pool has six, and watches would hold them all.
class ListWatch : public QObject {
    Q_OBJECT
public:
    ListWatch(std::shared_ptr<const Endpoint> endpoint, WatchTarget target, std::shared_ptr<WatchSink> sink);
    ~ListWatch() override;

    void start();

private:
    void list(const QString& continueToken);
    void readPage(QNetworkReply* reply, bool late);
    void watch();
    void readEvents();
    void readEvent(const QByteArray& line);
    void watchEnded(bool late);
    void retryLater(const Error& error);
    QNetworkReply* send(const Request& request);

    std::shared_ptr<const Endpoint> m_endpoint;
    WatchTarget m_target;
    std::shared_ptr<WatchSink> m_sink;
    QNetworkAccessManager* m_network;
    QNetworkReply* m_reply = nullptr;
    QTimer* m_retry;
    QByteArray m_partial; ///< The beginning of a line that has not ended yet.
    QString m_resourceVersion;
    int m_failures = 0;
    bool m_gone = false;
};

} // namespace keelson::kube
