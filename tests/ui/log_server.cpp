// SPDX-License-Identifier: Apache-2.0
#include "log_server.h"

#include <QUrlQuery>

#include <utility>

namespace keelson::ui {

namespace {

constexpr qsizetype secondLength = 19; ///< "2026-01-31T12:00:59"

} // namespace

LogServer::LogServer()
{
    listen(QHostAddress::LocalHost);
    m_port = serverPort();
    connect(this, &QTcpServer::newConnection, this, [this] {
        while (auto* client = nextPendingConnection()) {
            connect(client, &QTcpSocket::disconnected, client, &QObject::deleteLater);
            connect(client, &QTcpSocket::readyRead, this, [this, client] {
                const auto head = QString::fromLatin1(client->readAll());
                const QUrl target(head.section(QLatin1Char(' '), 1, 1));
                if (target.path().endsWith(QLatin1String("/log")))
                    answer(*client, target.query());
                else
                    client->write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
            });
        }
    });
}

void LogServer::chunk(QTcpSocket& client, const QByteArray& bytes)
{
    client.write(QByteArray::number(bytes.size(), 16) + "\r\n" + bytes + "\r\n");
    client.flush();
}

void LogServer::answer(QTcpSocket& client, const QString& text)
{
    m_queries << text;
    if (m_isRefusing) {
        client.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 9\r\n\r\nno log of");
        return;
    }
    const QUrlQuery query(text);
    auto lines = m_lines;
    const auto since = query.queryItemValue(QStringLiteral("sinceTime"), QUrl::FullyDecoded).left(secondLength);
    lines.removeIf([&](const QString& line) { return line.left(secondLength) < since; });
    if (query.hasQueryItem(QStringLiteral("tailLines")))
        lines =
            lines.mid(std::max<qsizetype>(0, lines.size() - query.queryItemValue(QStringLiteral("tailLines")).toInt()));
    client.write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const auto& line : std::as_const(lines))
        chunk(client, line.toUtf8() + '\n');
    if (m_isStopped)
        client.write("0\r\n\r\n");
    else
        m_followers.emplace_back(&client);
}

void LogServer::write(const QString& line)
{
    m_lines << line;
    const bool isCutting = std::exchange(m_isCutting, false);
    for (const auto& client : m_followers)
        if (client)
            chunk(*client, isCutting ? line.first(line.size() / 2).toUtf8() : line.toUtf8() + '\n');
    if (isCutting)
        cut();
}

void LogServer::cut()
{
    for (const auto& client : std::exchange(m_followers, {}))
        if (client) {
            client->flush();
            client->disconnectFromHost();
        }
}

void LogServer::finish()
{
    for (const auto& client : std::exchange(m_followers, {}))
        if (client)
            client->write("0\r\n\r\n");
}

void LogServer::silence()
{
    m_followers.clear();
}

} // namespace keelson::ui
