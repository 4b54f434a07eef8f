// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/summary.h"

#include <QMap>
#include <QSet>

#include <algorithm>

namespace keelson::ui {

namespace {

bool isShown(const Item& item, const QSet<QString>& nameSpaces)
{
    return nameSpaces.isEmpty() || item.nameSpace.isEmpty() || nameSpaces.contains(item.nameSpace);
}

} // namespace

StatusCounts countStatus(const QHash<QString, ItemPtr>& items, const QSet<QString>& nameSpaces)
{
    StatusCounts counts;
    for (const auto& item : items)
        if (isShown(*item, nameSpaces))
            counts.add(item->status.role);
    return counts;
}

QVector<NodeLoad> nodeLoads(const QHash<QString, ItemPtr>& nodes, const QHash<QString, ItemPtr>& pods)
{
    QMap<QString, NodeLoad> loads;
    for (const auto& node : nodes)
        loads[node->name].node = node;
    for (const auto& pod : pods) {
        const auto* facts = pod->factsAs<PodFacts>();
        if (!facts || facts->phase == QLatin1String("Succeeded") || facts->phase == QLatin1String("Failed"))
            continue;
        const auto load = loads.find(facts->node);
        if (load == loads.end())
            continue;
        load->cpuMilli += facts->cpuMilli;
        load->memoryBytes += facts->memoryBytes;
        ++load->pods;
    }
    return {loads.begin(), loads.end()};
}

QVector<ItemPtr> newestEvents(const QHash<QString, ItemPtr>& events, const QSet<QString>& nameSpaces, int most,
                              bool warningsOnly)
{
    QVector<ItemPtr> shown;
    for (const auto& event : events)
        if (isShown(*event, nameSpaces) && (!warningsOnly || event->status.role == StatusRole::Waiting))
            shown << event;
    const auto newer = [](const ItemPtr& a, const ItemPtr& b) {
        return a->createdMs != b->createdMs ? a->createdMs > b->createdMs : a->uid < b->uid;
    };
    const auto end = shown.begin() + std::min<qsizetype>(most, shown.size());
    std::partial_sort(shown.begin(), end, shown.end(), newer);
    shown.erase(end, shown.end());
    return shown;
}

} // namespace keelson::ui
