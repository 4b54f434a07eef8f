// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/cluster.h"
#include "models/object_table_model.h"

#include <QTimer>
#include <QWidget>

class QHBoxLayout;
class QLabel;
class QLineEdit;
class QStackedLayout;
class QTreeView;

namespace keelson::ui {

class Banner;
class BulkBar;
class EmptyState;
class TableColumns;

/// The table of one kind: filter, sorting, selection. It says what the user wants; others carry it out.
///
/// The kind is watched while the page is shown.
class ObjectPage : public QWidget {
    Q_OBJECT
public:
    ObjectPage(Cluster& cluster, const KindInfo& kind, QWidget* parent = nullptr);

    const KindInfo& kind() const { return m_kind; }
    QTreeView* view() const { return m_view; }
    ObjectTableModel* model() const { return m_model; }
    QVector<ItemPtr> selected() const;
    ItemPtr current() const;
    void focusFilter();
    void setFilterText(const QString& text);
    /// A page of events: only those about this object, whichever namespaces are shown.
    void setAbout(const ItemPtr& object);
    /// There is something to look at, or it is certain that there is nothing.
    bool isSettled() const;

signals:
    void itemOpened(const keelson::ui::ItemPtr& item);    ///< One click, or the arrow keys.
    void itemActivated(const keelson::ui::ItemPtr& item); ///< Return or a double click.
    void commandRequested(const QString& command);        ///< A row command, such as "row.delete".
    void menuRequested(const QPoint& globalPosition);
    void createRequested();

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void buildView();
    QWidget* buildHeader();
    void applyFilter();
    void refreshState();
    void refreshEmpty(int all);
    void refreshSelection();
    int countAll() const;

    Cluster& m_cluster;
    const KindInfo& m_kind;
    FeedLease m_lease;
    ObjectTableModel* m_model;
    QTreeView* m_view;
    TableColumns* m_columns = nullptr;
    QLineEdit* m_filter;
    QHBoxLayout* m_heading = nullptr;
    QLabel* m_title = nullptr;
    QLabel* m_count;
    Banner* m_banner;
    BulkBar* m_bulk;
    EmptyState* m_empty;
    QStackedLayout* m_stack;
    QTimer m_refreshAges;
    QTimer m_refreshState;
    QString m_dismissedProblem;
    ItemPtr m_about; ///< What the events are about; null: all are shown.
};

} // namespace keelson::ui
