// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/cluster.h"
#include "topology/graph.h"

#include <QTimer>
#include <QWidget>

class QComboBox;
class QLabel;
class QLineEdit;
class QStackedLayout;
class QToolButton;
class QTreeWidget;

namespace keelson::ui {

class EmptyState;
class TopologyView;

/// The live map of the cluster, with the same as a tree beside it for who prefers to read or to listen.
class TopologyPage : public QWidget {
    Q_OBJECT
public:
    explicit TopologyPage(Cluster& cluster, QWidget* parent = nullptr);

    TopologyView* view() const { return m_view; }
    QTreeWidget* outline() const { return m_outline; }
    bool isSettled() const;
    void setGroupBy(GroupBy groupBy);
    void setSearch(const QString& text);
    void focusFilter();

signals:
    void itemOpened(const keelson::ui::ItemPtr& item);
    void podsRequested(const QString& filter);
    void createRequested();

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* buildBar();
    void refresh();
    void take(quint64 round, Graph graph, const LayoutMemory& memory);
    void refreshOutline();
    void open(const GraphNode& node);

    Cluster& m_cluster;
    std::vector<FeedLease> m_leases;
    TopologyView* m_view;
    QTreeWidget* m_outline;
    EmptyState* m_empty;
    QStackedLayout* m_stack;
    QLineEdit* m_search;
    QComboBox* m_groupBy;
    QToolButton* m_errorsOnly;
    QToolButton* m_outlineToggle;
    QLabel* m_count;
    QVector<QToolButton*> m_zoomButtons; ///< Hidden where there is no room: the wheel and the keys do the same.
    QTimer m_refresh;
    LayoutMemory m_memory;
    quint64 m_round = 0;
    quint64 m_shownRound = 0;
    bool m_isStale = false; ///< Something changed while a graph was being made.
    bool m_isBusy = false;
};

} // namespace keelson::ui
