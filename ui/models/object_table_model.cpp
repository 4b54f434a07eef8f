// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/object_table_model.h"

#include "models/natural_order.h"
#include "models/read.h"

#include <QDateTime>
#include <QHash>
#include <QLocale>

#include <algorithm>
#include <cmath>

namespace keelson::ui {

ObjectTableModel::ObjectTableModel(ObjectStore& store, const Clock& clock, QObject* parent)
    : QAbstractTableModel(parent), m_store(store), m_clock(clock)
{
    const auto& kind = store.kind();
    m_columns.push_back({Special::Name, 0, tr("Name"), 5});
    if (kind.namespaced)
        m_columns.push_back({Special::NameSpace, 0, tr("Namespace"), 3});
    if (kind.hasStatus)
        m_columns.push_back({Special::StatusIs, 0, tr("Status")});
    for (int i = 0; i < kind.columns.size(); ++i)
        m_columns.push_back({Special::Own, i, kind.columns[i].title, kind.columns[i].share, kind.columns[i].number,
                             kind.columns[i].spare});
    m_columns.push_back({Special::Age, 0, kind.id == QLatin1String("events") ? tr("Last seen") : tr("Age"), 0, true});
    connect(&store, &ObjectStore::changed, this, &ObjectTableModel::follow);
    rebuild();
}

void ObjectTableModel::setFilter(const ItemFilter& filter)
{
    m_filter = filter;
    rebuild();
}

void ObjectTableModel::rebuild()
{
    beginResetModel();
    m_rows.clear();
    for (const auto& item : m_store.items())
        if (m_filter.matches(*item))
            m_rows.push_back(item);
    std::ranges::sort(m_rows, [this](const ItemPtr& a, const ItemPtr& b) { return less(*a, *b); });
    endResetModel();
}

ItemPtr ObjectTableModel::item(int row) const
{
    return row >= 0 && row < static_cast<int>(m_rows.size()) ? m_rows[static_cast<std::size_t>(row)] : nullptr;
}

int ObjectTableModel::rowOf(const QString& uid) const
{
    const auto found = std::ranges::find_if(m_rows, [&uid](const ItemPtr& item) { return item->uid == uid; });
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

int ObjectTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int ObjectTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QString ObjectTableModel::text(const Item& item, int column) const
{
    const auto& info = m_columns[static_cast<std::size_t>(column)];
    switch (info.special) {
    case Special::Name:
        return item.name;
    case Special::NameSpace:
        return item.nameSpace;
    case Special::StatusIs:
        return item.status.word;
    case Special::Age:
        return ageText(item.createdMs, m_clock);
    case Special::Own:
        return info.own < item.cells.size() ? item.cells[info.own].text : QString();
    }
    return {};
}

QString ObjectTableModel::key(int column) const
{
    switch (special(column)) {
    case Special::Name:
        return QStringLiteral("name");
    case Special::NameSpace:
        return QStringLiteral("namespace");
    case Special::StatusIs:
        return QStringLiteral("status");
    case Special::Age:
        return QStringLiteral("age");
    case Special::Own:
        break;
    }
    return QStringLiteral("own%1").arg(m_columns[static_cast<std::size_t>(column)].own);
}

QVariant ObjectTableModel::data(const QModelIndex& index, int role) const
{
    const auto shown = index.isValid() ? item(index.row()) : nullptr;
    if (!shown)
        return {};
    switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
        return text(*shown, index.column());
    case Qt::ToolTipRole:
        if (special(index.column()) == Special::StatusIs && !shown->status.reason.isEmpty())
            return shown->status.reason;
        if (special(index.column()) == Special::Age)
            return QLocale().toString(QDateTime::fromMSecsSinceEpoch(shown->createdMs), QLocale::ShortFormat);
        return text(*shown, index.column());
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(
            Qt::AlignVCenter |
            (m_columns[static_cast<std::size_t>(index.column())].number ? Qt::AlignRight : Qt::AlignLeft)));
    case StatusRoleRole:
        return special(index.column()) == Special::StatusIs ? QVariant(static_cast<int>(shown->status.role))
                                                            : QVariant();
    case StatusReasonRole:
        return shown->status.reason;
    case UidRole:
        return shown->uid;
    default:
        return {};
    }
}

QVariant ObjectTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    const auto& column = m_columns[static_cast<std::size_t>(section)];
    if (role == Qt::DisplayRole)
        return column.title;
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | (column.number ? Qt::AlignRight : Qt::AlignLeft)));
    return {};
}

int ObjectTableModel::compare(const Item& a, const Item& b) const
{
    const auto& column = m_columns[static_cast<std::size_t>(m_sortColumn)];
    const auto three = [](auto x, auto y) { return x < y ? -1 : y < x ? 1 : 0; };
    switch (column.special) {
    case Special::Name:
        return naturalCompare(a.name, b.name);
    case Special::NameSpace:
        return naturalCompare(a.nameSpace, b.nameSpace);
    case Special::StatusIs:
        return a.status.role != b.status.role ? three(static_cast<int>(a.status.role), static_cast<int>(b.status.role))
                                              : QString::compare(a.status.word, b.status.word);
    case Special::Age:
        return three(b.createdMs, a.createdMs);
    case Special::Own:
        break;
    }
    static const Cell none;
    const auto& left = column.own < a.cells.size() ? a.cells[column.own] : none;
    const auto& right = column.own < b.cells.size() ? b.cells[column.own] : none;
    if (!std::isnan(left.number) && !std::isnan(right.number))
        return three(left.number, right.number);
    return naturalCompare(left.text, right.text);
}

bool ObjectTableModel::less(const Item& a, const Item& b) const
{
    const int order = m_sortOrder == Qt::AscendingOrder ? compare(a, b) : compare(b, a);
    if (order != 0)
        return order < 0;
    if (const int names = naturalCompare(a.name, b.name); names != 0)
        return names < 0;
    if (const int spaces = naturalCompare(a.nameSpace, b.nameSpace); spaces != 0)
        return spaces < 0;
    return a.uid < b.uid; // a total order: equal rows do not jump
}

void ObjectTableModel::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= columnCount())
        return;
    emit layoutAboutToBeChanged({}, VerticalSortHint);
    const auto before = persistentIndexList();
    QHash<QString, QVector<qsizetype>> uids;
    for (qsizetype i = 0; i < before.size(); ++i)
        if (const auto shown = item(before[i].row()))
            uids[shown->uid] << i;
    m_sortColumn = column;
    m_sortOrder = order;
    std::ranges::sort(m_rows, [this](const ItemPtr& a, const ItemPtr& b) { return less(*a, *b); });
    auto after = before;
    for (int row = 0; !uids.isEmpty() && row < rowCount(); ++row)
        for (const auto i : uids.value(m_rows[static_cast<std::size_t>(row)]->uid))
            after[i] = index(row, before[i].column());
    changePersistentIndexList(before, after);
    emit layoutChanged({}, VerticalSortHint);
}

void ObjectTableModel::follow(const ItemChanges& changes)
{
    QHash<QString, ItemPtr> latest; // by uid; null: gone
    for (const auto& change : changes)
        latest.insert(change.after ? change.after->uid : change.before->uid, change.after);

    // What keeps its place is changed in place; the rest is taken out and put in where it belongs.
    QSet<QString> leaving;
    QSet<QString> kept;
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const auto found = latest.constFind(m_rows[i]->uid);
        if (found == latest.constEnd())
            continue;
        const auto& after = found.value();
        const bool stays = after && m_filter.matches(*after) && (i == 0 || less(*m_rows[i - 1], *after)) &&
                           (i + 1 == m_rows.size() || less(*after, *m_rows[i + 1]));
        if (!stays) {
            leaving.insert(found.key());
            continue;
        }
        kept.insert(found.key());
        m_rows[i] = after;
        const int row = static_cast<int>(i);
        emit dataChanged(index(row, 0), index(row, columnCount() - 1));
    }
    if (!leaving.isEmpty())
        removeRowsOf(leaving);
    Rows arriving;
    for (auto it = latest.cbegin(); it != latest.cend(); ++it)
        if (it.value() && !kept.contains(it.key()) && m_filter.matches(*it.value()))
            arriving.push_back(it.value());
    if (!arriving.empty())
        insertItems(std::move(arriving));
}

void ObjectTableModel::removeRowsOf(const QSet<QString>& uids)
{
    for (int last = rowCount() - 1; last >= 0; --last) {
        if (!uids.contains(m_rows[static_cast<std::size_t>(last)]->uid))
            continue;
        int first = last;
        while (first > 0 && uids.contains(m_rows[static_cast<std::size_t>(first - 1)]->uid))
            --first;
        beginRemoveRows({}, first, last);
        m_rows.erase(m_rows.begin() + first, m_rows.begin() + last + 1);
        endRemoveRows();
        last = first;
    }
}

void ObjectTableModel::insertItems(Rows items)
{
    const auto before = [this](const ItemPtr& a, const ItemPtr& b) { return less(*a, *b); };
    std::ranges::sort(items, before);
    std::size_t next = 0;
    while (next < items.size()) {
        const auto place = std::ranges::upper_bound(m_rows, items[next], before);
        std::size_t end = next + 1; // all that belong into the same gap go in at once
        while (end < items.size() && (place == m_rows.end() || before(items[end], *place)))
            ++end;
        const int row = static_cast<int>(place - m_rows.begin());
        beginInsertRows({}, row, row + static_cast<int>(end - next) - 1);
        m_rows.insert(place, items.begin() + static_cast<std::ptrdiff_t>(next),
                      items.begin() + static_cast<std::ptrdiff_t>(end));
        endInsertRows();
        next = end;
    }
}

} // namespace keelson::ui
