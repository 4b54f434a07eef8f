// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/kinds.h"
#include "manifests/apply_journal.h"
#include "manifests/apply_order.h"
#include "manifests/live_object.h"
#include "manifests/surroundings.h"
#include "models/cluster.h"
#include "models/status.h"

#include <QObject>

#include <map>
#include <optional>
#include <vector>

namespace keelson::ui {

class JournalWriter;

/// The field manager of what is applied here.
inline constexpr std::string_view applyManager = "keelson";

/// Where an object stands in the manifests that are open.
struct ApplySource {
    quint64 manifest = 0;
    std::size_t document = 0;
    document::Path place; ///< In the document: empty, or of an item of a List.
};

/// What is to be applied.
struct ApplyObject {
    api::Value value;
    ApplySource source;
};

/// One object of a set on its way to the cluster.
struct ApplyEntry {
    enum class State {
        Waiting,
        Trying,   ///< The server's dry run is under way.
        New,      ///< The dry run makes it.
        Changed,  ///< The dry run changes it.
        Same,     ///< Nothing to do.
        Conflict, ///< Others own fields that would change: decide.
        Refused,
        Applying,
        Applied,
        Failed,
        Undone,
        NotUndone,
    };
    manifests::ObjectName object;
    api::Value manifest;
    ApplySource source;
    QString collection; ///< Path of its resource; empty: the cluster has no such kind.
    State state = State::Waiting;
    bool isIncluded = true;
    bool wasNew = false;
    QString note;     ///< What else is to be said: why it could not be tried.
    api::Value live;  ///< Before; null: not there.
    api::Value after; ///< As the dry run, then the server, made it.
    std::vector<manifests::DiffLine> diff;
    Error error;
    std::vector<manifests::FieldConflict> conflicts;
    std::optional<Error> refusal;         ///< In conflict: why the server refuses it even with all fields taken over.
    std::map<std::string, bool> takeOver; ///< By field: taken over, or left to its owner.
    Status settling; ///< Once applied: whether what it asks for is there. No word where that takes no time.
    int tries = 0;   ///< How often it was applied.

    bool isReady() const { return state == State::New || state == State::Changed; }
    /// It is applied, and what it asks for is not there yet.
    bool isSettling() const
    {
        return !settling.word.isEmpty() && settling.role != StatusRole::Ok && settling.role != StatusRole::Done &&
               settling.role != StatusRole::Ending;
    }
    bool isDecided() const { return takeOver.size() == conflicts.size(); }
    QString path() const { return collection + QLatin1Char('/') + QString::fromStdString(object.name); }
};

/// Applies a set of objects: tries each on the server first, then, when told, applies them in the order of what they
/// need of each other, and takes all of it back when told so. What is applied is looked at until it is ready.
///
/// When the cluster does not answer any more, applying stops there: what came before it stays applied, the rest as it
/// was; `apply` goes on from there, `undo` takes back what was applied. Each step is kept in a journal, so that
/// `resume` leads to the same when the program itself has ended meanwhile.
///
/// Server-side apply, field manager "keelson". A server that does not know it gets creations and merge patches; then
/// fields that the manifest no longer has stay, and `isPlain` says so.
///
/// Threads: GUI thread. Dry runs go out a few at a time, changes one after the other.
class ApplyRunner : public QObject {
    Q_OBJECT
public:
    enum class Phase { Idle, Trying, Tried, Applying, CutOff, Applied, Undoing, Undone };

    ApplyRunner(Cluster& cluster, QObject* parent = nullptr);

    Phase phase() const { return m_phase; }
    const std::vector<ApplyEntry>& entries() const { return m_entries; }
    bool isPlain() const { return m_isPlain; }
    int readyCount() const; ///< What `apply` would apply.
    /// In phase CutOff: at which entry, whose `error` says why.
    int cutOffEntry() const { return m_cutOffEntry; }

    /// Lists are taken apart. Objects without a namespace go to `nameSpace`.
    void prepare(const std::vector<ApplyObject>& objects, const document::Kinds& kinds, const std::string& nameSpace);
    void setIncluded(int entry, bool isIncluded);
    /// Decides one conflict; when all of the entry are decided, it is tried again.
    void decide(int entry, const std::string& field, bool takeOver);
    void apply();
    void undo();
    JournalWriter& journal() { return *m_journal; }
    std::string clusterName() const; ///< In records.
    /// What an earlier session has left half done: asks the cluster how far it came, then `phase` is CutOff, or Applied
    /// when it came to its end.
    void resume(const manifests::ApplyRecord& record);
    bool isResumed() const { return m_isResumed; }

signals:
    void entryChanged(int entry);
    void phaseChanged();

private:
    void add(const api::Value& object, const ApplySource& source, const document::Kinds& kinds,
             const std::string& nameSpace);
    void addDefinition(const api::Value& definition);
    void sortEntries();
    void setPhase(Phase phase);
    void setState(std::size_t entry, ApplyEntry::State state);
    void tryNext();
    void tryEntry(std::size_t entry);
    void dryRun(std::size_t entry);
    void differ(std::size_t entry);
    void preview(std::size_t entry); ///< What it would be if all conflicts were decided for us.
    void refused(std::size_t entry, const Error& error);
    void endTry();
    bool waitsForOthers(const ApplyEntry& entry) const;
    void applyNext(std::size_t entry);
    void applied(std::size_t entry, const Result<kube::Response>& answer);
    void cutOff(std::size_t entry, const Error& error);
    void settle(int looks);
    void look(std::size_t entry);
    void undoNext(std::size_t count);
    void clear();
    manifests::ApplyRecord record();
    void note(std::size_t entry, manifests::ApplyRecord::State state);
    void resumeNext(std::size_t entry);
    void resumed();
    kube::Request request(const ApplyEntry& entry, bool isDry) const;
    void send(std::size_t entry, bool isDry, const kube::ApiClient::Answer& answer);

    Cluster& m_cluster;
    std::vector<ApplyEntry> m_entries;
    std::map<std::pair<std::string, std::string>, std::pair<QString, bool>> m_defined; ///< Kinds that the set defines.
    Phase m_phase = Phase::Idle;
    std::size_t m_next = 0;
    int m_underWay = 0;
    int m_cutOffEntry = -1;
    quint64 m_round = 0; ///< Answers of an earlier set are dropped.
    bool m_isPlain = false;
    bool m_isResumed = false;
    JournalWriter* m_journal;
    std::vector<std::size_t> m_recorded; ///< The entries of the journal.
};

} // namespace keelson::ui
