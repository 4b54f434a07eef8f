// SPDX-License-Identifier: GPL-3.0-or-later
#include "design/layout.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

namespace keelson::design {

namespace {

constexpr double columnStep = cardWidth + 6 * raster;
constexpr double rowStep = cardHeight + 2 * raster;
constexpr double blockGap = 3 * raster;
constexpr double regionGap = 5 * raster; ///< Of which frames take a part.
constexpr int sweeps = 4;
constexpr std::size_t acrossMax = 12;
constexpr std::size_t looseMax = 8; ///< Up to so many cards without relations stand in columns by their kinds.

/// From what is reached from outside to what everything else rests on.
int columnOf(std::string_view kind)
{
    static const std::map<std::string_view, int> columns{
        {"Ingress", 0},       {"Service", 1},     {"HorizontalPodAutoscaler", 1}, {"PodDisruptionBudget", 1},
        {"NetworkPolicy", 1}, {"RoleBinding", 1}, {"ClusterRoleBinding", 1}};
    if (!manifests::podSpecPath(kind).empty())
        return 2;
    const auto known = columns.find(kind);
    return known == columns.end() ? 3 : known->second;
}

/// Cards that are connected, by columns, each from top to bottom.
struct Block {
    std::vector<std::vector<std::size_t>> columns;
    std::string region;
    std::size_t order = 0;

    double width() const { return static_cast<double>(columns.size()) * columnStep - (columnStep - cardWidth); }
    double height() const
    {
        std::size_t rows = 0;
        for (const auto& column : columns)
            rows = std::max(rows, column.size());
        return static_cast<double>(rows) * rowStep - (rowStep - cardHeight);
    }
};

std::size_t rootOf(std::vector<std::size_t>& parents, std::size_t card)
{
    while (parents[card] != card)
        card = parents[card] = parents[parents[card]];
    return card;
}

bool joins(const Relation& relation)
{
    return relation.kind != RelationKind::Within;
}

/// Neighbours near each other: each column is sorted by where the neighbours in the others stand.
void untangle(Block& block, const std::vector<std::vector<std::size_t>>& neighbours, std::size_t cards)
{
    std::vector<double> row(cards, 0);
    const auto number = [&row](const std::vector<std::size_t>& column) {
        for (std::size_t i = 0; i < column.size(); ++i)
            row[column[i]] = static_cast<double>(i) - static_cast<double>(column.size() - 1) / 2;
    };
    for (const auto& column : block.columns)
        number(column);
    for (int sweep = 0; sweep < sweeps; ++sweep)
        for (auto& column : block.columns) {
            std::map<std::size_t, std::pair<double, double>> wanted; // then as it was
            for (const auto card : column) {
                double sum = 0;
                for (const auto other : neighbours[card])
                    sum += row[other];
                const auto count = neighbours[card].size();
                wanted[card] = {count == 0 ? row[card] : sum / static_cast<double>(count), row[card]};
            }
            std::ranges::sort(column, {}, [&wanted](std::size_t card) { return wanted[card]; });
            number(column);
        }
}

/// Where many have no relation they need no column of their kind: columns of like length.
void spread(Block& block)
{
    std::vector<std::size_t> all;
    for (const auto& column : block.columns)
        all.insert(all.end(), column.begin(), column.end());
    if (all.size() <= looseMax)
        return;
    const auto across =
        static_cast<std::size_t>(std::max(1.0, std::round(std::sqrt(static_cast<double>(all.size()) / 2))));
    block.columns.assign(across, {});
    const auto rows = (all.size() + across - 1) / across;
    for (std::size_t i = 0; i < all.size(); ++i)
        block.columns[i / rows].push_back(all[i]);
}

/// Its own, or its namespace, which stands before all regions.
std::string regionOf(const Card& card, const Regions& regions)
{
    const auto own = regions.find(card.id);
    return own == regions.end() ? " " + card.object.nameSpace : own->second;
}

std::vector<Block> blocksOf(const std::vector<Card>& cards, const std::vector<Relation>& relations,
                            const Regions& regions)
{
    // Namespaces part no cards that are connected; regions do.
    const auto isTogether = [&](const Relation& relation) {
        const auto from = regions.find(cards[relation.from].id);
        const auto to = regions.find(cards[relation.to].id);
        return from == regions.end() || to == regions.end() ? from == to : from->second == to->second;
    };
    std::vector<std::size_t> parents(cards.size());
    std::iota(parents.begin(), parents.end(), 0);
    std::vector<std::vector<std::size_t>> neighbours(cards.size());
    for (const auto& relation : relations)
        if (joins(relation) && isTogether(relation)) {
            parents[rootOf(parents, relation.to)] = rootOf(parents, relation.from);
            neighbours[relation.from].push_back(relation.to);
            neighbours[relation.to].push_back(relation.from);
        }
    std::map<std::size_t, std::size_t> blockOf;
    std::map<std::string, std::size_t> loose; // what has no relation stands together, by region
    std::vector<Block> blocks;
    for (std::size_t i = 0; i < cards.size(); ++i) {
        if (!cards[i].isShown())
            continue;
        const auto region = regionOf(cards[i], regions);
        const auto size = blocks.size();
        const auto block = neighbours[i].empty() ? loose.emplace(region, size).first->second
                                                 : blockOf.emplace(rootOf(parents, i), size).first->second;
        if (block == size)
            blocks.push_back({std::vector<std::vector<std::size_t>>(4), region, size});
        const auto column = static_cast<std::size_t>(columnOf(cards[i].object.kind));
        blocks[block].columns[column].push_back(i);
    }
    for (const auto& [region, block] : loose)
        spread(blocks[block]);
    for (auto& block : blocks) {
        std::erase_if(block.columns, [](const auto& column) { return column.empty(); });
        untangle(block, neighbours, cards.size());
    }
    // The high ones first: what stands in a row is of like height.
    std::ranges::sort(blocks, {},
                      [](const Block& block) { return std::tuple(block.region, -block.height(), block.order); });
    return blocks;
}

/// Where blocks stand.
struct Packing {
    std::vector<Place> corners;
    double width = 0;
    double height = 0;

    /// How large it is drawn where it must fit into a view of that shape.
    double scale(double aspect) const { return std::min(aspect / std::max(width, 1.0), 1 / std::max(height, 1.0)); }
};

/// Rows of blocks as wide as so many of the widest; each region begins a row.
Packing packed(const std::vector<Block>& blocks, std::size_t across)
{
    double widest = 0;
    for (const auto& block : blocks)
        widest = std::max(widest, block.width());
    const double limit = static_cast<double>(across) * (widest + 2 * blockGap) - 2 * blockGap;
    Packing packing;
    double x = 0;
    double y = 0;
    double shelf = 0;
    const std::string* region = nullptr;
    for (const auto& block : blocks) {
        const bool isOther = region && *region != block.region;
        if (x > 0 && (x + block.width() > limit || isOther)) {
            x = 0;
            y += shelf + (isOther ? regionGap : blockGap);
            shelf = 0;
        }
        region = &block.region;
        packing.corners.push_back({x, y});
        packing.width = std::max(packing.width, x + block.width());
        packing.height = std::max(packing.height, y + block.height());
        x += block.width() + 2 * blockGap;
        shelf = std::max(shelf, block.height());
    }
    return packing;
}

bool isFree(const Places& places, Place place, CardId own)
{
    return std::ranges::none_of(places, [&](const auto& other) {
        return other.first != own && std::abs(other.second.x - place.x) < cardWidth + raster &&
               std::abs(other.second.y - place.y) < cardHeight + raster;
    });
}

} // namespace

Place snapped(Place place)
{
    return {std::round(place.x / raster) * raster, std::round(place.y / raster) * raster};
}

Places arranged(const std::vector<Card>& cards, const std::vector<Relation>& relations, double aspect,
                const Regions& regions)
{
    const auto blocks = blocksOf(cards, relations, regions);
    // As many blocks side by side as make the whole largest in a view of that shape.
    Packing best;
    for (std::size_t across = 1; across <= std::min(blocks.size(), acrossMax); ++across)
        if (auto packing = packed(blocks, across); best.corners.empty() || packing.scale(aspect) > best.scale(aspect))
            best = std::move(packing);
    Places places;
    for (std::size_t i = 0; i < blocks.size(); ++i)
        for (std::size_t column = 0; column < blocks[i].columns.size(); ++column) {
            const auto& members = blocks[i].columns[column];
            const double own = static_cast<double>(members.size()) * rowStep - (rowStep - cardHeight);
            const double top = best.corners[i].y + (blocks[i].height() - own) / 2;
            for (std::size_t row = 0; row < members.size(); ++row)
                places[cards[members[row]].id] = snapped({best.corners[i].x + static_cast<double>(column) * columnStep,
                                                          top + static_cast<double>(row) * rowStep});
        }
    return places;
}

Place freePlace(const Places& places, Place wanted, CardId own)
{
    wanted = snapped(wanted);
    if (isFree(places, wanted, own))
        return wanted;
    // Rings around the wanted place, straight below first.
    for (int ring = 1; ring <= 100; ++ring) {
        for (const auto& [dx, dy] : {std::pair{0, 1}, std::pair{0, -1}, std::pair{1, 0}, std::pair{-1, 0},
                                     std::pair{1, 1}, std::pair{-1, 1}, std::pair{1, -1}, std::pair{-1, -1}}) {
            const Place place{wanted.x + dx * ring * (cardWidth + 2 * raster), wanted.y + dy * ring * rowStep};
            if (isFree(places, place, own))
                return place;
        }
    }
    return wanted;
}

Place blockPlace(const Places& places, const Places& block, Place wanted)
{
    wanted = snapped(wanted);
    const auto fits = [&](Place corner) {
        return std::ranges::all_of(block, [&](const auto& one) {
            return isFree(places, {corner.x + one.second.x, corner.y + one.second.y}, noCard);
        });
    };
    for (int step = 0; step < 1000 && !fits(wanted); ++step)
        wanted.y += rowStep;
    return wanted;
}

Places aligned(Places places, const Places& some, Alignment alignment)
{
    if (some.size() < 2)
        return places;
    const bool isColumn =
        alignment == Alignment::Left || alignment == Alignment::Centre || alignment == Alignment::Right;
    // All cards have one size: their left edges, middles and right edges differ alike.
    std::vector<std::pair<double, CardId>> along;
    double low = std::numeric_limits<double>::max();
    double high = std::numeric_limits<double>::lowest();
    for (const auto& [id, place] : some) {
        const double across = isColumn ? place.x : place.y;
        low = std::min(low, across);
        high = std::max(high, across);
        along.emplace_back(isColumn ? place.y : place.x, id);
    }
    const double shared = alignment == Alignment::Left || alignment == Alignment::Top       ? low
                          : alignment == Alignment::Right || alignment == Alignment::Bottom ? high
                                                                                            : (low + high) / 2;
    std::ranges::sort(along);
    const double apart = (isColumn ? cardHeight : cardWidth) + raster;
    for (std::size_t i = 1; i < along.size(); ++i)
        along[i].first = std::max(along[i].first, along[i - 1].first + apart);
    for (const auto& [position, id] : along)
        places[id] = snapped(isColumn ? Place{shared, position} : Place{position, shared});
    return places;
}

void placeNew(Places& places, const std::vector<Card>& cards, const std::vector<Relation>& relations)
{
    for (std::size_t i = 0; i < cards.size(); ++i) {
        const auto& card = cards[i];
        if (!card.isShown() || places.contains(card.id))
            continue;
        std::optional<Place> wanted;
        for (const auto& relation : relations) {
            if (!joins(relation) || (relation.from != i && relation.to != i))
                continue;
            const auto other = relation.from == i ? relation.to : relation.from;
            if (const auto known = places.find(cards[other].id); known != places.end()) {
                const auto apart = columnOf(card.object.kind) - columnOf(cards[other].object.kind);
                wanted = Place{known->second.x + std::clamp(apart, -1, 1) * columnStep, known->second.y};
                break;
            }
        }
        if (!wanted) {
            wanted = Place{0, 0};
            for (const auto& [id, place] : places) {
                wanted->x = std::min(wanted->x, place.x);
                wanted->y = std::max(wanted->y, place.y + rowStep);
            }
        }
        places[card.id] = freePlace(places, *wanted);
    }
}

} // namespace keelson::design
