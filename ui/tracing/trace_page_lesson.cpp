// SPDX-License-Identifier: GPL-3.0-or-later
// The lesson beside the trace.
#include "tracing/learn_panel.h"
#include "tracing/trace_canvas.h"
#include "tracing/trace_page.h"

#include <QHBoxLayout>

namespace keelson::ui {
namespace {

constexpr int lessonPollMs = 400; // while something is being waited for

} // namespace

void TracePage::learn()
{
    setGuideShown(false);
    if (!m_learn)
        makeLesson();
    m_learn->show();
    m_poll.setInterval(lessonPollMs);
    lessonChanged();
}

void TracePage::makeLesson()
{
    auto send = [this](kube::Request request, QObject* context, kube::ApiClient::Answer answer) {
        m_cluster.client().send(std::move(request), context, std::move(answer));
    };
    m_learn = new LearnPanel(std::make_unique<Lesson>(std::move(send), m_cluster.clock()), m_cluster.name(), this);
    m_beside->addWidget(m_learn);
    auto& lesson = m_learn->lesson();
    connect(&lesson, &Lesson::changed, this, &TracePage::lessonChanged);
    connect(&lesson, &Lesson::made, this, [this](const std::shared_ptr<const api::Value>& deployment) {
        show(projectObject(*findKind(QStringLiteral("deployments")), *deployment));
    });
    connect(&m_poll, &QTimer::timeout, &lesson, &Lesson::look);
    connect(m_learn, &LearnPanel::chapterChanged, this, &TracePage::lessonChanged);
    connect(m_learn, &LearnPanel::closed, this, &TracePage::hideLesson);
    lesson.prepare();
}

/// Marks the lanes of the lesson's step; when all is deleted, another object is chosen.
void TracePage::lessonChanged()
{
    const bool isRunning = m_learn->lesson().phase() == Lesson::Phase::Running;
    m_canvas->setLanes(isRunning && m_learn->isVisibleTo(this) ? chapters()[m_learn->chapter()].lanes : QVector<int>());
    if (m_learn->lesson().phase() == Lesson::Phase::Cleaned && m_item &&
        m_item->nameSpace == m_learn->lesson().nameSpace()) {
        m_item.reset();
        m_uid.clear();
        m_refreshObjects.start();
    }
}

/// It goes on while there is something of it in the cluster.
void TracePage::hideLesson()
{
    if (!m_learn)
        return;
    m_learn->hide();
    m_canvas->setLanes({});
    m_poll.setInterval(pollMs);
    if (!m_learn->lesson().hasMade())
        std::exchange(m_learn, nullptr)->deleteLater();
}

/// True: the trace is of no interest any more, since its object is being deleted.
bool TracePage::takeForLesson(const QString& uid, const Result<trace::TraceView>& trace, TraceOrigin origin)
{
    if (!m_learn || uid != m_learn->lesson().deploymentUid())
        return false;
    auto& lesson = m_learn->lesson();
    if (trace)
        lesson.setTrace(*trace, origin);
    else
        lesson.setTraceProblem(trace.error());
    return !trace && lesson.phase() != Lesson::Phase::Running;
}

} // namespace keelson::ui
