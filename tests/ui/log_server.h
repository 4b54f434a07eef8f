// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QPointer>
#include <QStringList>
#include <QTcpServer>
#include <QTcpSocket>
#include <QUrl>

#include <vector>

namespace keelson::ui {

/// An API server that has the log of one container and nothing else, and that can go away in every way. A real one
/// cannot be made to break off in the middle of a line. It reads the query as Kubernetes documents it: `sinceTime`
/// counts in whole seconds, `tailLines` from the end.
class LogServer : public QTcpServer {
public:
    LogServer();

    QUrl url() const { return QUrl(QStringLiteral("http://127.0.0.1:%1").arg(serverPort())); }
    /// A line with its time, told to who follows.
    void write(const QString& line);
    /// So many bytes of what is written next reach nobody any more: then the connections are closed.
    void cutInTheMiddleOfTheNextLine() { m_isCutting = true; }
    void cut();     ///< The connections, without an end of their replies.
    void finish();  ///< The replies, in order: the container has stopped, or the server shuts down.
    void silence(); ///< Those that are open: nothing is closed, nothing gets through.
    void stopListening() { close(); }
    void listenAgain() { listen(QHostAddress::LocalHost, m_port); }
    void refuseFromNowOn() { m_isRefusing = true; }
    void setStopped(bool isStopped) { m_isStopped = isStopped; } ///< Replies end with what there is.

    const QStringList& queries() const { return m_queries; }

private:
    void answer(QTcpSocket& client, const QString& query);
    static void chunk(QTcpSocket& client, const QByteArray& bytes);

    quint16 m_port = 0;
    QStringList m_lines;
    QStringList m_queries;
    std::vector<QPointer<QTcpSocket>> m_followers;
    bool m_isCutting = false;
    bool m_isRefusing = false;
    bool m_isStopped = false;
};

} // namespace keelson::ui
