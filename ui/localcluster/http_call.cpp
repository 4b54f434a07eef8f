// SPDX-License-Identifier: GPL-3.0-or-later
#include "localcluster/http_call.h"

#include <QLocalSocket>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QSslKey>
#include <QSslSocket>

#include <fmt/format.h>

namespace keelson::localcluster {
namespace {

constexpr qsizetype answerBytesMax = 16 * 1024 * 1024;

QByteArray requestText(const HttpCall& call, const QByteArray& host, const QByteArray& token)
{
    QByteArray text =
        call.method + ' ' + call.target + " HTTP/1.1\r\nHost: " + host +
        "\r\nConnection: close\r\nAccept: application/json\r\nContent-Length: " + QByteArray::number(call.body.size()) +
        "\r\n";
    if (!call.body.isEmpty())
        text += "Content-Type: " + call.contentType + "\r\n";
    if (!token.isEmpty())
        text += "Authorization: Bearer " + token + "\r\n";
    return text + "\r\n" + call.body;
}

/// Whether nothing more can belong to the answer, though the connection may still be open.
bool isComplete(const QByteArray& bytes)
{
    const auto headEnd = bytes.indexOf("\r\n\r\n");
    if (headEnd < 0)
        return false;
    const auto head = bytes.left(headEnd).toLower();
    if (head.contains("transfer-encoding: chunked"))
        return bytes.endsWith("\r\n0\r\n\r\n");
    const auto length = head.indexOf("content-length:");
    return length >= 0 && bytes.size() >= headEnd + 4 + head.mid(length + 15).split('\r')[0].trimmed().toLongLong();
}

QByteArray readToEnd(QIODevice& socket, int timeoutMs)
{
    QByteArray bytes = socket.readAll();
    while (bytes.size() < answerBytesMax && !isComplete(bytes) && socket.waitForReadyRead(timeoutMs))
        bytes += socket.readAll();
    return bytes + socket.readAll();
}

/// Chunked transfer coding (RFC 9112, 7.1) taken off. Broken chunks end the body.
QByteArray joinChunks(const QByteArray& coded)
{
    QByteArray body;
    qsizetype at = 0;
    while (at < coded.size()) {
        const auto lineEnd = coded.indexOf("\r\n", at);
        bool good = false;
        const auto size = coded.mid(at, lineEnd - at).split(';')[0].trimmed().toLongLong(&good, 16);
        if (lineEnd < 0 || !good || size <= 0)
            break;
        body += coded.mid(lineEnd + 2, size);
        at = lineEnd + 2 + size + 2;
    }
    return body;
}

QSslKey readKey(const QByteArray& pem)
{
    for (const auto algorithm : {QSsl::Ec, QSsl::Rsa}) {
        if (QSslKey key(pem, algorithm); !key.isNull())
            return key;
    }
    return {};
}

/// Qt names its own functions in its messages.
std::string reasonOf(const QLocalSocket& socket)
{
    switch (socket.error()) {
    case QLocalSocket::ServerNotFoundError:
        return "there is no such socket";
    case QLocalSocket::ConnectionRefusedError:
        return "nothing listens there";
    case QLocalSocket::SocketAccessError:
        return "permission denied";
    default:
        return socket.errorString().toStdString();
    }
}

} // namespace

Result<HttpAnswer> readHttpAnswer(const QByteArray& bytes)
{
    const auto headEnd = bytes.indexOf("\r\n\r\n");
    const auto head = bytes.left(headEnd);
    HttpAnswer answer;
    answer.status = head.startsWith("HTTP/1.") ? head.mid(9, 3).toInt() : 0;
    if (headEnd < 0 || answer.status == 0)
        return fail(Reason::BadRequest, "no HTTP answer");
    answer.body = bytes.mid(headEnd + 4);
    if (head.toLower().contains("transfer-encoding: chunked"))
        answer.body = joinChunks(answer.body);
    return answer;
}

Result<HttpAnswer> callUnixSocket(const QString& path, const HttpCall& call)
{
    QLocalSocket socket;
    socket.connectToServer(path);
    if (!socket.waitForConnected(call.timeoutMs))
        return fail(socket.error() == QLocalSocket::SocketAccessError ? Reason::Forbidden : Reason::ServiceUnavailable,
                    fmt::format("{}: {}", path.toStdString(), reasonOf(socket)));
    socket.write(requestText(call, "localhost", {}));
    return readHttpAnswer(readToEnd(socket, call.timeoutMs));
}

Result<HttpAnswer> callApi(const kube::ClusterAccess& access, const HttpCall& call)
{
    QSslSocket socket;
    auto settings = QSslConfiguration::defaultConfiguration();
    if (!access.caPem.isEmpty())
        settings.setCaCertificates(QSslCertificate::fromData(access.caPem, QSsl::Pem));
    if (!access.certificatePem.isEmpty()) {
        settings.setLocalCertificateChain(QSslCertificate::fromData(access.certificatePem, QSsl::Pem));
        settings.setPrivateKey(readKey(access.keyPem));
    }
    settings.setAllowedNextProtocols({QByteArrayLiteral("http/1.1")});
    socket.setSslConfiguration(settings);
    const auto host = access.server.host();
    socket.connectToHostEncrypted(host, static_cast<quint16>(access.server.port(443)),
                                  access.tlsServerName.isEmpty() ? host : access.tlsServerName);
    if (!socket.waitForEncrypted(call.timeoutMs))
        return fail(Reason::ServiceUnavailable,
                    fmt::format("{}: {}", access.server.toString().toStdString(), socket.errorString().toStdString()));
    socket.write(requestText(call, host.toUtf8(), access.token));
    socket.flush(); // Else it may lie here until the first wait is over.
    return readHttpAnswer(readToEnd(socket, call.timeoutMs));
}

} // namespace keelson::localcluster
