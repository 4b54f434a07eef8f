// SPDX-License-Identifier: GPL-3.0-or-later
#include "topology/graph.h"

#include <algorithm>
#include <array>
#include <map>

namespace keelson::ui {

namespace {

constexpr qreal nodeWidth = 196;
constexpr qreal nodeHeight = 46;
constexpr qreal columnGap = 64;
constexpr qreal rowGap = 12;
constexpr qreal blockGap = 14;
constexpr qreal groupPadding = 20;
constexpr qreal groupHead = 40;
constexpr qreal groupGap = 44;
constexpr int flowColumns = 3;      ///< Of a node's pods.
constexpr int nodeStripColumns = 6;

using Members = std::vector<int>;

/// The first free number, remembered under `id`.
int place(QHash<QString, int>& places, const QString& id)
{
    const auto known = places.constFind(id);
    if (known != places.constEnd())
        return *known;
    QSet<int> taken;
    for (const int used : std::as_const(places))
        taken.insert(used);
    int free = 0;
    while (taken.contains(free))
        ++free;
    places.insert(id, free);
    return free;
}

/// Forgets what is not there any more, so that its place can be used again.
void forget(QHash<QString, int>& places, const QSet<QString>& present)
{
    for (auto it = places.begin(); it != places.end();)
        it = present.contains(it.key()) ? std::next(it) : places.erase(it);
}

QSizeF flow(Graph& graph, const Members& members, int columns)
{
    int i = 0;
    for (const int member : members) {
        graph.nodes[member].rect = QRectF((i % columns) * (nodeWidth + rowGap * 2), (i / columns) * (nodeHeight + rowGap), nodeWidth, nodeHeight);
        ++i;
    }
    const int across = std::clamp(i, 1, columns);
    const int down = std::max(1, (i + columns - 1) / columns);
    return {across * (nodeWidth + rowGap * 2) - rowGap * 2, down * (nodeHeight + rowGap) - rowGap};
}

/// One application: its columns side by side, each centred on the tallest.
qreal block(Graph& graph, const Members& members, qreal top, const std::array<qreal, 4>& columnLeft)
{
    std::array<int, 4> count{};
    for (const int member : members)
        ++count[static_cast<std::size_t>(graph.nodes[member].column)];
    const int tallest = *std::ranges::max_element(count);
    const qreal height = tallest * (nodeHeight + rowGap) - rowGap;
    std::array<qreal, 4> next{};
    for (std::size_t c = 0; c < 4; ++c)
        next[c] = top + (height - (count[c] * (nodeHeight + rowGap) - rowGap)) / 2;
    for (const int member : members) {
        auto& node = graph.nodes[member];
        const auto c = static_cast<std::size_t>(node.column);
        node.rect = QRectF(columnLeft[c], next[c], nodeWidth, nodeHeight);
        next[c] += nodeHeight + rowGap;
    }
    return height;
}

QSizeF columns(Graph& graph, const Members& members, QHash<QString, int>& memory)
{
    std::array<bool, 4> used{};
    QSet<QString> present;
    for (const int member : members) {
        used[static_cast<std::size_t>(graph.nodes[member].column)] = true;
        present.insert(graph.nodes[member].block);
    }
    forget(memory, present);
    std::map<int, Members> blocks;
    for (const int member : members)
        blocks[place(memory, graph.nodes[member].block)].push_back(member);
    std::array<qreal, 4> left{};
    qreal x = 0;
    for (std::size_t c = 0; c < 4; ++c) {
        left[c] = x;
        if (used[c])
            x += nodeWidth + columnGap;
    }
    qreal y = 0;
    for (const auto& [slot, of] : blocks)
        y += block(graph, of, y, left) + blockGap;
    return {std::max(nodeWidth, x - columnGap), std::max(nodeHeight, y - blockGap)};
}

} // namespace

void arrange(Graph& graph, LayoutMemory& memory)
{
    QHash<QString, Members> members;
    for (int i = 0; i < graph.nodes.size(); ++i)
        members[graph.nodes[i].group].push_back(i);
    QSet<QString> present;
    for (const auto& group : std::as_const(graph.groups))
        present.insert(group.id);
    forget(memory.groups, present);

    std::map<int, int> order; // place to group
    int strip = -1;
    for (int g = 0; g < graph.groups.size(); ++g) {
        if (graph.groups[g].id == QLatin1String("nodes"))
            strip = g;
        else
            order[place(memory.groups, graph.groups[g].id)] = g;
    }
    const auto put = [&](int g, qreal x, qreal y) {
        auto& group = graph.groups[g];
        const auto& of = members[group.id];
        const auto size = group.id.startsWith(QLatin1String("node"))
                              ? flow(graph, of, group.id == QLatin1String("nodes") ? nodeStripColumns : flowColumns)
                              : columns(graph, of, memory.blocks[group.id]);
        for (const int member : of)
            graph.nodes[member].rect.translate(x + groupPadding, y + groupHead);
        group.rect = QRectF(x, y, size.width() + 2 * groupPadding, size.height() + groupHead + groupPadding);
        return group.rect;
    };

    qreal top = 0;
    if (strip >= 0)
        top = put(strip, 0, 0).bottom() + groupGap;
    // A place has its column for good; so a group that grows moves only those below it.
    const int across = order.size() > 12 ? 4 : order.size() > 4 ? 3 : order.size() > 1 ? 2 : 1;
    std::vector<qreal> bottoms(static_cast<std::size_t>(across), top);
    std::vector<std::vector<int>> byColumn(static_cast<std::size_t>(across));
    for (const auto& [slot, g] : order)
        byColumn[static_cast<std::size_t>(slot % across)].push_back(g);
    qreal x = 0;
    for (std::size_t c = 0; c < byColumn.size(); ++c) {
        qreal widest = 0;
        for (const int g : byColumn[c]) {
            const auto rect = put(g, x, bottoms[c]);
            bottoms[c] = rect.bottom() + groupGap;
            widest = std::max(widest, rect.width());
        }
        x += widest + (widest > 0 ? groupGap : 0);
    }
    graph.bounds = {};
    for (const auto& group : std::as_const(graph.groups))
        graph.bounds |= group.rect;
}

} // namespace keelson::ui
