// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kube/log_place.h"
#include "kube/text_stream.h"

#include <QTimer>

#include <memory>

namespace keelson::kube {

/// Which log, and how patient one is with its connection.
struct LogTarget {
    QString path; ///< Of the pod: "/api/v1/namespaces/default/pods/web/log".
    QString container;
    int linesAtStart = 500;
    /// A connection that is cut without a word looks like one of a container that says nothing: after so long another
    /// one takes its place.
    int silenceMsMax = 30'000;
    int retryFirstMs = 500;
    int retryMaxMs = 5'000;
};

/// The log of a container, followed from connection to connection: each goes on where the one before broke off. Lines
/// are lost only where the server has none of them any more, as after a log was rotated.
///
/// Threads: GUI thread.
class LogFollower : public QObject {
    Q_OBJECT
public:
    LogFollower(ApiClient& client, LogTarget target, QObject* parent = nullptr);
    ~LogFollower() override;

    /// Another connection now, whatever has become of this one.
    void renew();

signals:
    void opened(); ///< The server has accepted, for the first time; there may be nothing to read yet.
    void lines(const QStringList& lines);
    void lost(const keelson::Error& why);    ///< The connection; it tries again by itself, later and later.
    void resumed();                          ///< After `lost`.
    void refused(const keelson::Error& why); ///< The server will not have it; that is the end.
    void ended();                            ///< The container has stopped, and its log was told.

private:
    void connectNow();
    void take(const QStringList& received);
    void accepted();
    void finished(const std::optional<Error>& why);

    ApiClient& m_client;
    LogTarget m_target;
    LogPlace m_place;
    std::unique_ptr<TextStream> m_stream;
    QTimer m_retry;
    QTimer m_silence;
    int m_failures = 0;
    bool m_wasOpened = false;
    bool m_isLost = false;
    bool m_hasNews = false;      ///< This connection told something.
    bool m_isConfirming = false; ///< The one before came to an end: this one shows whether it was that of the log.
};

} // namespace keelson::kube
