// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/manifest_checker.h"

#include "editor/cluster_knowledge.h"
#include "manifests/references.h"

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>

namespace keelson::ui {

namespace {

constexpr int checkDelayMs = 120;
constexpr int manifestShift = 24; ///< Documents of one manifest are numbered below it.

} // namespace

/// What one check needs, and what it gives.
struct ManifestChecker::Job {
    struct Parse {
        quint64 manifest;
        document::ParseJob job;
        document::ParseResult result;
    };
    std::vector<Parse> parses;
    std::vector<manifests::DocumentText> documents;
    std::map<std::size_t, std::size_t> parseOf; ///< Source to its place in `parses`.
    document::Kinds kinds;
    std::shared_ptr<const manifests::Surroundings> around;
    std::set<std::string, std::less<>> off;
    std::shared_ptr<manifests::SetCheck> check;
    manifests::SetReport report;

    void run()
    {
        for (auto& parse : parses)
            parse.result = document::ManifestText::parse(parse.job);
        for (auto& document : documents)
            if (const auto parse = parseOf.find(document.source); parse != parseOf.end())
                document.tree = parses[parse->second].result.tree;
        report = check->check(documents, kinds, *around, off);
    }
};

ManifestChecker::ManifestChecker(ManifestSession& session, ClusterKnowledge* knowledge, QObject* parent)
    : QObject(parent),
      m_session(session),
      m_knowledge(knowledge),
      m_check(std::make_shared<manifests::SetCheck>()),
      m_around(std::make_shared<manifests::Surroundings>())
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(checkDelayMs);
    connect(&m_timer, &QTimer::timeout, this, &ManifestChecker::start);
    connect(&session, &ManifestSession::added, this, [this](Manifest* manifest) {
        connect(manifest, &Manifest::changed, this, &ManifestChecker::schedule);
        schedule();
    });
    connect(&session, &ManifestSession::removed, this, &ManifestChecker::schedule);
    if (!knowledge)
        return;
    connect(knowledge, &ClusterKnowledge::namesChanged, this, &ManifestChecker::schedule);
    connect(knowledge, &ClusterKnowledge::kindsChanged, this, [this] {
        m_check = std::make_shared<manifests::SetCheck>(); // one that runs has the old one to itself
        m_known.clear();
        schedule();
    });
}

std::size_t ManifestChecker::source(quint64 manifest, std::size_t document)
{
    return (static_cast<std::size_t>(manifest) << manifestShift) + document;
}

void ManifestChecker::schedule()
{
    if (m_isRunning)
        m_isAgain = true;
    else if (!m_timer.isActive())
        m_timer.start();
}

void ManifestChecker::setSwitchedOff(std::set<std::string, std::less<>> codes)
{
    m_off = std::move(codes);
    schedule();
}

void ManifestChecker::start()
{
    m_isRunning = true;
    auto job = std::make_shared<Job>();
    for (auto* manifest : m_session.manifests()) {
        const auto& text = std::as_const(*manifest).text();
        for (auto& pending : text.pending()) {
            job->parseOf.emplace(source(manifest->id(), pending.document), job->parses.size());
            job->parses.push_back({manifest->id(), std::move(pending), {}});
        }
        for (std::size_t i = 0; i < text.documents(); ++i) {
            const auto number = source(manifest->id(), i);
            const auto revision = text.revisionOf(i);
            const bool isKnown = m_known.contains(number) && m_known[number] == revision;
            const bool isRead = !job->parseOf.contains(number);
            job->documents.push_back({number, revision, isKnown ? std::string() : std::string(text.textOf(i)),
                                      isRead && !isKnown ? text.tree(i) : nullptr});
        }
    }
    if (m_knowledge) {
        job->kinds = m_knowledge->kinds();
        job->around = m_knowledge->surroundings();
    } else {
        job->around = std::make_shared<const manifests::Surroundings>();
    }
    job->off = m_off;
    job->check = m_check;
    QThreadPool::globalInstance()->start([self = QPointer<ManifestChecker>(this), job] {
        job->run();
        QMetaObject::invokeMethod(qApp, [self, job] {
            if (self)
                self->finish(job);
        });
    });
}

void ManifestChecker::finish(const std::shared_ptr<Job>& job)
{
    m_isRunning = false;
    for (const auto& parse : job->parses)
        if (auto* manifest = m_session.find(parse.manifest))
            manifest->text().adopt(parse.result);
    m_known.clear();
    m_findings.clear();
    for (const auto& document : job->documents) {
        if (job->check == m_check)
            m_known[document.source] = document.revision;
        const auto manifest = static_cast<quint64>(document.source >> manifestShift);
        const auto index = document.source & ((std::size_t{1} << manifestShift) - 1);
        if (const auto found = job->report.found.find(document.source); found != job->report.found.end())
            for (auto& one : found->second)
                m_findings.push_back({manifest, index, document.revision, std::move(one)});
    }
    m_around = job->report.surroundings;
    if (std::exchange(m_isAgain, false))
        m_timer.start();
    wantNames();
    emit checked();
}

void ManifestChecker::wantNames()
{
    if (!m_knowledge || m_around->objects.empty())
        return;
    QSet<QString> kinds{QStringLiteral("Namespace"), QStringLiteral("ConfigMap"), QStringLiteral("Secret"),
                        QStringLiteral("ServiceAccount")};
    std::set<manifests::ObjectName> withKeys;
    for (const auto& object : m_around->objects) {
        for (const auto& reference :
             manifests::referencesOf(object.object.kind, object.value, object.object.nameSpace)) {
            kinds.insert(QString::fromStdString(reference.target.kind));
            if (reference.keyPath && !m_around->find(reference.target))
                withKeys.insert(reference.target);
        }
        if (object.object.kind == "Service" || object.object.kind == "PodDisruptionBudget" ||
            object.object.kind == "NetworkPolicy")
            kinds.insert(QStringLiteral("Pod"));
    }
    m_knowledge->want(kinds, withKeys);
}

std::optional<std::size_t> ManifestChecker::offsetOf(const Finding& finding) const
{
    const auto* manifest = m_session.find(finding.manifest);
    if (!manifest || finding.document >= manifest->text().documents() ||
        manifest->text().revisionOf(finding.document) != finding.revision)
        return std::nullopt;
    return manifest->text().offsetOf(finding.document) + finding.what.span.begin;
}

} // namespace keelson::ui
