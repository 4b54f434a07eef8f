// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "designer/design_model.h"
#include "models/cluster.h"
#include "models/status.h"

#include <QHash>
#include <QTimer>

namespace keelson::ui {

/// Cards beyond this number are not compared with the cluster.
inline constexpr int liveCardsMax = 300;

/// How each card stands against the cluster: not there, as there, or different, and where.
///
/// While it is active it reads the objects again every few seconds; an edit of a text is compared at once with what was
/// read last.
///
/// Threads: GUI thread.
class LiveWatch : public QObject {
    Q_OBJECT
public:
    struct State {
        StatusRole role = StatusRole::Unknown;
        QString word; ///< "live", "differs", "draft".
        QString detail;
        bool operator==(const State&) const = default;
    };

    LiveWatch(Cluster& cluster, DesignModel& model, QObject* parent = nullptr);

    void setActive(bool isActive);
    const QHash<design::CardId, State>& states() const { return m_states; }
    /// Everything was asked about and has answered at least once since the last change of the cards.
    bool isSettled() const { return m_isSettled || !m_isActive; }
    void read(); ///< Now, such as after applying.

signals:
    void changed();

private:
    struct Live {
        manifests::ObjectName object;
        api::Value value; ///< Null: not there.
    };
    void readNext();
    void compare();
    QString pathOf(const design::Card& card) const;

    Cluster& m_cluster;
    DesignModel& m_model;
    QHash<design::CardId, State> m_states;
    std::map<design::CardId, Live> m_live;
    std::vector<design::CardId> m_waiting;
    QTimer m_timer;
    int m_underWay = 0;
    bool m_isActive = false;
    bool m_isSettled = false;
};

} // namespace keelson::ui
