// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/item.h"

#include <QHash>
#include <QSet>

#include <array>

namespace keelson::ui {

/// How many objects of a kind are in which state.
struct StatusCounts {
    std::array<int, statusRoleCount> byRole{};
    int total = 0;

    void add(StatusRole role)
    {
        ++byRole[static_cast<std::size_t>(role)];
        ++total;
    }
    int of(StatusRole role) const { return byRole[static_cast<std::size_t>(role)]; }
};

/// What a node can carry and what its pods ask for.
struct NodeLoad {
    ItemPtr node;
    qint64 cpuMilli = 0; ///< Requested by the pods that are there and not finished.
    qint64 memoryBytes = 0;
    int pods = 0;
};

/// Pure.
StatusCounts countStatus(const QHash<QString, ItemPtr>& items, const QSet<QString>& nameSpaces);
/// By node name.
QVector<NodeLoad> nodeLoads(const QHash<QString, ItemPtr>& nodes, const QHash<QString, ItemPtr>& pods);
/// The newest events first; at most `most`. `warningsOnly` leaves out the normal ones.
QVector<ItemPtr> newestEvents(const QHash<QString, ItemPtr>& events, const QSet<QString>& nameSpaces, int most,
                              bool warningsOnly);

} // namespace keelson::ui
