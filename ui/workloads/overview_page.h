// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/cluster.h"
#include "models/summary.h"

#include <QHash>
#include <QScrollArea>
#include <QTimer>

#include <span>

class QBoxLayout;
class QGridLayout;
class QLabel;
class QVBoxLayout;

namespace keelson::ui {

class Banner;
class ElidedLabel;
class KindCard;

/// The cluster at a glance: how many of what, in which state; what the nodes can carry and what is asked of them; what
/// has happened just now.
class OverviewPage : public QScrollArea {
    Q_OBJECT
public:
    explicit OverviewPage(Cluster& cluster, QWidget* parent = nullptr);
    /// It shows what the cluster has: all was known when it was drawn.
    bool isSettled() const;

signals:
    void kindRequested(const QString& kind, const QString& filter);
    void itemOpened(const keelson::ui::ItemPtr& item);
    void learnRequested();

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void refresh();
    void refreshNodes();
    void refreshTroubles();
    void refreshEvents();
    void arrangeCards();
    bool isKnown() const;
    /// What a list of these kinds says when there is nothing in it: `known` only when all of them have been read.
    QString whyEmpty(std::span<const char* const> kinds, const QString& known) const;
    QWidget* section(const QString& title, QVBoxLayout*& body);

    Cluster& m_cluster;
    std::vector<FeedLease> m_leases;
    QTimer m_refresh;
    bool m_isComplete = false;
    ElidedLabel* m_subtitle;
    Banner* m_banner;
    QGridLayout* m_grid;
    QBoxLayout* m_halves;
    QVector<KindCard*> m_cards;
    QVBoxLayout* m_nodes;
    QVBoxLayout* m_troubles;
    QVBoxLayout* m_events;
};

} // namespace keelson::ui
