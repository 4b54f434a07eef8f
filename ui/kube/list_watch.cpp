// SPDX-License-Identifier: GPL-3.0-or-later
#include "kube/list_watch.h"

#include "kube/call_runner.h"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace keelson::kube {

namespace {

constexpr int listDeadlineMs = 30'000;
constexpr int watchBeginsMs = 8'000; ///< Until the first byte of a watch's reply.
constexpr int watchGraceMs = 3'000;  ///< For the server to end a watch after its time.
constexpr int retryFirstMs = 500;
constexpr int retryMaxMs = 5'000;
constexpr qsizetype lineBytesMax = 8 * 1024 * 1024;

QString string(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

} // namespace

ListWatch::ListWatch(std::shared_ptr<const Endpoint> endpoint, WatchTarget target, std::shared_ptr<WatchSink> sink)
    : m_endpoint(std::move(endpoint)),
      m_target(std::move(target)),
      m_sink(std::move(sink)),
      m_network(new QNetworkAccessManager(this)),
      m_retry(new QTimer(this))
{
    m_retry->setSingleShot(true);
    connect(m_retry, &QTimer::timeout, this, &ListWatch::start);
}

ListWatch::~ListWatch()
{
    if (m_reply) {
        m_reply->disconnect(this);
        m_reply->abort();
    }
}

void ListWatch::start()
{
    if (const auto* problem = m_endpoint->problem()) {
        m_sink->failed(*problem);
        return;
    }
    if (!m_resourceVersion.isEmpty() && !m_gone) {
        watch();
        return;
    }
    m_gone = false;
    m_sink->listBegins();
    list({});
}

QNetworkReply* ListWatch::send(const Request& request)
{
    m_reply = sendBy(*m_network, *m_endpoint, request);
    return m_reply;
}

void ListWatch::list(const QString& continueToken)
{
    Request request;
    request.path = m_target.path;
    request.accept = m_target.accept;
    request.query = m_target.selectors;
    request.query.addQueryItem(QStringLiteral("limit"), QString::number(m_target.pageSize));
    if (!continueToken.isEmpty())
        request.query.addQueryItem(QStringLiteral("continue"),
                                   QString::fromLatin1(QUrl::toPercentEncoding(continueToken)));
    auto* reply = send(request);
    auto late = std::make_shared<bool>(false);
    QTimer::singleShot(listDeadlineMs, reply, [reply, late] {
        *late = true;
        reply->abort();
    });
    connect(reply, &QNetworkReply::finished, this, [this, reply, late] { readPage(reply, *late); });
}

void ListWatch::readPage(QNetworkReply* reply, bool late)
{
    m_reply = nullptr;
    reply->deleteLater();
    const auto page = readReply(*reply, reply->readAll(), late);
    if (!page) {
        m_gone = true; // a list that broke off starts over
        retryLater(page.error());
        return;
    }
    if (!page->document) {
        m_gone = true;
        retryLater(makeError(Reason::InternalError, "the server sent a list that is not JSON"));
        return;
    }
    m_sink->listed(*page->document);
    const auto next = string(api::stringAt(*page->document, {"metadata", "continue"}));
    if (!next.isEmpty()) {
        list(next);
        return;
    }
    m_resourceVersion = string(api::stringAt(*page->document, {"metadata", "resourceVersion"}));
    m_failures = 0;
    m_sink->listEnds();
    watch();
}

void ListWatch::watch()
{
    Request request;
    request.path = m_target.path;
    request.accept = m_target.accept;
    request.deadlineMs = 0;
    request.query = m_target.selectors;
    request.query.addQueryItem(QStringLiteral("watch"), QStringLiteral("true"));
    request.query.addQueryItem(QStringLiteral("allowWatchBookmarks"), QStringLiteral("true"));
    request.query.addQueryItem(QStringLiteral("timeoutSeconds"), QString::number(m_target.watchSeconds));
    request.query.addQueryItem(QStringLiteral("resourceVersion"), m_resourceVersion);
    m_partial.clear();
    auto* reply = send(request);
    auto late = std::make_shared<bool>(false);
    const auto giveUp = [reply, late] {
        *late = true;
        reply->abort();
    };
    QTimer::singleShot(watchBeginsMs, reply, [reply, giveUp] {
        if (!reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).isValid())
            giveUp();
    });
    QTimer::singleShot(m_target.watchSeconds * 1000 + watchGraceMs, reply, giveUp);
    connect(reply, &QNetworkReply::metaDataChanged, this, [this, reply] {
        const bool isAccepted = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt() == 200;
        if (isAccepted && std::exchange(m_failures, 0) > 0)
            m_sink->resumed();
    });
    connect(reply, &QNetworkReply::readyRead, this, &ListWatch::readEvents);
    connect(reply, &QNetworkReply::finished, this, [this, late] { watchEnded(*late); });
}

void ListWatch::readEvents()
{
    if (m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt() != 200)
        return; // an error document: read when it is complete
    m_partial += m_reply->readAll();
    qsizetype from = 0;
    for (auto end = m_partial.indexOf('\n', from); end >= 0; end = m_partial.indexOf('\n', from)) {
        readEvent(m_partial.mid(from, end - from));
        from = end + 1;
    }
    m_partial.remove(0, from);
    if (m_partial.size() > lineBytesMax) {
        m_gone = true;
        m_reply->abort();
    }
}

void ListWatch::readEvent(const QByteArray& line)
{
    if (line.trimmed().isEmpty())
        return;
    boost::json::error_code failure;
    const auto event = boost::json::parse({line.constData(), static_cast<std::size_t>(line.size())}, failure);
    const auto* object = failure ? nullptr : api::find(event, {"object"});
    if (!object) {
        m_gone = true;
        m_reply->abort();
        return;
    }
    m_failures = 0;
    const auto type = api::stringAt(event, {"type"});
    if (type == "ERROR") {
        m_gone = true; // mostly Expired: the list says what is true now
        return;
    }
    auto version = string(api::stringAt(*object, {"metadata", "resourceVersion"}));
    if (version.isEmpty())
        if (const auto* rows = api::find(*object, {"rows"}); rows && rows->is_array() && !rows->get_array().empty())
            version = string(api::stringAt(rows->get_array().front(), {"object", "metadata", "resourceVersion"}));
    if (!version.isEmpty())
        m_resourceVersion = version;
    if (type != "BOOKMARK")
        m_sink->changed(*object, type == "DELETED");
}

void ListWatch::watchEnded(bool late)
{
    auto* reply = std::exchange(m_reply, nullptr);
    reply->deleteLater();
    if (late) {
        m_network->clearConnectionCache(); // others to the same server may be as dead
        retryLater(makeError(Reason::Timeout, reply->url().authority().toStdString() + " has fallen silent"));
        return;
    }
    const auto status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (status == 200) {
        // The server ends a watch after its time; a broken one continues from the last version that was heard.
        if (m_gone || reply->error() != QNetworkReply::NoError)
            m_retry->start(retryFirstMs);
        else
            watch();
        return;
    }
    const auto result = readReply(*reply, reply->readAll(), false);
    if (status == 410)
        m_gone = true;
    if (result) {
        watch();
        return;
    }
    retryLater(result.error());
}

void ListWatch::retryLater(const Error& error)
{
    if (error.reason != Reason::Gone && error.reason != Reason::Expired)
        m_sink->failed(error);
    const int delayMs = std::min(retryMaxMs, retryFirstMs << std::min(m_failures, 5));
    ++m_failures;
    m_retry->start(std::max(delayMs, error.retryAfterSeconds * 1000));
}

} // namespace keelson::kube
