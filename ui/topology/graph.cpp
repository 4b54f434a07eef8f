// SPDX-License-Identifier: GPL-3.0-or-later
#include "topology/graph.h"

#include "models/natural_order.h"
#include "models/read.h"

#include <QCoreApplication>

#include <algorithm>
#include <tuple>

namespace keelson::ui {

namespace {

constexpr int reasonLengthMax = 90;

constexpr int deploymentColumn = 0;
constexpr int replicaSetColumn = 1;
constexpr int podColumn = 2;
constexpr int serviceColumn = 3; // on the pods' other side, so that its edges cross no card

QString tr(const char* text)
{
    return QCoreApplication::translate("Topology", text);
}

QVector<ItemPtr> sorted(const QHash<QString, ItemPtr>& items, const QSet<QString>& nameSpaces)
{
    QVector<ItemPtr> shown;
    for (const auto& item : items)
        if (nameSpaces.isEmpty() || item->nameSpace.isEmpty() || nameSpaces.contains(item->nameSpace))
            shown << item;
    std::ranges::sort(shown, [](const ItemPtr& a, const ItemPtr& b) {
        if (a->nameSpace != b->nameSpace)
            return naturalLess(a->nameSpace, b->nameSpace);
        return a->name != b->name ? naturalLess(a->name, b->name) : a->uid < b->uid;
    });
    return shown;
}

bool selects(const Labels& selector, const Labels& labels)
{
    for (auto it = selector.begin(); it != selector.end(); ++it)
        if (labels.value(it.key()) != it.value())
            return false;
    return !selector.isEmpty();
}

/// "web-7d9f-abcde" of "web-7d9f" is "…abcde": the rest stands on the owner's card.
QString lessOwner(const QString& name, const QString& owner)
{
    const bool isOwners = !owner.isEmpty() && name.size() > owner.size() + 1 && name.startsWith(owner);
    if (!isOwners)
        return name;
    return QChar(0x2026) + name.mid(owner.size() + (name[owner.size()] == QLatin1Char('-') ? 1 : 0));
}

bool isWell(StatusRole role)
{
    return role == StatusRole::Ok || role == StatusRole::Done || role == StatusRole::Ending;
}

/// The state of many: that of the worst of them.
Status worst(const StatusCounts& counts)
{
    for (const auto role : {StatusRole::Error, StatusRole::Unknown, StatusRole::Waiting, StatusRole::Progress,
                            StatusRole::Ending, StatusRole::Done})
        if (counts.of(role) > 0)
            return {role, QString::number(counts.of(role)), {}};
    return {StatusRole::Ok, {}, {}};
}

class Builder {
public:
    explicit Builder(const GraphInput& input) : m_input(input) {}

    Graph build()
    {
        collectPods();
        for (const auto& deployment : sorted(m_input.deployments, m_input.nameSpaces))
            addDeployment(deployment);
        for (const auto& set : sorted(m_input.replicaSets, m_input.nameSpaces))
            if (!m_doneSets.contains(set->uid))
                addReplicaSet(set, -1, set->uid);
        for (const auto& owner : m_ownerOrder)
            if (!m_doneOwners.contains(owner))
                addPods(owner, nullptr, -1, owner);
        for (const auto& service : sorted(m_input.services, m_input.nameSpaces))
            addService(service);
        addClusterNodes();
        if (m_input.errorsOnly)
            keepTroubles();
        makeGroups();
        return std::move(m_graph);
    }

private:
    struct Target {
        int node;
        Labels labels;
        QString nameSpace;
    };

    QString nameSpaceGroup(const QString& nameSpace) const { return QStringLiteral("ns/") + nameSpace; }

    void collectPods()
    {
        for (const auto& pod : sorted(m_input.pods, m_input.nameSpaces)) {
            const auto owner = pod->ownerUid.isEmpty() ? pod->uid : pod->ownerUid;
            if (!m_podsOf.contains(owner))
                m_ownerOrder << owner;
            m_podsOf[owner] << pod;
        }
        for (const auto& set : m_input.replicaSets)
            m_setsOf[set->ownerUid] << set;
    }

    int add(GraphNode node)
    {
        m_graph.nodes.push_back(std::move(node));
        return static_cast<int>(m_graph.nodes.size()) - 1;
    }

    void addEdge(GraphEdge::Kind kind, int from, int to, const QString& label = {})
    {
        if (from >= 0 && to >= 0)
            m_graph.edges.push_back({kind, from, to, label});
    }

    GraphNode workload(GraphNode::Kind kind, const ItemPtr& item, int column, const QString& block)
    {
        GraphNode node;
        node.id = item->uid;
        node.kind = kind;
        node.item = item;
        node.status = item->status;
        node.title = item->name;
        node.label = item->name;
        node.column = column;
        node.group = nameSpaceGroup(item->nameSpace);
        node.block = block;
        if (const auto* facts = item->factsAs<WorkloadFacts>())
            node.detail = tr("%L1 of %L2 ready").arg(facts->ready).arg(facts->wanted);
        return node;
    }

    void addDeployment(const ItemPtr& deployment)
    {
        const int at = add(workload(GraphNode::Kind::Deployment, deployment, deploymentColumn, deployment->uid));
        auto sets = m_setsOf.value(deployment->uid);
        std::ranges::sort(sets, [](const ItemPtr& a, const ItemPtr& b) {
            return std::tie(b->createdMs, a->name) < std::tie(a->createdMs, b->name);
        });
        bool isFirst = true;
        for (const auto& set : sets) {
            m_doneSets.insert(set->uid);
            const auto* facts = set->factsAs<WorkloadFacts>();
            const bool isOld = facts && facts->wanted == 0 && !m_podsOf.contains(set->uid) && !isFirst;
            if (!isOld) // what earlier rollouts left behind is not part of what runs
                addReplicaSet(set, at, deployment->uid);
            isFirst = false;
        }
    }

    void addReplicaSet(const ItemPtr& set, int owner, const QString& block)
    {
        auto node = workload(GraphNode::Kind::ReplicaSet, set, replicaSetColumn, block);
        if (owner >= 0)
            node.label = lessOwner(set->name, m_graph.nodes[owner].title);
        const int at = add(std::move(node));
        addEdge(GraphEdge::Kind::Owns, owner, at);
        addPods(set->uid, set, at, block);
    }

    void addPods(const QString& owner, const ItemPtr& ownerItem, int ownerNode, const QString& block)
    {
        m_doneOwners.insert(owner);
        QMap<QString, QVector<ItemPtr>> byGroup;
        for (const auto& pod : m_podsOf.value(owner)) {
            const auto* facts = pod->factsAs<PodFacts>();
            const auto group = m_input.groupBy == GroupBy::NameSpace
                                   ? nameSpaceGroup(pod->nameSpace)
                                   : QStringLiteral("node/") + (facts ? facts->node : QString());
            byGroup[group] << pod;
        }
        for (auto it = byGroup.cbegin(); it != byGroup.cend(); ++it) {
            if (it.value().size() > m_input.stackOver) {
                addStack(owner, ownerItem, ownerNode, block, it.key(), it.value());
                continue;
            }
            for (const auto& pod : it.value()) {
                GraphNode node;
                node.id = pod->uid;
                node.kind = GraphNode::Kind::Pod;
                node.item = pod;
                node.status = pod->status;
                node.title = pod->name;
                node.label = ownerItem && m_input.groupBy == GroupBy::NameSpace ? lessOwner(pod->name, ownerItem->name)
                                                                                : pod->name;
                node.detail = pod->status.word;
                node.column = podColumn;
                node.group = it.key();
                node.block = block;
                const int at = add(node);
                addEdge(GraphEdge::Kind::Owns, ownerNode, at);
                m_targets.push_back({at, pod->labels, pod->nameSpace});
            }
        }
    }

    void addStack(const QString& owner, const ItemPtr& ownerItem, int ownerNode, const QString& block,
                  const QString& group, const QVector<ItemPtr>& pods)
    {
        GraphNode node;
        node.id = QStringLiteral("stack/%1/%2").arg(owner, group);
        node.kind = GraphNode::Kind::Stack;
        node.item = ownerItem;
        node.pods = pods;
        for (const auto& pod : pods)
            node.counts.add(pod->status.role);
        node.status = worst(node.counts);
        node.title = tr("%L1 pods").arg(pods.size());
        node.label = node.title;
        const int bad = node.counts.total - node.counts.of(StatusRole::Ok) - node.counts.of(StatusRole::Done);
        node.detail = bad == 0 ? tr("all running") : tr("%L1 not running").arg(bad);
        node.column = podColumn;
        node.group = group;
        node.block = block;
        const int at = add(node);
        addEdge(GraphEdge::Kind::Owns, ownerNode, at);
        m_targets.push_back({at, pods.first()->labels, pods.first()->nameSpace});
    }

    void addService(const ItemPtr& service)
    {
        const auto* facts = service->factsAs<ServiceFacts>();
        GraphNode node = workload(GraphNode::Kind::Service, service, serviceColumn, service->uid);
        node.detail = facts ? facts->ports.join(QStringLiteral(", ")) : QString();
        node.status = {StatusRole::Ok, {}, {}};
        QVector<int> targets;
        for (const auto& target : m_targets)
            if (facts && target.nameSpace == service->nameSpace && selects(facts->selector, target.labels))
                targets << target.node;
        if (!targets.isEmpty())
            node.block = m_graph.nodes[targets.first()].block; // beside the application that it serves
        else if (facts)
            node.block = blockThatWouldMatch(*service, *facts);
        if (targets.isEmpty() && facts && !facts->selector.isEmpty())
            node.status = {StatusRole::Waiting, tr("No pods"), tr("No pod has the labels that this service selects.")};
        const int at = add(node);
        for (const int target : targets)
            addEdge(GraphEdge::Kind::Selects, at, target, node.detail);
    }

    /// Where the pods would be if there were any; else a place of its own.
    QString blockThatWouldMatch(const Item& service, const ServiceFacts& facts) const
    {
        for (const auto& node : m_graph.nodes) {
            const auto* workloadFacts =
                node.item && node.item->nameSpace == service.nameSpace ? node.item->factsAs<WorkloadFacts>() : nullptr;
            if (workloadFacts && selects(facts.selector, workloadFacts->selector))
                return node.block;
        }
        return service.uid;
    }

    void addClusterNodes()
    {
        QHash<QString, int> places;
        for (const auto& item : sorted(m_input.nodes, {})) {
            if (m_input.groupBy == GroupBy::Node) {
                m_nodeItems.insert(QStringLiteral("node/") + item->name, item);
                continue;
            }
            GraphNode node;
            node.id = item->uid;
            node.kind = GraphNode::Kind::Node;
            node.item = item;
            node.status = item->status;
            node.title = item->name;
            node.label = item->name;
            node.detail = item->status.word;
            node.group = QStringLiteral("nodes");
            node.block = item->uid;
            places.insert(item->name, add(node));
        }
        for (int i = 0; i < m_graph.nodes.size() && !places.isEmpty(); ++i) {
            const auto& node = m_graph.nodes[i];
            QSet<QString> hosts;
            for (const auto& pod : node.kind == GraphNode::Kind::Pod ? QVector<ItemPtr>{node.item} : node.pods)
                if (const auto* facts = pod->factsAs<PodFacts>(); facts && !facts->node.isEmpty())
                    hosts.insert(facts->node);
            for (const auto& host : hosts)
                addEdge(GraphEdge::Kind::RunsOn, i, places.value(host, -1));
        }
    }

    void keepTroubles()
    {
        QSet<QString> troubled;
        for (const auto& node : std::as_const(m_graph.nodes))
            if (!isWell(node.status.role))
                troubled.insert(node.block);
        Graph kept;
        QVector<int> moved(m_graph.nodes.size(), -1);
        for (int i = 0; i < m_graph.nodes.size(); ++i)
            if (troubled.contains(m_graph.nodes[i].block)) {
                moved[i] = static_cast<int>(kept.nodes.size());
                kept.nodes << m_graph.nodes[i];
            }
        for (auto edge : std::as_const(m_graph.edges)) {
            edge.from = moved[edge.from];
            edge.to = moved[edge.to];
            if (edge.from >= 0 && edge.to >= 0)
                kept.edges << edge;
        }
        m_graph = kept;
    }

    void makeGroups()
    {
        QMap<QString, GraphGroup> groups;
        for (auto it = m_nodeItems.cbegin(); it != m_nodeItems.cend() && !m_input.errorsOnly; ++it)
            groups[it.key()].id = it.key(); // a node without pods is shown too
        for (const auto& node : std::as_const(m_graph.nodes)) {
            auto& group = groups[node.group];
            group.id = node.group;
            if (node.kind == GraphNode::Kind::Pod)
                group.pods.add(node.status.role);
            for (const auto& pod : node.pods)
                group.pods.add(pod->status.role);
        }
        for (auto& group : groups) {
            if (group.id == QLatin1String("nodes"))
                group.title = tr("Nodes");
            else if (group.id == QLatin1String("node/"))
                group.title = tr("Not placed yet");
            else
                group.title = group.id.section(QLatin1Char('/'), 1);
            if (const auto item = m_nodeItems.value(group.id))
                group.status = item->status;
            m_graph.groups << group;
        }
    }

    const GraphInput& m_input;
    Graph m_graph;
    QHash<QString, QVector<ItemPtr>> m_podsOf;
    QHash<QString, QVector<ItemPtr>> m_setsOf;
    QHash<QString, ItemPtr> m_nodeItems; ///< By group, when grouped by node.
    QStringList m_ownerOrder;
    QSet<QString> m_doneSets, m_doneOwners;
    QVector<Target> m_targets;
};

} // namespace

int Graph::indexOf(const QString& id) const
{
    for (int i = 0; i < nodes.size(); ++i)
        if (nodes[i].id == id)
            return i;
    return -1;
}

Graph buildGraph(const GraphInput& input)
{
    return Builder(input).build();
}

QStringList wordsOf(const GraphNode& node, const Clock& clock)
{
    const bool isStack = node.kind == GraphNode::Kind::Stack;
    const auto* item = node.item.get();
    QStringList lines{node.title};
    if (item && isStack)
        lines << item->name;
    if (item)
        lines << (item->nameSpace.isEmpty() ? item->kind->kind : tr("%1 in %2").arg(item->kind->kind, item->nameSpace));
    if (!node.status.word.isEmpty() && !isStack)
        lines << node.status.word;
    if (!node.status.reason.isEmpty())
        lines << node.status.reason.left(reasonLengthMax);
    for (int i = 0; i < statusRoleCount && isStack; ++i)
        if (const int count = node.counts.of(static_cast<StatusRole>(i)))
            lines << QStringLiteral("%1 %2").arg(count).arg(statusRoleName(static_cast<StatusRole>(i)));
    if (!node.detail.isEmpty() && !isStack && node.detail != node.status.word)
        lines << node.detail;
    if (const auto* pod = item ? item->factsAs<PodFacts>() : nullptr; pod && !pod->node.isEmpty())
        lines << tr("on %1").arg(pod->node);
    if (item && item->createdMs > 0)
        lines << tr("%1 old").arg(ageText(item->createdMs, clock));
    return lines;
}

} // namespace keelson::ui
