// SPDX-License-Identifier: GPL-3.0-or-later
#include "topology/graph.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace keelson::ui {

namespace {

constexpr qreal nodeWidth = 196;
constexpr qreal nodeHeight = 46;
constexpr std::array<qreal, 4> columnWidths{184, 188, 190, 172}; ///< Deployment, replica set, pods, services.
constexpr qreal columnGap = 44;
constexpr qreal rowGap = 12;
constexpr qreal blockGap = 14;
constexpr qreal blockColumnGap = 56;
constexpr qreal groupPadding = 20;
constexpr qreal groupHead = 40;
constexpr qreal groupGap = 28;
constexpr int flowColumns = 3;       ///< Of a node's pods.
constexpr int blocksInOneColumn = 8; ///< Of a group; more applications stand side by side.
constexpr int acrossMax = 12;
constexpr double worthMoving = 1.3; ///< How much larger the map has to become for groups to change their columns.

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
        graph.nodes[member].rect = QRectF((i % columns) * (nodeWidth + rowGap * 2),
                                          (i / columns) * (nodeHeight + rowGap), nodeWidth, nodeHeight);
        ++i;
    }
    const int across = std::clamp(i, 1, columns);
    const int down = std::max(1, (i + columns - 1) / columns);
    return {across * (nodeWidth + rowGap * 2) - rowGap * 2, down * (nodeHeight + rowGap) - rowGap};
}

/// One application: its columns side by side, each centred on the tallest.
qreal block(Graph& graph, const Members& members, QPointF at, const std::array<qreal, 4>& columnLeft)
{
    std::array<int, 4> count{};
    for (const int member : members)
        ++count[static_cast<std::size_t>(graph.nodes[member].column)];
    const int tallest = *std::ranges::max_element(count);
    const qreal height = tallest * (nodeHeight + rowGap) - rowGap;
    std::array<qreal, 4> next{};
    for (std::size_t c = 0; c < 4; ++c)
        next[c] = at.y() + (height - (count[c] * (nodeHeight + rowGap) - rowGap)) / 2;
    for (const int member : members) {
        auto& node = graph.nodes[member];
        const auto c = static_cast<std::size_t>(node.column);
        node.rect = QRectF(at.x() + columnLeft[c], next[c], columnWidths[c], nodeHeight);
        next[c] += nodeHeight + rowGap;
    }
    return height;
}

/// How many applications stand side by side: grows with their number and shrinks only when most have gone.
int sideBySide(QHash<QString, int>& memory, const QString& group, int places)
{
    const auto wanted = [](int count) {
        return count <= blocksInOneColumn ? 1 : static_cast<int>(std::ceil(std::sqrt(count / 5.0)));
    };
    auto& now = memory[group];
    if (wanted(places) > now || wanted(2 * places) < now)
        now = wanted(places);
    return now;
}

QSizeF columns(Graph& graph, const Members& members, LayoutMemory& memory, const QString& group)
{
    std::array<bool, 4> used{};
    QSet<QString> present;
    for (const int member : members) {
        used[static_cast<std::size_t>(graph.nodes[member].column)] = true;
        present.insert(graph.nodes[member].block);
    }
    auto& places = memory.blocks[group];
    forget(places, present);
    std::map<int, Members> blocks;
    for (const int member : members)
        blocks[place(places, graph.nodes[member].block)].push_back(member);
    std::array<qreal, 4> left{};
    qreal width = 0;
    for (std::size_t c = 0; c < 4; ++c) {
        left[c] = width;
        if (used[c])
            width += columnWidths[c] + columnGap;
    }
    width -= columnGap;
    const int across = sideBySide(memory.blockColumns, group, static_cast<int>(blocks.size()));
    std::vector<qreal> bottoms(static_cast<std::size_t>(across), 0);
    for (const auto& [slot, of] : blocks) {
        const auto c = static_cast<std::size_t>(slot % across);
        bottoms[c] += block(graph, of, {static_cast<qreal>(c) * (width + blockColumnGap), bottoms[c]}, left) + blockGap;
    }
    const int shown = std::min<int>(across, static_cast<int>(blocks.size()));
    return {shown * (width + blockColumnGap) - blockColumnGap,
            std::max(nodeHeight, *std::ranges::max_element(bottoms) - blockGap)};
}

/// Groups in their order, each in the column it has, or else in the shortest.
struct Packing {
    QHash<QString, int> columns;
    QSizeF size;
    double scale = 0; ///< Of the whole in a view of that shape and the height 1.
};

Packing pack(Graph& graph, const std::vector<int>& order, int across, const LayoutMemory& memory, qreal headHeight)
{
    Packing packing;
    std::vector<qreal> bottoms(static_cast<std::size_t>(across), 0), widths(static_cast<std::size_t>(across), 0);
    for (const int g : order) {
        auto& group = graph.groups[g];
        const int known = across == memory.across ? memory.columns.value(group.id, -1) : -1;
        const auto c = known >= 0 ? static_cast<std::size_t>(known)
                                  : static_cast<std::size_t>(std::ranges::min_element(bottoms) - bottoms.begin());
        packing.columns.insert(group.id, static_cast<int>(c));
        group.rect.moveTop(bottoms[c]);
        bottoms[c] += group.rect.height() + groupGap;
        widths[c] = std::max(widths[c], group.rect.width());
    }
    qreal x = 0;
    std::vector<qreal> lefts;
    for (const auto width : widths) {
        lefts.push_back(x);
        x += width > 0 ? width + groupGap : 0;
    }
    for (const int g : order)
        graph.groups[g].rect.moveLeft(lefts[static_cast<std::size_t>(packing.columns[graph.groups[g].id])]);
    packing.size = {std::max(x - groupGap, 1.0), std::max(*std::ranges::max_element(bottoms) - groupGap, 1.0)};
    packing.scale = std::min(memory.aspect / packing.size.width(), 1 / (packing.size.height() + headHeight));
    return packing;
}

/// The number of columns that shows the map largest; a map that is there keeps its own unless much is gained.
Packing packBest(Graph& graph, const std::vector<int>& order, LayoutMemory& memory, qreal headHeight)
{
    const int most = std::clamp(static_cast<int>(order.size()), 1, acrossMax);
    int best = std::clamp(memory.across, 0, most);
    double bestScale = best > 0 ? pack(graph, order, best, memory, headHeight).scale * worthMoving : 0;
    for (int across = 1; across <= most; ++across)
        if (const double scale = pack(graph, order, across, memory, headHeight).scale; scale > bestScale) {
            best = across;
            bestScale = scale;
        }
    auto packing = pack(graph, order, best, memory, headHeight);
    memory.across = best;
    memory.columns = packing.columns;
    return packing;
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

    int strip = -1;
    std::map<int, int> places; // place to group
    for (int g = 0; g < graph.groups.size(); ++g) {
        auto& group = graph.groups[g];
        if (group.id == QLatin1String("nodes")) {
            strip = g;
            continue;
        }
        places[place(memory.groups, group.id)] = g;
        const auto size = group.id.startsWith(QLatin1String("node"))
                              ? flow(graph, members[group.id], flowColumns)
                              : columns(graph, members[group.id], memory, group.id);
        group.rect = QRectF(QPointF(), size + QSizeF(2 * groupPadding, groupHead + groupPadding));
    }
    std::vector<int> order;
    for (const auto& [slot, g] : places)
        order.push_back(g);
    const auto headHeight = strip >= 0 ? nodeHeight + groupHead + groupPadding + groupGap : 0;
    const auto packed = packBest(graph, order, memory, headHeight);
    qreal top = 0;
    if (strip >= 0) {
        const auto count = static_cast<double>(members[QStringLiteral("nodes")].size());
        const int fitting = static_cast<int>((packed.size.width() - 2 * groupPadding) / (nodeWidth + 2 * rowGap));
        const int square = static_cast<int>(std::sqrt(count * memory.aspect * (nodeHeight + rowGap) / nodeWidth));
        const auto size = flow(graph, members[QStringLiteral("nodes")], std::max({1, fitting, square}));
        auto& group = graph.groups[strip];
        group.rect = QRectF(QPointF(), size + QSizeF(2 * groupPadding, groupHead + groupPadding));
        group.rect.setWidth(std::max(group.rect.width(), packed.size.width()));
        top = group.rect.bottom() + groupGap;
    }
    graph.bounds = {};
    for (int g = 0; g < graph.groups.size(); ++g) {
        auto& group = graph.groups[g];
        if (g != strip)
            group.rect.translate(0, top);
        for (const int member : members[group.id])
            graph.nodes[member].rect.translate(group.rect.topLeft() + QPointF(groupPadding, groupHead));
        graph.bounds |= group.rect;
    }
}

} // namespace keelson::ui
