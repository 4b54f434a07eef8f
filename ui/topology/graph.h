// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "models/item.h"
#include "models/summary.h"

#include <QHash>
#include <QRectF>
#include <QSet>

namespace keelson::ui {

enum class GroupBy { NameSpace, Node };

/// One thing on the map: an object, or the pods of one owner together.
struct GraphNode {
    enum class Kind { Service, Deployment, ReplicaSet, Pod, Stack, Node };
    QString id; ///< The object's uid; "stack/<owner>/<group>" for a stack. Stable.
    Kind kind = Kind::Pod;
    ItemPtr item;          ///< Of a stack: its owner, or null when the owner is not known.
    QVector<ItemPtr> pods; ///< Of a stack: all of them, none is dropped.
    StatusCounts counts;   ///< Of a stack: the pods' states.
    Status status;
    QString title;
    QString label;  ///< What its card says: the title, less the owner's name where the owner stands beside it.
    QString detail; ///< "3/3 ready", "80→8080".
    QString group;
    QString block; ///< What belongs to one application stands together.
    int column = 0;
    QRectF rect; ///< Set by `arrange`.
};

struct GraphEdge {
    enum class Kind { Selects, Owns, RunsOn } kind = Kind::Owns;
    int from = 0; ///< Indexes of nodes.
    int to = 0;
    QString label; ///< The ports of a Service.
};

struct GraphGroup {
    QString id;
    QString title;
    Status status; ///< Of a node's group.
    StatusCounts pods;
    QRectF rect; ///< Set by `arrange`.
};

struct Graph {
    QVector<GraphNode> nodes;
    QVector<GraphEdge> edges;
    QVector<GraphGroup> groups;
    QRectF bounds;

    int indexOf(const QString& id) const; ///< -1 when there is none.
};

/// What the graph is made from; shared snapshots, so that it can be made on any thread.
struct GraphInput {
    QHash<QString, ItemPtr> nodes, deployments, replicaSets, pods, services;
    QSet<QString> nameSpaces; ///< Shown; empty: all.
    GroupBy groupBy = GroupBy::NameSpace;
    bool errorsOnly = false; ///< Only applications in which something is not well.
    int stackOver = 4;       ///< More pods of one owner than this become a stack.
};

/// Pure. Nodes and edges in an order that depends on the objects alone, not on when they were heard of.
Graph buildGraph(const GraphInput& input);
/// What is said of a node that is pointed at, its title first; its age as of `clock`.
QStringList wordsOf(const GraphNode& node, const Clock& clock);

/// Which place each group and each application has. Places stay when others come and go; free ones are used again.
struct LayoutMemory {
    double aspect = 1.5;                        ///< Width to height of the view when the map was first drawn.
    int across = 0;                             ///< Columns of groups; 0: not chosen yet.
    QHash<QString, int> groups;                 ///< The order of groups.
    QHash<QString, int> columns;                ///< The column of a group.
    QHash<QString, QHash<QString, int>> blocks; ///< By group.
    QHash<QString, int> blockColumns;           ///< By group: how many applications stand side by side.
};
/// Pure but for `memory`: sets the rectangles.
void arrange(Graph& graph, LayoutMemory& memory);

} // namespace keelson::ui
