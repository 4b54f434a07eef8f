// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/cluster.h"
#include "rollout/revisions.h"

#include <QTimer>
#include <QWidget>

#include <memory>

class QLabel;
class QPushButton;
class QTreeWidget;

namespace keelson::ui {

class Banner;
class ElidedLabel;
class ListColumns;
class YamlView;

/// The rollouts of a Deployment: its revisions, what going back to one would change, and going back.
///
/// It reads the Deployment and its ReplicaSets when one of them has changed.
class RolloutPanel : public QWidget {
    Q_OBJECT
public:
    RolloutPanel(Cluster& cluster, ItemPtr deployment, QWidget* parent = nullptr);

    const std::vector<Revision>& revisions() const { return m_revisions; }
    QTreeWidget* list() const { return m_list; }
    YamlView* difference() const { return m_difference; }
    QPushButton* rollbackButton() const { return m_rollback; }
    bool isSettled() const { return m_isLoaded; }

    void select(qint64 revision);
    void rollBack();                     ///< To the selected revision. Asks.
    void rollBackTo(const Revision& to); ///< Without asking; for tests and for who has asked already.

signals:
    void rolledBack(qint64 revision);
    void traceRequested(const keelson::ui::ItemPtr& deployment);

private:
    QWidget* buildBar();
    void load();
    void take(const Result<kube::Response>& deployment, const Result<kube::Response>& replicaSets);
    void refresh();
    void showSelected();
    const Revision* selected() const;

    Cluster& m_cluster;
    ItemPtr m_item;
    std::vector<FeedLease> m_leases;
    QTimer m_reload;
    std::shared_ptr<const api::Value> m_deployment;
    std::vector<Revision> m_revisions;
    bool m_isLoaded = false;
    ElidedLabel* m_state;
    QPushButton* m_trace;
    QPushButton* m_rollback;
    Banner* m_banner;
    QTreeWidget* m_list;
    ListColumns* m_columns;
    QLabel* m_heading;
    YamlView* m_difference;
};

} // namespace keelson::ui
