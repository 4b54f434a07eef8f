// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/cluster.h"

#include <QHash>
#include <QWidget>

class QHBoxLayout;
class QLabel;
class QSplitter;
class QStackedWidget;

namespace keelson::ui {

class Banner;
class Designer;
class Dock;
class Inspector;
class ManifestsPage;
class ObjectPage;
class OverviewPage;
class RowCommands;
class Sidebar;
class TopologyPage;

/// One connected cluster: sidebar, pages, inspector and dock, put together. It knows who talks to whom and nothing
/// else.
class ClusterView : public QWidget {
    Q_OBJECT
public:
    explicit ClusterView(std::unique_ptr<Cluster> cluster, QWidget* parent = nullptr);
    ~ClusterView() override;

    Cluster& cluster() { return *m_cluster; }
    Dock& dock() { return *m_dock; }
    /// Puts a text among the manifests, unsaved, without showing them.
    void keepText(const QString& title, const QString& text);
    Inspector& inspector() { return *m_inspector; }
    QWidget* pages() const; ///< The scope of row commands.
    /// Where the window puts its own buttons.
    QHBoxLayout* topBar() const { return m_topBar; }

    void showPage(const QString& page, const QString& filter = {});
    QString currentPage() const { return m_current; }
    ObjectPage* objectPage() const;                   ///< The current one, when it is the table of a kind.
    TopologyPage* topologyPage() const;               ///< The current one, when it is the map.
    ManifestsPage* manifestsPage() const;             ///< Whether it is current or not; null until it was shown.
    Designer* designer() const { return m_designer; } ///< Null until it was shown.
    /// The current page shows what the cluster has.
    bool isSettled() const;
    void goBack();
    void goForward();
    void focusFilter();

    /// Shows what became of the object, step by step.
    void trace(const ItemPtr& item);
    /// Opens the lesson, beside the trace.
    void learn();
    /// Opens the object in the inspector.
    void inspect(const ItemPtr& item);
    /// Runs a row command ("row.delete") on what is selected.
    void runCommand(const QString& command);
    /// What a row command would act on: the selected rows, or the inspected object.
    QVector<ItemPtr> targets() const;

signals:
    void pageChanged(const QString& page);
    void manifestsMade(keelson::ui::ManifestsPage* page);
    void designerMade(keelson::ui::Designer* designer);
    void menuRequested(const QPoint& globalPosition);

private:
    QWidget* buildTopBar();
    QWidget* makePage(const QString& page);
    ManifestsPage* makeManifests();
    QWidget* pageOf(const QString& own);
    void showDesigner(ManifestsPage& manifests, bool isShown);
    ObjectPage* makeTable(const KindInfo& kind);
    void connectCommands();

    std::unique_ptr<Cluster> m_cluster;
    FeedLease m_nameSpaces;
    RowCommands* m_commands;
    Sidebar* m_sidebar;
    QHBoxLayout* m_topBar = nullptr;
    Banner* m_banner;
    QStackedWidget* m_pages;
    Inspector* m_inspector;
    Dock* m_dock;
    QSplitter* m_split;
    QSplitter* m_vertical;
    Designer* m_designer = nullptr; ///< Above the text of the page of manifests.
    QHash<QString, QWidget*> m_made;
    QString m_current;
    QStringList m_history;
    int m_place = -1;
};

} // namespace keelson::ui
