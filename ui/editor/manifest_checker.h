// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "editor/findings.h"
#include "editor/manifest_session.h"
#include "manifests/set_check.h"

#include <QObject>
#include <QTimer>

#include <memory>

namespace keelson::ui {

class ClusterKnowledge;

/// Checks what is open, a moment after each change, on other threads: trees are read there, too, and given to the
/// texts.
///
/// Threads: GUI thread. One check runs at a time; what changes meanwhile is checked after it.
class ManifestChecker : public QObject {
    Q_OBJECT
public:
    /// `knowledge` may be null: offline.
    ManifestChecker(ManifestSession& session, ClusterKnowledge* knowledge, QObject* parent = nullptr);

    /// By manifest and place, hints among them; made for the texts as they were at the last check.
    const std::vector<Finding>& findings() const { return m_findings; }
    std::shared_ptr<const manifests::Surroundings> surroundings() const { return m_around; }
    /// The number of a document among the surroundings' objects.
    static std::size_t source(quint64 manifest, std::size_t document);
    /// Nothing has changed since the last check.
    bool isSettled() const { return !m_isRunning && !m_timer.isActive(); }
    /// Where a finding stands in the manifest now; nothing when its document has changed since.
    std::optional<std::size_t> offsetOf(const Finding& finding) const;

    const std::set<std::string, std::less<>>& switchedOff() const { return m_off; }
    void setSwitchedOff(std::set<std::string, std::less<>> codes);
    void schedule();

signals:
    void checked();

private:
    struct Job;
    void start();
    void finish(const std::shared_ptr<Job>& job);
    void wantNames();

    ManifestSession& m_session;
    ClusterKnowledge* m_knowledge;
    std::shared_ptr<manifests::SetCheck> m_check;
    std::map<std::size_t, quint64> m_known; ///< Revisions whose texts the check has.
    std::vector<Finding> m_findings;
    std::shared_ptr<const manifests::Surroundings> m_around;
    std::set<std::string, std::less<>> m_off;
    QTimer m_timer;
    bool m_isRunning = false;
    bool m_isAgain = false;
};

} // namespace keelson::ui
