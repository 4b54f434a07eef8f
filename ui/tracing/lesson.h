// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "kube/api_client.h"
#include "tracing/chapters.h"
#include "tracing/lesson_plan.h"

#include <QObject>

#include <optional>

namespace keelson::ui {

/// The lesson "from apply to Ready": with consent it makes a small application in a namespace of its own, follows the
/// trace of its Deployment through the chapters, and deletes the namespace in the end. It touches nothing else: a
/// namespace that it did not make it leaves alone.
///
/// Threads: GUI thread. It runs no timer: whoever shows it calls `look` about once a second.
class Lesson : public QObject {
    Q_OBJECT
public:
    /// Sends one call to the cluster; the answer comes later, on the GUI thread, unless `context` has gone.
    using Send = std::function<void(kube::Request request, QObject* context, kube::ApiClient::Answer answer)>;
    enum class Phase {
        Preparing, ///< Looks for a free namespace and for images.
        Asking,    ///< Waits for consent.
        Making,
        Running, ///< The Deployment is there; its trace is followed.
        Cleaning,
        Cleaned,
    };
    /// Why it does not go on, and what to do.
    struct Problem {
        QString title;
        Error error;
        QString advice;
    };

    Lesson(Send send, const Clock& clock, QObject* parent = nullptr);

    void prepare();
    /// The consent. Also after a problem, and to try again with another image: then the Deployment is made anew.
    void begin(const QString& image);
    void cleanUp();
    /// Goes on with what takes a while on the server's side.
    void look();
    void setTrace(const trace::TraceView& trace, TraceOrigin origin);
    void setTraceProblem(const Error& error); ///< Until the next trace.

    Phase phase() const { return m_phase; }
    const std::optional<Problem>& problem() const { return m_problem; }
    const QString& nameSpace() const { return m_nameSpace; }
    const QString& image() const { return m_image; }
    const QStringList& images() const { return m_images; }
    /// There is something of the lesson in the cluster.
    bool hasMade() const { return !m_nameSpaceUid.isEmpty(); }
    const QString& deploymentUid() const { return m_deploymentUid; }
    /// How the chapters stand; as many as `chapters()`.
    const std::vector<ChapterView>& views() const { return m_views; }
    /// For how long nothing new has happened although something should; zero: it goes on, or is done.
    Duration standstill() const;

signals:
    void changed();
    void made(const std::shared_ptr<const api::Value>& deployment);

private:
    void setPhase(Phase phase);
    void fail(const QString& title, const Error& error);
    void ask(kube::Request request, kube::ApiClient::Answer answer);
    QString nameSpacePath() const;
    void findNameSpace();
    void nameSpaceFound(const Result<kube::Response>& answer);
    void findImages();
    void makeNext();
    void madeNext(const Result<kube::Response>& answer);
    void removed(const Result<kube::Response>& answer);

    Send m_send;
    const Clock& m_clock;
    Phase m_phase = Phase::Preparing;
    std::optional<Problem> m_problem;
    int m_attempt = 1;
    QString m_nameSpace;
    QString m_nameSpaceUid; ///< Empty: not made.
    QString m_deploymentUid;
    QString m_image;
    QStringList m_images;
    std::vector<api::Value> m_nodes;
    std::vector<api::Value> m_pods;
    QVector<LessonObject> m_objects;
    int m_next = 0; ///< Of the objects, while they are made.
    bool m_isAsking = false;
    std::vector<ChapterView> m_views;
    std::size_t m_stepCount = 0;
    SteadyTime m_newsAt; ///< When something happened last.
};

} // namespace keelson::ui
