// SPDX-License-Identifier: GPL-3.0-or-later
#include "kube/log_follower.h"

#include <algorithm>
#include <utility>

namespace keelson::kube {

namespace {

/// Whether a later try may fare better: nobody was there, or nobody who could say.
bool isPassing(Reason reason)
{
    return reason == Reason::ServiceUnavailable || reason == Reason::Timeout || reason == Reason::ServerTimeout ||
           reason == Reason::TooManyRequests || reason == Reason::InternalError;
}

} // namespace

LogFollower::LogFollower(ApiClient& client, LogTarget target, QObject* parent)
    : QObject(parent), m_client(client), m_target(std::move(target))
{
    m_retry.setSingleShot(true);
    m_silence.setSingleShot(true);
    m_silence.setInterval(m_target.silenceMsMax);
    connect(&m_retry, &QTimer::timeout, this, &LogFollower::connectNow);
    connect(&m_silence, &QTimer::timeout, this, &LogFollower::connectNow);
    connectNow();
}

LogFollower::~LogFollower() = default;

void LogFollower::renew()
{
    if (m_stream || m_retry.isActive())
        connectNow();
}

void LogFollower::connectNow()
{
    m_retry.stop();
    m_place.breakOff();
    m_hasNews = false;
    Request request;
    request.path = m_target.path;
    request.accept = "text/plain, */*";
    request.deadlineMs = 0;
    request.query.addQueryItem(QStringLiteral("container"), m_target.container);
    request.query.addQueryItem(QStringLiteral("follow"), QStringLiteral("true"));
    request.query.addQueryItem(QStringLiteral("timestamps"), QStringLiteral("true"));
    if (m_place.since().isEmpty())
        request.query.addQueryItem(QStringLiteral("tailLines"), QString::number(m_target.linesAtStart));
    else
        request.query.addQueryItem(QStringLiteral("sinceTime"),
                                   QString::fromLatin1(QUrl::toPercentEncoding(m_place.since())));
    m_stream = std::make_unique<TextStream>(m_client, request);
    connect(m_stream.get(), &TextStream::opened, this, &LogFollower::accepted);
    connect(m_stream.get(), &TextStream::lines, this, &LogFollower::take);
    connect(m_stream.get(), &TextStream::ended, this, &LogFollower::finished);
    m_silence.start();
}

void LogFollower::accepted()
{
    m_silence.start();
    m_failures = 0;
    if (!std::exchange(m_wasOpened, true))
        emit opened();
    if (std::exchange(m_isLost, false))
        emit resumed();
}

void LogFollower::take(const QStringList& received)
{
    m_silence.start();
    QStringList news;
    for (const auto& line : received)
        if (auto text = m_place.take(line))
            news << *std::move(text);
    if (news.isEmpty())
        return;
    m_hasNews = true;
    emit lines(news);
}

void LogFollower::finished(const std::optional<Error>& why)
{
    m_silence.stop();
    m_stream.release()->deleteLater(); // it is telling us so
    // A server that shuts down ends its replies in order, too. A log that has ended ends again, without news; or there
    // is none any more, when its pod is gone.
    const bool isRefusal = why && !isPassing(why->reason);
    if (m_isConfirming && !m_hasNews && (!why || isRefusal)) {
        emit ended();
        return;
    }
    if (isRefusal) {
        emit refused(*why);
        return;
    }
    m_isConfirming = !why;
    if (why && !std::exchange(m_isLost, true))
        emit lost(*why);
    m_retry.start(std::min(m_target.retryMaxMs, m_target.retryFirstMs << std::min(m_failures, 5)));
    ++m_failures;
}

} // namespace keelson::kube
