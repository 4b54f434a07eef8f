// SPDX-License-Identifier: GPL-3.0-or-later
#include "kube/text_stream.h"

#include "kube/text_stream_worker.h"

namespace keelson::kube {

namespace {

constexpr int bundleMs = 50;
constexpr int bundleLinesMax = 2'000;
constexpr qsizetype lineBytesMax = 256 * 1024;

} // namespace

TextStreamWorker::TextStreamWorker(std::shared_ptr<const Endpoint> endpoint, Request request)
    : m_endpoint(std::move(endpoint)),
      m_request(std::move(request)),
      m_network(new QNetworkAccessManager(this)),
      m_bundle(new QTimer(this))
{
    m_bundle->setSingleShot(true);
    m_bundle->setInterval(bundleMs);
    connect(m_bundle, &QTimer::timeout, this, &TextStreamWorker::flush);
}

TextStreamWorker::~TextStreamWorker()
{
    if (m_reply) {
        m_reply->disconnect(this);
        m_reply->abort();
    }
}

void TextStreamWorker::start()
{
    m_reply = sendBy(*m_network, *m_endpoint, m_request);
    m_reply->setReadBufferSize(1024 * 1024);
    connect(m_reply, &QNetworkReply::metaDataChanged, this, [this] {
        if (m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt() == 200)
            emit opened();
    });
    connect(m_reply, &QNetworkReply::readyRead, this, &TextStreamWorker::read);
    connect(m_reply, &QNetworkReply::finished, this, &TextStreamWorker::end);
}

void TextStreamWorker::read()
{
    if (m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt() != 200)
        return;
    m_partial += m_reply->readAll();
    qsizetype from = 0;
    for (auto end = m_partial.indexOf('\n', from); end >= 0; end = m_partial.indexOf('\n', from)) {
        m_lines << QString::fromUtf8(m_partial.constData() + from, end - from);
        from = end + 1;
    }
    m_partial.remove(0, from);
    if (m_partial.size() > lineBytesMax) {
        m_lines << QString::fromUtf8(m_partial);
        m_partial.clear();
    }
    if (m_lines.size() >= bundleLinesMax)
        flush();
    else if (!m_lines.isEmpty() && !m_bundle->isActive())
        m_bundle->start();
}

void TextStreamWorker::flush()
{
    if (!m_lines.isEmpty())
        emit lines(std::exchange(m_lines, {}));
}

void TextStreamWorker::end()
{
    read();
    const auto result = readReply(*m_reply, m_partial + m_reply->readAll(), false);
    const bool isCut = m_reply->error() != QNetworkReply::NoError;
    if (result && !isCut && !m_partial.isEmpty()) // what is left of a line that was cut is no line
        m_lines << QString::fromUtf8(m_partial);
    m_partial.clear();
    flush();
    if (!result)
        emit ended(result.error());
    else if (isCut)
        emit ended(makeError(Reason::ServiceUnavailable, m_reply->url().authority().toStdString() +
                                                             " broke off: " + m_reply->errorString().toStdString()));
    else
        emit ended(std::nullopt);
}

TextStream::TextStream(ApiClient& client, Request request, QObject* parent)
    : QObject(parent), m_worker(new TextStreamWorker(client.endpoint(), std::move(request)))
{
    m_worker->moveToThread(client.networkThread());
    connect(client.networkThread(), &QThread::finished, m_worker, &QObject::deleteLater);
    connect(m_worker, &TextStreamWorker::opened, this, &TextStream::opened);
    connect(m_worker, &TextStreamWorker::lines, this, &TextStream::lines);
    connect(m_worker, &TextStreamWorker::ended, this, &TextStream::ended);
    QMetaObject::invokeMethod(m_worker, [worker = m_worker] { worker->start(); });
}

TextStream::~TextStream()
{
    m_worker->disconnect(this);
    m_worker->deleteLater();
}

} // namespace keelson::kube
