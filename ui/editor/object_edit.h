// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kube/api_client.h"
#include "manifests/live_object.h"
#include "manifests/merge.h"
#include "models/cluster.h"

#include <QObject>

#include <functional>

namespace keelson::ui {

class ClusterKnowledge;

/// The edit of one object on its way to the cluster.
///
/// What the text changes is merged onto the object as it is live at that moment, tried by the server's dry run, and,
/// when told, sent with the version that was shown. Whoever changes the object in between is merged again: in silence
/// where it makes no difference to what was shown (a status), else it is shown anew. Fields that both changed wait for
/// `decide`. The text itself is never touched.
///
/// Threads: GUI thread. One call at a time.
class ObjectEdit : public QObject {
    Q_OBJECT
public:
    enum class Phase {
        Idle,
        Trying,    ///< The live object is read, the dry run under way.
        Undecided, ///< `difference` is what it would be with all conflicts decided for the text.
        Compared,  ///< `difference` is shown; the server has not tried it.
        Proven,    ///< The server's dry run accepts it; `difference` is what it would change.
        Applying,
    };

    /// A null `item`: a new object.
    ObjectEdit(Cluster& cluster, ItemPtr item, QObject* parent = nullptr);

    Phase phase() const { return m_phase; }
    bool isNew() const { return !m_item; }
    /// What the text's changes count from: as it was loaded, or applied last; for a new object what it began with.
    const QString& base() const { return m_base; }
    void setBase(const QString& base) { m_base = base; }
    /// Others have changed what a manifest says since `base`.
    bool hasMoved() const { return m_hasMoved; }
    const std::vector<manifests::MergeConflict>& conflicts() const { return m_merge.conflicts; }
    std::optional<manifests::Side> decisionOf(const manifests::MergeConflict& conflict) const;
    const std::vector<manifests::DiffLine>& difference() const { return m_difference; }
    bool isChange() const; ///< The difference is one.

    void load(); ///< Makes what is live the base.
    /// `value`: the text, read. Then the phase is Undecided or Proven, or `failed` or `gone` says why not.
    void tryOut(const QString& text, api::Value value);
    /// The same, up to the difference.
    void compare(const QString& text, api::Value value);
    /// Decides one conflict; when it was the last one, the server tries it.
    void decide(const manifests::MergeConflict& conflict, manifests::Side side);
    void apply();    ///< What is proven.
    void forget();   ///< The text has changed: back to Idle. Not while it is applied.
    void recreate(); ///< The next try makes an object that is gone anew.

signals:
    void phaseChanged();
    void loaded();
    void failed(const QString& what, const keelson::Error& error);
    void gone();                                            ///< The object that was edited has been deleted.
    void applied(const QString& text, const QString& what); ///< `text`: as it was sent; `base` is what came of it.

private:
    using Then = std::function<void()>;
    void begin(const QString& text, api::Value value, bool isComparing);
    void setPhase(Phase phase);
    void stop(const QString& what, const Error& error);
    void readLive(const Then& then);
    void merge();
    void mergeAgain();
    void dryRun();
    void send();
    void finish(const api::Value& object);
    bool isCreation() const { return !m_item || m_isGone; }
    Result<kube::Request> request(bool isDry) const;
    Result<kube::Request> creation() const;

    Cluster& m_cluster;
    ClusterKnowledge& m_knowledge;
    ItemPtr m_item;
    Phase m_phase = Phase::Idle;
    QString m_base;
    QString m_text;
    api::Value m_value; ///< `m_text`, read.
    api::Value m_live;
    manifests::Merge m_merge;
    std::vector<manifests::Decision> m_decisions;
    std::vector<manifests::DiffLine> m_difference;
    quint64 m_round = 0; ///< Answers to what was forgotten are dropped.
    int m_sends = 0;
    bool m_isComparing = false;
    bool m_hasMoved = false;
    bool m_isGone = false;
};

} // namespace keelson::ui
