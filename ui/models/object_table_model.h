// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "models/item_filter.h"
#include "models/object_store.h"

#include <QAbstractTableModel>
#include <QPointer>

#include <vector>

namespace keelson::ui {

/// A store as sorted and filtered rows. Live updates insert, move and change single rows; only a new filter resets.
///
/// Columns: Name, Namespace (for namespaced kinds), Status (for kinds that have one), the kind's own, Age.
/// Ages are as of `clock` when they are asked for. Threads: GUI thread.
class ObjectTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Roles { StatusRoleRole = Qt::UserRole + 1, StatusReasonRole, UidRole };
    enum class Special { Name, NameSpace, StatusIs, Own, Age };

    ObjectTableModel(ObjectStore& store, const Clock& clock, QObject* parent = nullptr);

    ObjectStore& store() const { return m_store; }
    void setFilter(const ItemFilter& filter);
    ItemPtr item(int row) const;
    int rowOf(const QString& uid) const; ///< -1 when it is not shown.
    Special special(int column) const { return m_columns[static_cast<std::size_t>(column)].special; }
    /// How much of a table that is too narrow the column gets; 0: it is shown whole (see ColumnInfo).
    int share(int column) const { return m_columns[static_cast<std::size_t>(column)].share; }
    /// Whether, and how early, the column gives way where not even the cut columns fit (see ColumnInfo).
    int spare(int column) const { return m_columns[static_cast<std::size_t>(column)].spare; }
    /// "name", "age", "own2": the column's name in settings; the same in all languages.
    QString key(int column) const;
    QString text(const Item& item, int column) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void sort(int column, Qt::SortOrder order) override;

private:
    struct ModelColumn {
        Special special;
        int own = 0;
        QString title;
        int share = 0;
        bool number = false;
        int spare = 0;
    };
    using Rows = std::vector<ItemPtr>;

    void follow(const ItemChanges& changes);
    void removeRowsOf(const QSet<QString>& uids);
    void insertItems(Rows items);
    void rebuild();
    bool less(const Item& a, const Item& b) const;
    int compare(const Item& a, const Item& b) const;

    ObjectStore& m_store;
    const Clock& m_clock;
    ItemFilter m_filter;
    std::vector<ModelColumn> m_columns;
    Rows m_rows;
    int m_sortColumn = 0;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
};

} // namespace keelson::ui
