// SPDX-License-Identifier: GPL-3.0-or-later
#include "tracing/lesson.h"

#include "models/read.h"

#include <algorithm>

namespace keelson::ui {
namespace {

QString uidOf(const Result<kube::Response>& answer)
{
    return answer && answer->document ? textAt(*answer->document, {"metadata", "uid"}) : QString();
}

bool isEnding(const Result<kube::Response>& answer)
{
    return !textAt(*answer->document, {"metadata", "deletionTimestamp"}).isEmpty();
}

} // namespace

Lesson::Lesson(Send send, const Clock& clock, QObject* parent)
    : QObject(parent), m_send(std::move(send)), m_clock(clock), m_views(static_cast<std::size_t>(chapters().size()))
{
}

void Lesson::setPhase(Phase phase)
{
    m_phase = phase;
    emit changed();
}

void Lesson::fail(const QString& title, const Error& error)
{
    m_problem = Problem{.title = title, .error = error, .advice = lessonAdvice(error)};
    emit changed();
}

QString Lesson::nameSpacePath() const
{
    return QStringLiteral("/api/v1/namespaces/") + m_nameSpace;
}

/// One call at a time; the answer may begin the next.
void Lesson::ask(kube::Request request, kube::ApiClient::Answer answer)
{
    m_isAsking = true;
    m_send(std::move(request), this, [this, answer = std::move(answer)](const Result<kube::Response>& result) {
        m_isAsking = false;
        answer(result);
    });
}

void Lesson::prepare()
{
    m_problem.reset();
    m_attempt = 1;
    m_nameSpaceUid.clear();
    m_deploymentUid.clear();
    m_views.assign(m_views.size(), {});
    setPhase(Phase::Preparing);
    findNameSpace();
}

void Lesson::findNameSpace()
{
    m_nameSpace = lessonNameSpace(m_attempt);
    ask({.path = nameSpacePath()}, [this](const auto& answer) { nameSpaceFound(answer); });
}

void Lesson::nameSpaceFound(const Result<kube::Response>& answer)
{
    if (answer && answer->document && !isOfLesson(*answer->document)) {
        if (m_attempt++ < lessonNameSpacesMax)
            return findNameSpace();
        return fail(tr("No namespace is free"),
                    makeError(Reason::AlreadyExists,
                              tr("%1 and all like it are somebody else's").arg(lessonNameSpace(1)).toStdString()));
    }
    if (answer && answer->document) {
        if (isEnding(answer))
            return; // of an earlier lesson; `look` asks again
        m_nameSpaceUid = uidOf(answer);
    } else if (!answer && answer.error().reason != Reason::NotFound && answer.error().reason != Reason::Forbidden) {
        return fail(tr("The cluster cannot be asked"), answer.error());
    }
    findImages();
}

void Lesson::findImages()
{
    const auto read = [](const Result<kube::Response>& answer, std::vector<api::Value>& into) {
        into.clear(); // who may not read them gets the image of the registry
        if (const auto* items = answer && answer->document ? api::find(*answer->document, {"items"}) : nullptr;
            items && items->is_array())
            into.assign(items->get_array().begin(), items->get_array().end());
    };
    const QUrlQuery some(QStringLiteral("limit=100"));
    ask({.path = QStringLiteral("/api/v1/nodes"), .query = some}, [this, read, some](const auto& nodes) {
        read(nodes, m_nodes);
        ask({.path = QStringLiteral("/api/v1/pods"), .query = some}, [this, read](const auto& pods) {
            read(pods, m_pods);
            m_images = lessonImages(m_nodes, m_pods);
            if (m_image.isEmpty())
                m_image = m_images.first();
            setPhase(Phase::Asking);
        });
    });
}

void Lesson::begin(const QString& image)
{
    m_problem.reset();
    m_image = image;
    m_objects = lessonObjects(m_nameSpace, image);
    m_next = 0;
    m_deploymentUid.clear();
    m_views.assign(m_views.size(), {});
    m_stepCount = 0;
    m_newsAt = m_clock.steady();
    setPhase(Phase::Making);
    if (!hasMade())
        return makeNext();
    const auto old = m_objects.last().collection + QStringLiteral("/web");
    ask({.method = "DELETE",
         .path = old,
         .body = R"({"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background"})"},
        [this](const auto& answer) {
            if (!answer && answer.error().reason != Reason::NotFound) {
                fail(tr("The Deployment of before cannot be deleted"), answer.error());
                return setPhase(Phase::Asking);
            }
            makeNext();
        });
}

void Lesson::makeNext()
{
    const auto& object = m_objects[m_next];
    ask({.method = "POST", .path = object.collection, .body = object.manifest},
        [this](const auto& answer) { madeNext(answer); });
}

void Lesson::madeNext(const Result<kube::Response>& answer)
{
    const auto& object = m_objects[m_next];
    const bool isLast = m_next + 1 == m_objects.size();
    const bool isThere = !answer && answer.error().reason == Reason::AlreadyExists;
    if (isThere && isLast)
        return; // the one of before is not gone yet; `look` tries again
    if (!answer && !(isThere && hasMade())) {
        fail(tr("%1 could not be made").arg(object.what), answer.error());
        return setPhase(Phase::Asking);
    }
    if (m_next == 0 && answer)
        m_nameSpaceUid = uidOf(answer);
    if (!isLast) {
        ++m_next;
        return makeNext();
    }
    m_deploymentUid = uidOf(answer);
    m_newsAt = m_clock.steady();
    setPhase(Phase::Running);
    emit made(answer->document);
}

void Lesson::cleanUp()
{
    m_problem.reset();
    setPhase(hasMade() ? Phase::Cleaning : Phase::Cleaned);
    if (!hasMade())
        return;
    // Only the namespace that this lesson made, not one of the same name after it.
    const auto body = QStringLiteral(R"({"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"%1"}})");
    ask({.method = "DELETE", .path = nameSpacePath(), .body = body.arg(m_nameSpaceUid).toUtf8()},
        [this](const auto& answer) { removed(answer); });
}

void Lesson::removed(const Result<kube::Response>& answer)
{
    const auto reason = answer ? Reason::InternalError : answer.error().reason;
    const bool isAnother = answer && uidOf(answer) != m_nameSpaceUid;
    if (isAnother || reason == Reason::NotFound || reason == Reason::Conflict) {
        m_nameSpaceUid.clear();
        m_deploymentUid.clear();
        return setPhase(Phase::Cleaned);
    }
    if (!answer)
        fail(tr("The namespace %1 cannot be deleted").arg(m_nameSpace), answer.error());
}

void Lesson::look()
{
    if (m_isAsking || (m_problem && m_phase != Phase::Running))
        return;
    if (m_phase == Phase::Preparing)
        findNameSpace();
    else if (m_phase == Phase::Making)
        makeNext();
    else if (m_phase == Phase::Cleaning)
        ask({.path = nameSpacePath()}, [this](const auto& answer) { removed(answer); });
    else if (m_phase == Phase::Running)
        emit changed(); // for how long it stands still
}

void Lesson::setTrace(const trace::TraceView& trace, TraceOrigin origin)
{
    if (m_phase != Phase::Running)
        return;
    if (trace.steps.size() != m_stepCount)
        m_newsAt = m_clock.steady();
    m_stepCount = trace.steps.size();
    m_problem.reset();
    m_views = readChapters(trace, origin, lessonPods);
    emit changed();
}

void Lesson::setTraceProblem(const Error& error)
{
    if (m_phase == Phase::Running)
        fail(tr("The trace cannot be read just now"), error);
}

Duration Lesson::standstill() const
{
    const bool isOver =
        std::ranges::all_of(m_views, [](const ChapterView& view) { return view.role == StatusRole::Done; });
    return m_phase == Phase::Running && !isOver ? Duration(m_clock.steady() - m_newsAt) : Duration{0};
}

} // namespace keelson::ui
