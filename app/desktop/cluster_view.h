// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/cluster.h"

#include <QHash>
#include <QWidget>

class QSplitter;
class QStackedWidget;

namespace keelson::ui {

class Banner;
class NamespaceSelector;
class ObjectPage;
class OverviewPage;
class Sidebar;

/// One connected cluster: sidebar, pages, inspector and dock, put together. It knows who talks to whom and nothing else.
class ClusterView : public QWidget {
    Q_OBJECT
public:
    explicit ClusterView(std::unique_ptr<Cluster> cluster, QWidget* parent = nullptr);
    ~ClusterView() override;

    Cluster& cluster() { return *m_cluster; }
    void showPage(const QString& page, const QString& filter = {});
    QString currentPage() const { return m_current; }
    ObjectPage* objectPage() const; ///< The current one, when it is the table of a kind.
    /// The current page shows what the cluster has.
    bool isSettled() const;
    void goBack();
    void goForward();

signals:
    void pageChanged(const QString& page);

private:
    QWidget* makePage(const QString& page);

    std::unique_ptr<Cluster> m_cluster;
    FeedLease m_nameSpaces;
    Sidebar* m_sidebar;
    QStackedWidget* m_pages;
    QHash<QString, QWidget*> m_made;
    QString m_current;
    QStringList m_history;
    int m_place = -1;
};

} // namespace keelson::ui
